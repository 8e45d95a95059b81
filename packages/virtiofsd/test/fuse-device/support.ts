import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { MNT_DETACH, MS_BIND, MS_SHARED, mount, umount2 } from '@vfs/sys';
import { mountFileSystem } from '../../src/fuse-device/mount.js';
import type { MountFileSystemOptions } from '../../src/fuse-device/mount-options.js';
import { Log } from '../../src/log.js';
import { PassthroughFileSystem } from '../../src/passthrough/file-system.js';
import { Share, type ShareOptions } from '../../src/passthrough/share.js';
import { type Ended, Running } from '../support/daemon.js';
import { after, temporaryDirectory } from '../support/fixture.js';

/** A folder that the command serves to this machine. */
export interface Mounted {
  readonly command: Running;
  /** The folder itself. */
  readonly directory: string;
  /** Where it is mounted. */
  readonly mountpoint: string;
}

/**
 * Two empty directories. What is mounted at the second one is gone after the test; and what is unmounted there is unmounted in the mount
 * namespaces that other tests, and the daemons they start, have made meanwhile.
 */
export async function places(parent?: string): Promise<{ directory: string; mountpoint: string }> {
  const base = temporaryDirectory(parent);
  if (process.geteuid!() === 0) {
    mount(base, { source: base, flags: MS_BIND });
    after(() => umount2(base, MNT_DETACH));
    mount(base, { flags: MS_SHARED });
  }
  const [directory, mountpoint] = [join(base, 'served'), join(base, 'mount')];
  for (const path of [directory, mountpoint]) await mkdir(path);
  after(() => {
    while (isMounted(mountpoint)) umount2(mountpoint, MNT_DETACH);
  });
  return { directory, mountpoint };
}

/** Serves an empty folder, by the command, as root. */
export async function mounted(...args: string[]): Promise<Mounted> {
  return serve(await places(), ...args);
}

/** Serves a given folder. */
export async function serve(
  { directory, mountpoint }: { directory: string; mountpoint: string },
  ...args: string[]
): Promise<Mounted> {
  const command = new Running(['mount', ...args, directory, mountpoint]);
  await command.logged('is mounted at');
  return { command, directory, mountpoint };
}

/** A folder that this process serves to this machine, until it is disposed of. */
export interface ServedHere extends AsyncDisposable {
  readonly directory: string;
  readonly mountpoint: string;
  readonly share: Share;
  readonly messages: readonly string[];
}

/** Serves an empty folder with given settings. Only other processes, or asynchronous calls, may use the mount. */
export async function servedHere(
  settings: Partial<ShareOptions> = {},
  options: MountFileSystemOptions = {},
): Promise<ServedHere> {
  const { directory, mountpoint } = await places();
  // For users other than root.
  for (const path of [join(directory, '..'), directory, mountpoint]) await chmod(path, 0o755);
  const messages: string[] = [];
  const log = new Log('info', (line) => messages.push(line));
  const share = new Share({ directory, log: log.module('passthrough'), ...settings });
  const mount = await mountFileSystem(new PassthroughFileSystem(share), mountpoint, {
    trusted: true,
    log: log.module('fuse'),
    ...options,
  });
  return {
    directory,
    mountpoint,
    share,
    messages,
    async [Symbol.asyncDispose]() {
      await mount.unmount();
      share[Symbol.dispose]();
    },
  };
}

/** Ends the command by a signal and waits for it. */
export function end({ command }: Mounted, signal: NodeJS.Signals = 'SIGTERM'): Promise<Ended> {
  command.process.kill(signal);
  return command.ended;
}

/** Whether anything is mounted at a path; asks nobody but the kernel. */
export function isMounted(path: string): boolean {
  return mountLine(path) !== undefined;
}

/** The line of the topmost mount at a path. */
export function mountLine(path: string): string | undefined {
  const lines = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  return lines.findLast((line) => line.split(' ')[4] === path);
}

/** What a program did. */
export interface Result {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, while this process goes on serving. */
export function program(file: string, ...args: string[]): Promise<Result> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (text) => (stdout += text));
    child.stderr.on('data', (text) => (stderr += text));
    child.on('error', reject);
    child.on('close', (status, signal) => resolve({ status, signal, stdout, stderr }));
  });
}

/** Runs a script of the shell, which has to succeed: what it prints. `$1` and so on are the arguments. */
export async function shell(script: string, ...args: string[]): Promise<string> {
  const { status, signal, stdout, stderr } = await program('sh', '-ec', script, 'sh', ...args);
  if (status !== 0) throw new Error(`${script}: ${status ?? signal}: ${stderr}`);
  return stdout;
}

/** SHA-256 of a file. */
export async function checksum(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash.digest('hex');
}
