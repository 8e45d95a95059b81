import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { close, unixListen } from '@vfs/sys';
import { describe, expect, it } from 'vitest';
import { BIN, BIN_AS_NOBODY, clientOf, connect, Running, run, startDaemon } from './support/daemon.js';
import { temporaryDirectory } from './support/fixture.js';

const isRoot = process.geteuid!() === 0;
const unprivileged = [BIN_AS_NOBODY];

function places() {
  const directory = temporaryDirectory();
  const share = join(directory, 'share');
  mkdirSync(share);
  return { directory, share, socket: join(directory, 'socket') };
}

/** One line on stderr that starts with the program's name, and nothing else. */
function oneLine(stderr: string): string {
  expect(stderr).toMatch(/^virtiofsd: [^\n]+\n$/);
  return stderr;
}

describe('usage', () => {
  it('prints help and version', async () => {
    const help = await run(['--help']);
    expect(help).toMatchObject({ status: 0, stderr: '' });
    expect(help.stdout).toContain('--shared-dir <DIR>');
    expect(await run(['--version'])).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^virtiofsd \d+\.\d+\.\d+\S*\n$/),
      stderr: '',
    });
  });

  it('exits with 2 and one line for an unknown option', async () => {
    const { status, stdout, stderr } = await run(['--shard-dir', '/srv']);
    expect([status, stdout]).toEqual([2, '']);
    expect(oneLine(stderr)).toContain("unknown option '--shard-dir'");
  });
});

describe('a shared folder that cannot be shared', () => {
  it.each([
    ['does not exist', (share: string) => join(share, 'none'), 'does not exist: create it'],
    [
      'is a file',
      (share: string) => writeFileSync(join(share, 'f'), '') ?? join(share, 'f'),
      'is not a directory',
    ],
    [
      'is below a file',
      (share: string) => writeFileSync(join(share, 'f'), '') ?? join(share, 'f/x'),
      'not a directory',
    ],
    [
      'is a loop',
      (share: string) => symlinkSync('l', join(share, 'l')) ?? join(share, 'l'),
      'symbolic links',
    ],
    ['has an impossible name', (share: string) => join(share, 'x'.repeat(300)), 'longer than a path may be'],
  ])('%s: one line, status 1', async (_, make, message) => {
    const { share, socket } = places();
    const { status, stderr } = await run(['--shared-dir', make(share), '--socket-path', socket]);
    expect(status).toBe(1);
    expect(oneLine(stderr)).toContain(message);
    expect(existsSync(socket)).toBe(false);
  });

  it('is unreadable: one line, status 1', async () => {
    const { directory, share } = places();
    chmodSync(directory, 0o777);
    chmodSync(share, 0o000);
    const args = ['--shared-dir', share, '--socket-path', join(directory, 'socket')];
    const { status, stderr } = await run(args, unprivileged);
    expect(status).toBe(1);
    expect(oneLine(stderr)).toContain('is not readable for this user');
  });
});

describe('a socket path that cannot be used', () => {
  const refused = async (make: (directory: string) => string, command?: readonly string[]) => {
    const { directory, share } = places();
    chmodSync(directory, 0o755);
    chmodSync(share, 0o755);
    const socket = make(directory);
    const { status, stderr } = await run(['--shared-dir', share, '--socket-path', socket], command);
    expect(status).toBe(1);
    return { line: oneLine(stderr), socket };
  };

  it('has no folder', async () => {
    expect((await refused((d) => join(d, 'none', 's'))).line).toContain(
      "none' for the socket does not exist",
    );
  });

  it('has a file for a folder', async () => {
    const { line } = await refused((d) => writeFileSync(join(d, 'f'), '') ?? join(d, 'f', 's'));
    expect(line).toMatch(/is not a directory|ENOTDIR/);
  });

  it('has a name of more than one line, which the message has not', async () => {
    expect((await refused((d) => join(d, 'a\nb\u009b', 's'))).line).toContain('a\\nb\\x9b');
  });

  it('is too long', async () => {
    const { line } = await refused((d) => join(d, 'x'.repeat(107 - d.length)));
    expect(line).toContain('has 108 bytes, but the system takes at most 107');
  });

  it('is a file, which stays', async () => {
    const { line, socket } = await refused((d) => writeFileSync(join(d, 's'), 'data') ?? join(d, 's'));
    expect(line).toContain('exists and is not a socket');
    expect(lstatSync(socket).size).toBe(4);
  });

  it('is a link to nowhere', async () => {
    expect((await refused((d) => symlinkSync('x', join(d, 's')) ?? join(d, 's'))).line).toContain(
      'not a socket',
    );
  });

  it('is in a folder that may not be written to', async () => {
    const locked = (d: string) => {
      mkdirSync(join(d, 'locked'));
      chmodSync(join(d, 'locked'), 0o555);
      return join(d, 'locked', 's');
    };
    expect((await refused(locked, unprivileged)).line).toContain('permission denied');
  });

  it('is in use, and stays in use', async () => {
    const first = await startDaemon();
    const { share } = places();
    const { status, stderr } = await run(['--shared-dir', share, '--socket-path', first.socket]);
    expect(status).toBe(1);
    expect(oneLine(stderr)).toContain(`another daemon (process ${first.daemon.process.pid}) serves at`);
    // The first one has not noticed anything.
    await (await clientOf(await connect(first.socket))).getattr(1);
  });
});

describe('a machine', () => {
  it.runIf(isRoot)('without /proc is told of it', async () => {
    const { share, socket } = places();
    const { status, stderr } = await run(
      ['--shared-dir', share, '--socket-path', socket],
      ['unshare', '--mount', '--propagation', 'slave', 'sh', '-c', 'umount -l /proc && exec "$@"', 'sh', BIN],
    );
    expect(status).toBe(1);
    expect(oneLine(stderr)).toContain('is /proc mounted?');
    expect(existsSync(socket)).toBe(false);
  });
});

describe('a socket that a dead process left', () => {
  it('is replaced', async () => {
    const { share, socket } = places();
    close(unixListen(socket));
    const before = lstatSync(socket).ino;
    const daemon = new Running(['--shared-dir', share, '--socket-path', socket]);
    await daemon.logged('waiting for a connection');
    expect(lstatSync(socket).isSocket()).toBe(true);
    expect(before).toBeGreaterThan(0);
    daemon.process.kill('SIGTERM');
    expect((await daemon.ended).status).toBe(0);
  });
});

describe('the limit of open files', () => {
  it('is raised as far as allowed, and named when it is too low', async () => {
    const { directory, share, socket } = places();
    chmodSync(directory, 0o755);
    chmodSync(share, 0o755);
    const args = ['--shared-dir', share, '--socket-path', socket];
    const low = await run(args, ['prlimit', '--nofile=500:500', ...unprivileged]);
    expect(low.status).toBe(1);
    expect(oneLine(low.stderr)).toContain('the limit of open files is 500, but the daemon itself needs 610');
    const daemon = new Running(args, ['prlimit', '--nofile=1024:4096', BIN]);
    await daemon.logged('waiting for a connection');
    const limits = readFileSync(`/proc/${daemon.process.pid}/limits`, 'utf8');
    const soft = Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1]);
    expect(soft).toBeGreaterThanOrEqual(4096);
  });
});
