import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { close, unixListen } from '@vfs/sys';
import { after, temporaryDirectory } from '../../support/fixture.js';

/** What came of starting a daemon. */
export interface Outcome {
  /**
   * `usage`: the command line was not understood; `failed`: it was, but the daemon did not start; `printed`: it answered and
   * ended; `served`: it waited for a machine, took a connection, and ended when that did.
   */
  readonly kind: 'usage' | 'failed' | 'printed' | 'served';
  readonly status: number | null;
  /** The permissions of the socket, octal, where it made one and served it. */
  readonly mode?: string;
  readonly stdout: string;
  readonly stderr: string;
}

const STEP = 5;
const PATIENCE = 20_000;

/**
 * Starts a daemon in a directory that has a folder `share`, a file `file`, and room for a socket `s`; connects to it where that can be done, and says what came of it.
 *
 * @param passed - with a socket that listens as descriptor 3
 */
export async function outcomeOf(command: string, args: readonly string[], passed: boolean): Promise<Outcome> {
  const directory = temporaryDirectory();
  mkdirSync(join(directory, 'share'));
  writeFileSync(join(directory, 'file'), '');
  const path = join(directory, passed ? 'passed' : 's');
  const fd = passed ? unixListen(path) : undefined;
  const { RUST_LOG: _, ...env } = process.env;
  const child = spawn(command, args, {
    cwd: directory,
    env,
    stdio: ['ignore', 'pipe', 'pipe', ...(fd === undefined ? [] : [fd])],
  });
  if (fd !== undefined) close(fd);
  after(() => child.kill('SIGKILL'));
  const texts = [collect(child, 'stdout'), collect(child, 'stderr')] as const;
  const closed = once(child, 'close');
  const mode = await connectAndLeave(child, path);
  const [status] = (await closed) as [number | null];
  const [stdout, stderr] = texts.map((text) => text()) as [string, string];
  const kind = kindOf(status, mode);
  // The permissions of a socket that is passed are not the daemon's.
  const made = kind === 'served' && mode !== undefined && !passed;
  return { kind, status, ...(made && { mode }), stdout, stderr };
}

function kindOf(status: number | null, mode: string | undefined): Outcome['kind'] {
  if (status === 0) return mode === undefined ? 'printed' : 'served';
  return status === 2 ? 'usage' : 'failed';
}

/**
 * Connects as soon as somebody listens, and leaves again: a daemon that serves ends with 0 then, and one that fails later does
 * not. @returns the permissions of the socket, nothing when the daemon has ended without one
 */
async function connectAndLeave(child: ChildProcess, path: string): Promise<string | undefined> {
  for (let waited = 0; child.exitCode === null && child.signalCode === null; waited += STEP) {
    const socket = connect(path);
    const connected = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false);
    if (connected) {
      const mode = (statSync(path).mode & 0o777).toString(8);
      socket.destroy();
      return mode;
    }
    if (waited > PATIENCE) throw new Error(`nobody listens at ${path}`);
    await setTimeout(STEP);
  }
  return undefined;
}

function collect(child: ChildProcess, stream: 'stdout' | 'stderr'): () => string {
  let text = '';
  child[stream]!.on('data', (part) => {
    text += part;
  });
  return () => text;
}
