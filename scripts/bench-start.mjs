// @ts-check
/**
 * How long the daemon takes from its execution until its socket is there, and until it has answered the first message of a front-end; and
 * what it holds in memory while it waits:
 *
 *     npm run bench:start [-- RUNS] [-- option of the daemon ...]        after npm run setup
 *
 * VFS_DAEMON names another daemon to measure, as for the tests.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { temporaryFolder } from './lib/cleanup.mjs';
import { daemonCommand } from './lib/daemon.mjs';
import { main } from './lib/main.mjs';

/** Let a process come to rest before its memory is looked at, in milliseconds. */
const REST = 2000;

// Where it is set, Node reads certificates at each start, which may take longer than all else that it does.
delete process.env['NODE_EXTRA_CA_CERTS'];

main(async (args) => {
  const [first, ...rest] = args;
  const runs = first !== undefined && /^\d+$/.test(first) ? Number(first) : 20;
  const options = first === `${runs}` ? rest : args;
  const folder = temporaryFolder();
  const share = join(folder.path, 'share');
  mkdirSync(share);
  const socket = join(folder.path, 'socket');
  const command = [...daemonCommand(), '--shared-dir', share, '--socket-path', socket, ...options];

  const bare = await repeat(runs, async () => {
    const begin = performance.now();
    spawnSync(process.execPath, ['-e', '0']);
    return performance.now() - begin;
  });
  const starts = await repeat(runs, () => start(command, socket));
  print('node -e 0, to its end', bare);
  print(
    'the daemon, to its socket',
    starts.map(({ found }) => found),
    bare,
  );
  print(
    'the daemon, to its first reply',
    starts.map(({ answered }) => answered),
    bare,
  );

  const [program = '', ...words] = command;
  const child = spawn(program, words, { stdio: 'ignore' });
  while (!existsSync(socket)) await wait(1);
  await wait(REST);
  const family = processes(child.pid ?? 0);
  for (const { pid, name, pss, rss } of family) {
    process.stdout.write(`${name} (${pid}): ${mib(pss)} MiB proportional, ${mib(rss)} MiB resident\n`);
  }
  process.stdout.write(`together: ${mib(family.reduce((sum, { pss }) => sum + pss, 0))} MiB proportional\n`);
  child.kill('SIGTERM');
  await new Promise((resolve) => child.on('close', resolve));
});

/**
 * @template T
 * @param {number} runs
 * @param {() => Promise<T>} once
 */
async function repeat(runs, once) {
  const times = [];
  // The first one fills the page cache.
  await once();
  for (let i = 0; i < runs; i += 1) times.push(await once());
  return times;
}

/**
 * Starts the daemon and ends it again.
 * @param {string[]} command
 * @param {string} socket
 * @returns milliseconds until the socket was there, and until there was a reply on it
 */
async function start([program = '', ...args], socket) {
  rmSync(socket, { force: true });
  const begin = performance.now();
  const child = spawn(program, args, { stdio: 'ignore' });
  const ended = new Promise((resolve) => child.on('close', resolve));
  while (!existsSync(socket)) {
    if (child.exitCode !== null) throw new Error(`the daemon ended with status ${child.exitCode}`);
    await wait(0.5);
  }
  const found = performance.now() - begin;
  await getFeatures(socket);
  const answered = performance.now() - begin;
  child.kill('SIGTERM');
  await ended;
  return { found, answered };
}

/** VHOST_USER_GET_FEATURES, version 1, without a payload; the reply has a u64 behind such a header. */
const GET_FEATURES = Uint32Array.of(1, 1, 0);
const REPLY_SIZE = 20;

/**
 * Asks what a front-end asks first.
 * @param {string} path
 * @returns {Promise<void>}
 */
function getFeatures(path) {
  return new Promise((resolve, reject) => {
    let size = 0;
    const connection = connect(path, () => connection.write(new Uint8Array(GET_FEATURES.buffer)));
    connection.on('error', reject);
    connection.on('data', (bytes) => {
      size += bytes.length;
      if (size < REPLY_SIZE) return;
      connection.destroy();
      resolve();
    });
    connection.on('close', () => reject(new Error('the daemon hung up')));
  });
}

/**
 * @param {string} title
 * @param {readonly number[]} times in milliseconds
 * @param {readonly number[]} [bare] those to compare with
 */
function print(title, times, bare) {
  const [fastest, median, slowest] = [0, 0.5, 1].map((part) => at(times, part).toFixed(0));
  const ratio = bare ? `, ${(at(times, 0.5) / at(bare, 0.5)).toFixed(2)} times node -e 0` : '';
  process.stdout.write(`${title}: median ${median} ms, fastest ${fastest}, slowest ${slowest}${ratio}\n`);
}

/**
 * @param {readonly number[]} times
 * @param {number} part
 */
function at(times, part) {
  return [...times].sort((a, b) => a - b)[Math.floor((times.length - 1) * part)] ?? Number.NaN;
}

/**
 * A process and those that descend from it.
 * @param {number} root
 * @returns {{ pid: number, name: string, pss: number, rss: number }[]} in KiB
 */
function processes(root) {
  const parents = new Map();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const parent = /^PPid:\s+(\d+)/m.exec(read(`/proc/${entry}/status`))?.[1];
    if (parent !== undefined) parents.set(Number(entry), Number(parent));
  }
  const family = [root];
  for (const pid of family) {
    for (const [child, parent] of parents) if (parent === pid) family.push(child);
  }
  return family.map((pid) => {
    const rollup = read(`/proc/${pid}/smaps_rollup`);
    const value = (/** @type {string} */ name) =>
      Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(rollup)?.[1] ?? 0);
    return { pid, name: read(`/proc/${pid}/comm`).trim(), pss: value('Pss'), rss: value('Rss') };
  });
}

/** @param {string} path */
function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** @param {number} kib */
function mib(kib) {
  return (kib / 1024).toFixed(1);
}
