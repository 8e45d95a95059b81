// @ts-check
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { output, run, which } from '../run.mjs';
import { installPackages, MissingError } from '../system-packages.mjs';
import { NAMESPACES } from './machine.mjs';

/**
 * An archive of packages: `deb URI SUITE main`.
 * @typedef {{ uri: string, suite: string }} Source
 */

/**
 * Where this system has a release of Debian, its updates and its security updates from. What it has from others is left out.
 * @param {string} uris what `apt-get update --print-uris` prints
 * @param {string} codename
 * @returns {Source[]} the release itself is the first
 */
export function debianSources(uris, codename) {
  const found = [...uris.matchAll(/^'(\S+?)\/?dists\/(\S+)\/InRelease'/gm)]
    .map(([, uri = '', suite = '']) => ({ uri, suite }))
    .filter(({ suite }) => suite === codename || suite.startsWith(`${codename}-`));
  const release = found.find(({ suite }) => suite === codename);
  return release === undefined ? [] : [release, ...found.filter((source) => source !== release)];
}

/**
 * Of the configuration of apt what the network needs: proxies, and what is checked of an archive.
 * @param {string} dump what `apt-config dump` prints
 */
export function networkConfiguration(dump) {
  const wanted = /^Acquire::(?:https?|ftp|Retries|Languages|Check-\S+|Force\S+|Allow\S+?)(?:::\S*)? "/;
  return dump
    .split('\n')
    .filter((line) => wanted.test(line))
    .map((line) => `${line}\n`)
    .join('');
}

/**
 * Makes the root file system of a Debian with nothing but apt and the certificates that it needs, and without package lists, as
 * images for containers have it. It takes its packages from where this system does.
 * @param {string} tree a folder that is not there yet
 * @param {string} codename bookworm, say
 */
export async function installDebian(tree, codename) {
  if (which('debootstrap') === null) await installPackages(['debootstrap'], 'to make a fresh machine');
  const [release, ...others] = debianSources(output('apt-get', ['update', '--print-uris']) ?? '', codename);
  if (release === undefined) {
    throw new MissingError(`apt has no archive of Debian ${codename} here, to make a fresh machine of`);
  }
  const network = networkConfiguration(output('apt-config', ['dump']) ?? '');
  const proxy = /^Acquire::http::Proxy "(.+)";$/im.exec(network)?.[1];
  await run(
    'unshare',
    [
      ...NAMESPACES,
      'debootstrap',
      ...['--variant=minbase', '--include=ca-certificates', codename, tree, release.uri],
    ],
    { title: 'debootstrap', env: { ...process.env, ...(proxy === undefined ? {} : { http_proxy: proxy }) } },
  );
  const apt = join(tree, 'etc/apt');
  const lines = [release, ...others].map(({ uri, suite }) => `deb ${uri} ${suite} main\n`);
  writeFileSync(join(apt, 'sources.list'), lines.join(''));
  writeFileSync(join(apt, 'apt.conf.d/90network'), network);
  for (const folder of ['var/lib/apt/lists', 'var/cache/apt/archives']) {
    for (const name of readdirSync(join(tree, folder))) {
      rmSync(join(tree, folder, name), { recursive: true });
    }
    mkdirSync(join(tree, folder, 'partial'));
  }
}
