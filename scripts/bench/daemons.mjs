// @ts-check
import { spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { onExit } from '../lib/cleanup.mjs';
import { daemonCommand } from '../lib/daemon.mjs';
import { findPeers } from '../lib/peers.mjs';

/** How long a daemon may take to make its socket, or to end, in milliseconds. */
const PATIENCE = 30_000;

/**
 * A daemon to be measured.
 * @typedef {object} Daemon
 * @property {string} name
 * @property {string} title
 * @property {(folder: string, socket: string, options: DaemonOptions) => string[]} command
 */
/**
 * @typedef {object} DaemonOptions
 * @property {number} [pool] threads that wait for a disk; default: none
 * @property {number} [queues] request queues; default: 1
 */

/** @type {(program: readonly string[]) => Daemon['command']} */
const modern =
  (program) =>
  (folder, socket, { pool = 0, queues = 1 }) => [
    ...program,
    '--shared-dir',
    folder,
    '--socket-path',
    socket,
    ...(pool > 0 ? [`--thread-pool-size=${pool}`] : []),
    ...(queues > 1 ? [`--num-request-queues=${queues}`] : []),
  ];

/**
 * Ours first, then those of others that are there.
 * @returns {Daemon[]}
 */
export function installedDaemons() {
  const found = findPeers();
  const rust = process.env['VFS_PEER_RUST'] ?? found.rust;
  const c = process.env['VFS_PEER_C'] ?? found.c;
  /** @type {Daemon[]} */
  const daemons = [{ name: 'ours', title: 'this daemon', command: modern(daemonCommand()) }];
  if (rust !== null) {
    daemons.push({ name: 'rust', title: 'Rust', command: modern([rust]) });
    const never = [rust, '--inode-file-handles=never'];
    daemons.push({ name: 'rust-never', title: 'Rust, no file handles', command: modern(never) });
  }
  if (c !== null) {
    daemons.push({
      name: 'c',
      title: 'C',
      command: (folder, socket, { pool = 0 }) => [
        c,
        `--socket-path=${socket}`,
        ...['-o', `source=${folder}`, '-o', 'cache=auto', `--thread-pool-size=${pool}`],
      ],
    });
  }
  return daemons;
}

/**
 * Starts a daemon, has it measured, and ends it.
 * @template T
 * @param {Daemon} daemon
 * @param {{ folder: string, work: string } & DaemonOptions} where the folder to share, and one for the socket
 * @param {(running: { socket: string, pid: number }) => Promise<T>} measure
 * @returns {Promise<T>}
 */
export async function withDaemon(daemon, { folder, work, ...options }, measure) {
  const socket = join(work, `${daemon.name}.sock`);
  rmSync(socket, { force: true });
  const [program = '', ...args] = daemon.command(folder, socket, options);
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (said = (said + text).slice(-4000)));
  const kill = () => {
    try {
      process.kill(-(child.pid ?? 0), 'SIGKILL');
    } catch {
      // It has ended.
    }
  };
  const forget = onExit(kill);
  const ended = new Promise((resolve) => child.on('close', resolve).on('error', resolve));
  try {
    for (const end = Date.now() + PATIENCE; !existsSync(socket); ) {
      if (child.exitCode !== null || child.pid === undefined || Date.now() > end) {
        throw new Error(`${daemon.title} does not start: ${said}`);
      }
      await wait(10);
    }
    return await measure({ socket, pid: child.pid ?? 0 });
  } catch (error) {
    const reason = error instanceof Error ? error.message : error;
    throw new Error(`${daemon.title}: ${reason}\n${said}`);
  } finally {
    // It ends by itself when its guest goes.
    const done = await Promise.race([ended, wait(PATIENCE, 'late')]);
    if (done === 'late') kill();
    forget();
  }
}
