// @ts-check
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { root } from './root.mjs';
import { describeEnding, supervise } from './supervise.mjs';

/**
 * The command line of the daemon: the one of this checkout, or another with the same options that VFS_DAEMON names (words
 * parted by spaces).
 * @returns {string[]}
 */
export function daemonCommand() {
  const other = process.env['VFS_DAEMON']?.trim();
  if (other) return other.split(/\s+/);
  return [process.execPath, join(root, 'packages/virtiofsd/bin/virtiofsd.js')];
}

/**
 * Starts the daemon and waits until its socket is there.
 * @param {string | null} sharedDir null: something else is served, as `args` say
 * @param {string} socketPath
 * @param {{ args?: readonly string[], timeout?: number }} [options] more options of the daemon; seconds to wait
 * @returns {Promise<import('./supervise.mjs').Supervised>}
 */
export async function startDaemon(sharedDir, socketPath, { args = [], timeout = 30 } = {}) {
  const [command = '', ...rest] = daemonCommand();
  const daemon = supervise(command, [
    ...rest,
    ...(sharedDir === null ? [] : ['--shared-dir', sharedDir]),
    '--socket-path',
    socketPath,
    ...args,
  ]);
  const deadline = Date.now() + timeout * 1000;
  while (!existsSync(socketPath)) {
    const ending = daemon.ending();
    if (ending !== null) throw new Error(`the daemon ${describeEnding(ending)}:\n${daemon.text()}`);
    if (Date.now() > deadline) {
      daemon.kill('SIGKILL');
      throw new Error(`the daemon made no socket within ${timeout} s:\n${daemon.text()}`);
    }
    await wait(20);
  }
  return daemon;
}
