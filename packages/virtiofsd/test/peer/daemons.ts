import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** One of the two daemons that are compared. */
export interface DaemonKind {
  readonly name: 'rust' | 'ours';
  /** Starts one that shares `directory` and listens at `socket`. */
  start(directory: string, socket: string, options: readonly string[]): RunningDaemon;
}

/** A daemon that was started. */
export interface RunningDaemon {
  /** Settles when the process is gone. */
  readonly ended: Promise<unknown>;
  /** What it wrote to stderr so far. */
  readonly complaints: () => string;
  kill(): void;
}

const BIN = fileURLToPath(new URL('../../bin/virtiofsd.js', import.meta.url));
const CACHED = fileURLToPath(new URL('../../../../.cache/peers/rust-virtiofsd', import.meta.url));

/** The Rust daemon, if there is one: `node scripts/peers.mjs` brings it. */
export function findRustDaemon(): string | undefined {
  const places = [process.env['VFS_PEER_RUST'], CACHED, '/usr/libexec/virtiofsd'];
  return places.find((place) => place !== undefined && existsSync(place));
}

export function rustDaemon(program: string): DaemonKind {
  return kind('rust', program);
}

export const ourDaemon: DaemonKind = kind('ours', BIN);

function kind(name: DaemonKind['name'], program: string): DaemonKind {
  return {
    name,
    start: (directory, socket, options) =>
      running(
        spawn(program, ['--shared-dir', directory, '--socket-path', socket, '--sandbox=none', ...options], {
          stdio: ['ignore', 'ignore', 'pipe'],
          // With backtraces, a panic makes a system call that its own filter forbids, and so ends it all: without, one thread.
          env: { ...process.env, RUST_BACKTRACE: '0' },
        }),
      ),
  };
}

function running(child: ChildProcess): RunningDaemon {
  let text = '';
  child.stderr!.on('data', (chunk) => (text += chunk));
  return {
    ended: new Promise((resolve) => {
      child.once('error', resolve);
      child.once('close', resolve);
    }),
    complaints: () => text,
    kill: () => child.kill('SIGKILL'),
  };
}
