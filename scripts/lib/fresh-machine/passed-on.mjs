// @ts-check
import { cpSync, existsSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { output, which } from '../run.mjs';
import { MissingError } from '../system-packages.mjs';

/**
 * What a fresh machine has of the one that it runs on: Node with its npm, and how to reach the network from here. Passwords of
 * registries are not passed on.
 */

const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';
const NETWORK_FILES = ['/etc/resolv.conf', '/etc/hosts', CERTIFICATES];
const NETWORK_VARIABLES = /^(?:(?:https?|ftp|all|no)_proxy|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|SSL_CERT_DIR)$/i;
const NPM_KEYS = ['registry', 'cafile', 'proxy', 'https-proxy', 'noproxy', 'strict-ssl'];
const NPM_DEFAULTS = new Set(['https://registry.npmjs.org/', 'true', '', 'null']);

/**
 * The variables that say how to reach the network.
 * @param {NodeJS.ProcessEnv} environment
 * @returns {Record<string, string>}
 */
export function networkVariables(environment) {
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      NETWORK_VARIABLES.test(name) && value ? [[name, value]] : [],
    ),
  );
}

/**
 * The lines of an npmrc that say where packages come from, where that is not npm's default.
 * @param {Readonly<Record<string, unknown>>} settings what `npm config ls --json` prints
 */
export function npmConfiguration(settings) {
  return NPM_KEYS.map((key) => [key, `${settings[key] ?? ''}`])
    .filter(([, value]) => !NPM_DEFAULTS.has(value ?? ''))
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}

/**
 * Copies the Node that runs this, with its npm and its headers, into /usr/local of a tree.
 * @param {string} tree
 */
export function passNodeOn(tree) {
  const node = realpathSync(process.execPath);
  const npm = which('npm');
  const modules = npm === null ? '' : dirname(dirname(realpathSync(npm)));
  if (!existsSync(join(modules, 'bin/npx-cli.js'))) {
    throw new MissingError('npm is not where it can be copied from: install it as it comes with Node');
  }
  const local = join(tree, 'usr/local');
  mkdirSync(join(local, 'lib/node_modules'), { recursive: true });
  cpSync(node, join(local, 'bin/node'));
  cpSync(modules, join(local, 'lib/node_modules/npm'), { recursive: true, verbatimSymlinks: true });
  for (const name of ['npm', 'npx']) {
    symlinkSync(`../lib/node_modules/npm/bin/${name}-cli.js`, join(local, 'bin', name));
  }
  const headers = join(dirname(dirname(node)), 'include/node');
  if (existsSync(headers)) cpSync(headers, join(local, 'include/node'), { recursive: true });
}

/**
 * Tells a tree how to reach the network: names, certificates, npm's registry.
 * @param {string} tree
 */
export function passNetworkOn(tree) {
  const settings = JSON.parse(output('npm', ['config', 'ls', '--json']) ?? '{}');
  mkdirSync(join(tree, 'usr/local/etc'), { recursive: true });
  writeFileSync(join(tree, 'usr/local/etc/npmrc'), npmConfiguration(settings));
  const { NODE_EXTRA_CA_CERTS, SSL_CERT_FILE } = process.env;
  for (const path of new Set([...NETWORK_FILES, NODE_EXTRA_CA_CERTS, SSL_CERT_FILE, settings['cafile']])) {
    if (!path || !existsSync(path)) continue;
    mkdirSync(join(tree, dirname(path)), { recursive: true });
    cpSync(realpathSync(path), join(tree, path));
  }
}
