import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { close, O_CREAT, O_RDWR, unixConnect } from '@vfs/sys';
import { FrontendRequest } from '@vfs/vhost-user';
import { describe, expect, it } from 'vitest';
import { clientOf, connect, startDaemon, workerOf } from '../support/daemon.js';

/** More for those who have the time: VFS_RECONNECTS=5000. */
const RECONNECTS = Number(process.env['VFS_RECONNECTS'] ?? 140);

/** What a process holds that could leak. */
function held(pid: number): { descriptors: number; mappings: number } {
  const maps = readFileSync(`/proc/${pid}/maps`, 'utf8');
  return {
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    // Guest memory and the like; the heap grows and shrinks as it likes.
    mappings: maps.split('\n').filter((line) => line.includes('memfd:') || line.includes('/dev/zero')).length,
  };
}

/** A machine that does a little of everything, and then vanishes in the midst of it. */
async function session(socket: string, cycle: number): Promise<void> {
  const frontend = await connect(socket);
  const client = await clientOf(frontend);
  const file = await client.walk('dir', 'file');
  await client.open(file);
  await client.opendir(1);
  const { nodeid, fh } = await client.create(1, `f${cycle % 10}`, O_RDWR | O_CREAT);
  const inFlight = [client.write(nodeid, fh, 0, Buffer.alloc(65_536, cycle)), client.read(file, fh, 0, 100)];
  // Of some nobody waits for the answer: they are in flight when the connection ends.
  if (cycle % 3 === 0) await Promise.allSettled(inFlight);
  frontend.close();
  await Promise.allSettled(inFlight);
}

describe('--keep-alive', () => {
  it.each([[[]], [['--thread-pool-size', '2']]])(
    'serves one machine after another, and holds nothing of those that are gone %j',
    { timeout: 120_000 + RECONNECTS * 1000 },
    async (args) => {
      const { daemon, socket, directory } = await startDaemon('--keep-alive', '--log-level', 'warn', ...args);
      const pid = workerOf(daemon.process.pid!);
      mkdirSync(join(directory, 'dir'));
      writeFileSync(join(directory, 'dir', 'file'), 'content');
      const inode = lstatSync(socket).ino;
      for (let cycle = 0; cycle < 10; cycle++) await session(socket, cycle);
      await settled(socket);
      const before = held(pid);
      for (let cycle = 0; cycle < RECONNECTS; cycle++) await session(socket, cycle);
      await settled(socket);
      expect(held(pid)).toEqual(before);
      expect(lstatSync(socket).ino).toBe(inode);
      daemon.process.kill('SIGTERM');
      const { status, stderr } = await daemon.ended;
      expect([status, stderr]).toEqual([0, '']);
      expect(existsSync(socket)).toBe(false);
    },
  );

  it('gives the next machine nothing of the one before: nodes and handles are unknown', async () => {
    const { socket, directory } = await startDaemon('--keep-alive');
    writeFileSync(join(directory, 'file'), 'content');
    const first = await connect(socket);
    const one = await clientOf(first);
    const file = await one.walk('file');
    const { fh } = await one.open(file);
    first.close();
    const two = await clientOf(await connect(socket));
    await expect(two.getattr(file)).rejects.toThrow(/ESTALE|EBADF|ENOENT/);
    await expect(two.read(1, fh, 0, 10)).rejects.toThrow();
    const again = await two.walk('file');
    expect((await two.read(again, (await two.open(again)).fh, 0, 10)).toString()).toBe('content');
  });

  it('waits for the next machine after one that breaks the protocol', async () => {
    const { daemon, socket } = await startDaemon('--keep-alive');
    const frontend = await connect(socket);
    await frontend.call(FrontendRequest.SET_VRING_NUM, { index: 77, num: 3 }).catch(() => undefined);
    await daemon.logged('queue 77');
    await (await clientOf(await connect(socket))).getattr(1);
    daemon.process.kill('SIGTERM');
    expect((await daemon.ended).status).toBe(0);
  });

  it('lets a second machine wait until the first has gone', async () => {
    const { daemon, socket } = await startDaemon('--keep-alive');
    const first = await connect(socket);
    const client = await clientOf(first);
    let served = false;
    const second = connect(socket).then(async (frontend) => {
      served = true;
      return clientOf(frontend);
    });
    for (let i = 0; i < 20; i++) await client.getattr(1);
    expect(served).toBe(false);
    first.close();
    await (await second).getattr(1);
    // One that gives up while it waits is nobody's problem.
    close(unixConnect(socket));
    await (await second).getattr(1);
    daemon.process.kill('SIGTERM');
    expect((await daemon.ended).status).toBe(0);
  });
});

/** Returns when the daemon has let go of everybody before. */
async function settled(socket: string): Promise<void> {
  const frontend = await connect(socket);
  frontend.close();
}
