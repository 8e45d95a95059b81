import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Running } from '../support/daemon.js';
import { after, temporaryDirectory } from '../support/fixture.js';

const PACKAGE = fileURLToPath(new URL('../..', import.meta.url));
const NODE_MODULES = join(PACKAGE, 'node_modules');
const NOBODY = 65534;

/**
 * A copy of the command where every user can read it: a checkout may be in somebody's home.
 *
 * @param first - what the worker runs before all else: JavaScript, with `raw` and `MappedMemory` of @vfs/sys `onOrder(work)` for what it does
 *   when it gets SIGUSR2, and `say(text)` on standard error
 */
export function copyOfCommand(first?: string): string {
  const root = temporaryDirectory();
  chmodSync(root, 0o755);
  const take = (from: string, to: string, ...names: string[]): void => {
    for (const name of names) {
      cpSync(join(from, name), join(root, to, name), { recursive: true, dereference: true });
    }
  };
  take(PACKAGE, '.', 'package.json', 'dist', 'bin');
  for (const name of ['sys', 'fuse-proto', 'vhost-user']) {
    const from = realpathSync(join(NODE_MODULES, '@vfs', name));
    take(from, `node_modules/@vfs/${name}`, 'package.json', 'dist');
    if (name === 'sys') take(from, `node_modules/@vfs/${name}`, 'build/Release/sys.node');
  }
  const gypBuild = realpathSync(join(NODE_MODULES, '@vfs/sys/node_modules/node-gyp-build'));
  cpSync(gypBuild, join(root, 'node_modules/node-gyp-build'), { recursive: true, dereference: true });
  if (first !== undefined) {
    renameSync(join(root, 'dist/worker.cjs'), join(root, 'dist/real-worker.cjs'));
    writeFileSync(
      join(root, 'dist/worker.cjs'),
      `const { writeSync } = require('node:fs');
      const { MappedMemory, raw } = require('@vfs/sys');
      const say = (text) => writeSync(2, text + '\\n');
      const onOrder = (work) => process.on('SIGUSR2', work);
      ${first}
      require('./real-worker.cjs');`,
    );
  }
  return root;
}

/** The same as a program that becomes `nobody`. */
function readableCommand(): string {
  const root = copyOfCommand();
  const command = join(root, 'as-nobody.mjs');
  writeFileSync(
    command,
    `import { PR_SET_DUMPABLE, raw } from '@vfs/sys';
    import { main } from './dist/cli.cjs';
    if (process.geteuid() === 0) {
      process.setgroups([]);
      process.setgid(${NOBODY});
      process.setuid(${NOBODY});
      raw.prctl(PR_SET_DUMPABLE, 1, 0);
    }
    process.exit(await main(process.argv.slice(2)));`,
  );
  return command;
}

/** A daemon, and the process that serves for it. */
export interface Served {
  readonly daemon: Running;
  /** The worker's pid. */
  readonly worker: number;
  readonly directory: string;
  readonly socket: string;
}

/** Where a daemon of whichever user can be. */
export function places(): { readonly directory: string; readonly socket: string } {
  const root = temporaryDirectory();
  chmodSync(root, 0o777);
  const directory = join(root, 'share');
  mkdirSync(directory);
  chmodSync(directory, 0o777);
  writeFileSync(join(directory, 'file'), 'content');
  return { directory, socket: join(root, 'socket') };
}

/** The command as `nobody`, or as whoever runs the tests. */
export function command(user: 'nobody' | 'self'): readonly string[] | undefined {
  if (user === 'self') return undefined;
  const script = readableCommand();
  return [readableNode(dirname(script)), script];
}

/** This Node where every user can execute it: it may be in somebody's home, too. The copy, if one is needed, is in `directory`. */
export function readableNode(directory: string): string {
  for (let path = process.execPath; path !== '/'; path = dirname(path)) {
    if (statSync(path).mode & 0o001) continue;
    const copy = join(directory, 'node');
    cpSync(process.execPath, copy, { dereference: true });
    return copy;
  }
  return process.execPath;
}

/** A command whose worker runs something before all else: see {@link copyOfCommand}. */
export function commandWithWorker(first: string): readonly string[] {
  return [process.execPath, join(copyOfCommand(first), 'bin/virtiofsd.js')];
}

/** Starts a daemon and finds its worker. @param who - a user, or the command itself */
export async function startServed(
  who: 'nobody' | 'self' | readonly string[],
  args: readonly string[],
  { directory, socket } = places(),
): Promise<Served> {
  const daemon = new Running(
    ['--shared-dir', directory, '--socket-path', socket, ...args],
    typeof who === 'string' ? command(who) : who,
  );
  await daemon.logged('waiting for a connection');
  const [worker] = childrenOf(daemon.process.pid!);
  const ended = daemon.ended;
  after(async () => {
    daemon.process.kill('SIGKILL');
    await ended;
  });
  return { daemon, worker: worker!, directory, socket };
}

/** The children of a process. */
export function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`)
    .flatMap((tid) => readFileSync(`/proc/${pid}/task/${tid}/children`, 'utf8').split(' '))
    .filter((text) => text.trim() !== '')
    .map(Number);
}

/** What the descriptors of a process are, by number. */
export function descriptorsOf(pid: number): Map<number, string> {
  const fds = readdirSync(`/proc/${pid}/fd`);
  return new Map(fds.map((fd) => [Number(fd), readlinkSync(`/proc/${pid}/fd/${fd}`)]));
}

/** Waits until something holds. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  for (let i = 0; !holds(); i++) {
    if (i > 1000) throw new Error(`it did not come to pass: ${what}`);
    await setTimeout(10);
  }
}
