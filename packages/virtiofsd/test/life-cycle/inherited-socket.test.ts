import { spawn } from 'node:child_process';
import { existsSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { close, SOCK_SEQPACKET, unixListen, unixSocketPair } from '@vfs/sys';
import { describe, expect, it } from 'vitest';
import { BIN, clientOf, connect, Running } from '../support/daemon.js';
import { after, temporaryDirectory } from '../support/fixture.js';

/** Runs the command with a descriptor of this process as number 3. */
function withDescriptor(fd: number, command: readonly string[], args: readonly string[]): Running {
  const started = new Running(args, command, { fds: [fd] });
  close(fd);
  return started;
}

function listening(): { fd: number; path: string; folder: string } {
  const folder = temporaryDirectory();
  const path = join(folder, 'socket');
  return { fd: unixListen(path), path, folder };
}

describe('--fd', () => {
  it('serves a socket that listens already, and leaves it where it is', async () => {
    const { fd, path, folder } = listening();
    const daemon = withDescriptor(fd, [BIN], ['--shared-dir', temporaryDirectory(), '--fd=3']);
    const frontend = await connect(path);
    await (await clientOf(frontend)).getattr(1);
    expect(readdirSync(folder)).toEqual(['socket']);
    frontend.close();
    expect((await daemon.ended).status).toBe(0);
    expect(existsSync(path)).toBe(true);
  });

  it.each([
    ['is a file', () => openSync('/dev/null', 'r'), 'is not a socket'],
    ['is connected', () => unixSocketPair()[0], 'does not listen'],
    ['keeps records', () => unixListen(join(temporaryDirectory(), 's'), { type: SOCK_SEQPACKET }), 'stream'],
  ])('refuses a descriptor that %s', async (_, make, message) => {
    const daemon = withDescriptor(make(), [BIN], ['--shared-dir', temporaryDirectory(), '--fd=3']);
    const { status, stderr } = await daemon.ended;
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^virtiofsd: the inherited descriptor 3 .*: pass a Unix stream socket that listens\n$/,
    );
    expect(stderr).toContain(message);
  });

  it('refuses a descriptor that is not open', async () => {
    const daemon = new Running(['--shared-dir', temporaryDirectory(), '--fd=777']);
    const { status, stderr } = await daemon.ended;
    expect([status, stderr]).toEqual([1, expect.stringContaining('descriptor 777 is not open')]);
  });

  it('refuses a socket of another family', async () => {
    const { Server } = await import('node:net');
    const server = new Server().listen(0);
    await new Promise((resolve) => server.once('listening', resolve));
    after(() => server.close());
    const { fd } = (server as unknown as { _handle: { fd: number } })._handle;
    const child = spawn(BIN, ['--shared-dir', temporaryDirectory(), '--fd=3'], {
      stdio: ['ignore', 'ignore', 'pipe', fd],
    });
    let stderr = '';
    child.stderr!.on('data', (text) => (stderr += text));
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(1);
    expect(stderr).toContain('is not a Unix socket');
  });
});

describe('a socket that the service manager passes', () => {
  /** As systemd does it: the pid of the process that is to have it is known only there. */
  const activated = ['sh', '-c', 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"', 'sh', BIN];

  it('is served when the command line names none', async () => {
    const { fd, path } = listening();
    const daemon = withDescriptor(fd, activated, ['--shared-dir', temporaryDirectory()]);
    await (await clientOf(await connect(path))).getattr(1);
    daemon.process.kill('SIGTERM');
    expect((await daemon.ended).status).toBe(0);
    expect(existsSync(path)).toBe(true);
  });

  it('is not taken when it is meant for another process', async () => {
    const { fd } = listening();
    const other = ['env', 'LISTEN_PID=1', 'LISTEN_FDS=1', BIN];
    expect((await withDescriptor(fd, other, ['--shared-dir', '/']).ended).status).toBe(2);
  });
});
