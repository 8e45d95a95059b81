// @ts-check
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { say } from './log.mjs';
import { cacheDir } from './root.mjs';
import { output, run } from './run.mjs';
import { isDebian } from './system-packages.mjs';

/**
 * Other people's virtiofsd, to be tested and measured beside ours; null: not to be had here.
 * @typedef {object} Peers
 * @property {string | null} rust the one of Debian's newest, unpacked into .cache and run by its own loader
 * @property {string | null} c the one that came with QEMU up to 7.2
 */

const FOLDER = join(cacheDir, 'peers');
const RUST = join(FOLDER, 'rust-virtiofsd');
const C = '/usr/lib/qemu/virtiofsd';
const SUITE = 'sid';
/** The daemon and every library that it needs. */
const PACKAGES = ['virtiofsd', 'libc6', 'libcap-ng0', 'libgcc-s1', 'libseccomp2'];
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/**
 * The peers that are there already.
 * @returns {Peers}
 */
export function findPeers() {
  return { rust: existsSync(RUST) ? RUST : null, c: existsSync(C) ? C : null };
}

/**
 * Brings the peers that can be had, and says why one cannot. It never fails.
 * @returns {Promise<Peers>}
 */
export async function bringPeers() {
  if (findPeers().rust === null) {
    try {
      await unpackRust();
    } catch (error) {
      say(`no Rust virtiofsd to compare with: ${error instanceof Error ? error.message : error}`);
    }
  }
  const peers = findPeers();
  if (peers.c === null) say(`no C virtiofsd to compare with: QEMU has brought none (${C})`);
  return peers;
}

/**
 * What tells the tests where the peers are.
 * @param {Peers} peers
 * @returns {NodeJS.ProcessEnv}
 */
export function peersEnvironment({ rust, c }) {
  return { ...(rust === null ? {} : { VFS_PEER_RUST: rust }), ...(c === null ? {} : { VFS_PEER_C: c }) };
}

/** Unpacks the daemon and its libraries. The folder appears in the cache whole or not at all. */
async function unpackRust() {
  if (!isDebian()) throw new Error('this is no Debian system');
  mkdirSync(cacheDir, { recursive: true });
  const folder = mkdtempSync(join(cacheDir, 'peers-'));
  try {
    await download(folder);
    const unpacked = join(folder, 'unpacked', 'root');
    mkdirSync(unpacked, { recursive: true });
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.deb'))) {
      await run('dpkg', ['-x', join(folder, file), unpacked]);
    }
    const daemon = join(folder, 'unpacked', 'rust-virtiofsd');
    writeFileSync(daemon, launcher(unpacked));
    chmodSync(daemon, 0o755);
    const version = output(daemon, ['--version']);
    if (version === null) throw new Error('what was unpacked does not run');
    say(`unpacked ${version.trim()}`);
    rmSync(FOLDER, { recursive: true, force: true });
    renameSync(join(folder, 'unpacked'), FOLDER);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Downloads the packages with a package index of their own, so that nothing of the system's changes.
 * @param {string} folder
 */
async function download(folder) {
  const state = join(folder, 'apt');
  for (const part of ['lists/partial', 'cache/archives/partial']) {
    mkdirSync(join(state, part), { recursive: true });
  }
  const sources = join(state, 'sources.list');
  const trust = existsSync(KEYRING) ? `[signed-by=${KEYRING}] ` : '';
  writeFileSync(sources, `deb ${trust}${archive()} ${SUITE} main\n`);
  const options = [
    `Dir::State::Lists=${join(state, 'lists')}`,
    `Dir::Cache=${join(state, 'cache')}`,
    `Dir::Etc::SourceList=${sources}`,
    'Dir::Etc::SourceParts=/dev/null',
    // As root apt would change to a user of its own, who cannot write there.
    'APT::Sandbox::User=root',
    'Dpkg::Use-Pty=0',
  ].flatMap((option) => ['-o', option]);
  const apt = (/** @type {string[]} */ ...args) =>
    run('apt-get', [...options, '-qq', ...args], {
      cwd: folder,
      timeout: 300,
      title: `apt-get ${args.join(' ')}`,
    });
  say(`downloading virtiofsd of Debian ${SUITE} to compare with (kept in .cache, not installed)`);
  await apt('update');
  await apt('download', ...PACKAGES);
}

/** Where this system takes Debian's packages from. */
function archive() {
  const format = '$(REPO_URI) $(COMPONENT)';
  const lines = output('apt-get', ['indextargets', '--format', format, 'Created-By: Packages'])?.split('\n');
  // Updates of security have an archive of their own, which holds no whole suite.
  const uri = lines?.find((line) => line.endsWith(' main') && !line.includes('security'))?.split(' ')[0];
  if (uri === undefined) throw new Error('apt knows no archive of Debian');
  return uri;
}

/**
 * A script that runs the daemon by the loader that was unpacked with it: it is newer than the system's libraries.
 * @param {string} unpacked
 */
function launcher(unpacked) {
  const libraries = readdirSync(join(unpacked, 'usr/lib')).find((name) => name.endsWith('-linux-gnu'));
  if (libraries === undefined) throw new Error('the packages hold no libraries');
  const loader = readdirSync(join(unpacked, 'usr/lib', libraries)).find((name) =>
    name.startsWith('ld-linux'),
  );
  if (loader === undefined) throw new Error('the packages hold no loader');
  return `#!/bin/sh
root=$(dirname "$(readlink -f "$0")")/root
libraries=$root/usr/lib/${libraries}
exec "$libraries/${loader}" --library-path "$libraries" "$root/usr/libexec/virtiofsd" "$@"
`;
}
