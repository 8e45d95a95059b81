// @ts-check
/**
 * How long the daemon takes from its execution until its socket is there, and what it holds in memory while it waits:
 *
 *     npm run bench:start [-- RUNS] [-- option of the daemon ...]        after npm run setup
 *
 * VFS_DAEMON names another daemon to measure, as for the tests.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { temporaryFolder } from './lib/cleanup.mjs';
import { daemonCommand } from './lib/daemon.mjs';
import { main } from './lib/main.mjs';

/** Let a process come to rest before its memory is looked at, in milliseconds. */
const REST = 2000;

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
  const daemon = await repeat(runs, () => start(command, socket));
  print('node -e 0, to its end', bare, 'ms');
  print('the daemon, to its socket', daemon, 'ms');

  const [program = '', ...words] = command;
  const child = spawn(program, words, { stdio: 'ignore' });
  while (!existsSync(socket)) await wait(1);
  await wait(REST);
  for (const { pid, name, pss, rss } of processes(child.pid ?? 0)) {
    process.stdout.write(`${name} (${pid}): ${mib(pss)} MiB proportional, ${mib(rss)} MiB resident\n`);
  }
  child.kill('SIGTERM');
  await new Promise((resolve) => child.on('close', resolve));
});

/**
 * @param {number} runs
 * @param {() => Promise<number>} once
 */
async function repeat(runs, once) {
  const times = [];
  // The first one fills the page cache.
  await once();
  for (let i = 0; i < runs; i += 1) times.push(await once());
  return times.sort((a, b) => a - b);
}

/**
 * @param {string[]} command
 * @param {string} socket
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
  const time = performance.now() - begin;
  child.kill('SIGTERM');
  await ended;
  return time;
}

/**
 * @param {string} title
 * @param {number[]} sorted
 * @param {string} unit
 */
function print(title, sorted, unit) {
  const at = (/** @type {number} */ part) => sorted[Math.floor((sorted.length - 1) * part)]?.toFixed(0);
  process.stdout.write(`${title}: median ${at(0.5)} ${unit}, fastest ${at(0)}, slowest ${at(1)}\n`);
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
