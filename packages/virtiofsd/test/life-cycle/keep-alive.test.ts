import { existsSync, lstatSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { close, F_WRLCK, O_CREAT, O_RDWR, unixConnect } from '@vfs/sys';
import { FrontendRequest } from '@vfs/vhost-user';
import { describe, expect, it } from 'vitest';
import { clientOf, connect, startDaemon, workerOf } from '../support/daemon.js';
import { sample } from '../support/sampler.js';

/** `reconnects.mjs` asks for more. */
const RECONNECTS = Number(process.env['VFS_RECONNECTS'] ?? 120);
/** How often the worker is looked at meanwhile. */
const LOOKS = 20;
const FILES = 8;
const MEMORY = [{ size: 1 << 24 }];
const WRITE_LOCK = { type: F_WRLCK, start: 0, end: 9, pid: 1 };
/** MiB by which the memory of the worker may differ from one look to the next, without anything having been lost. */
const NOISE = 8;

/** A machine that does a little of everything, and then vanishes in the midst of it. */
async function session(socket: string, cycle: number): Promise<void> {
  const frontend = await connect(socket, { memory: MEMORY });
  const client = await clientOf(frontend);
  const directory = await client.walk('dir');
  for (let i = 0; i < FILES; i++) await client.lookup(directory, `file${i}`);
  const file = await client.walk('dir', 'file0');
  const reader = await client.open(file);
  await client.opendir(1);
  const { nodeid, fh } = await client.create(1, `f${cycle % 10}`, O_RDWR | O_CREAT);
  // The machine before had it, too.
  await client.fuse.setlk(nodeid, { fh, owner: 1, lk: WRITE_LOCK });
  const inFlight: Promise<unknown>[] = [
    client.write(nodeid, fh, 0, Buffer.alloc(65_536, cycle)),
    client.read(file, reader.fh, 0, 100),
  ];
  // Of some nobody waits for the answer: they are in flight when the connection ends. One would never be answered.
  if (cycle % 3 === 0) await Promise.all(inFlight);
  else if (cycle % 3 === 1) {
    inFlight.push(
      client.fsync(nodeid, fh),
      client.fuse.setlk(nodeid, { fh, owner: 2, lk: WRITE_LOCK }, true),
    );
  }
  frontend.close();
  await Promise.allSettled(inFlight);
}

describe('--keep-alive', () => {
  it.each([[[]], [['--thread-pool-size', '2']]])(
    'serves one machine after another, and holds nothing of those that are gone %j',
    { timeout: 120_000 + RECONNECTS * 1000 },
    async (args) => {
      const options = ['--keep-alive', '--posix-lock', '--log-level', 'warn', ...args];
      const { daemon, socket, directory } = await startDaemon(...options);
      const worker = workerOf(daemon.process.pid!);
      mkdirSync(join(directory, 'dir'));
      for (let i = 0; i < FILES; i++) writeFileSync(join(directory, 'dir', `file${i}`), 'content');
      const inode = lstatSync(socket).ino;
      const holds = () => {
        const { descriptors, guestMappings } = sample(worker);
        return { descriptors, guestMappings };
      };
      const atFirst = holds();
      const memory: number[] = [];
      for (let cycle = 0; cycle < RECONNECTS; cycle++) {
        await session(socket, cycle);
        if ((cycle + 1) % Math.ceil(RECONNECTS / LOOKS) !== 0) continue;
        // What belonged to a connection is closed a moment after it.
        await expect.poll(holds, { timeout: 20_000 }).toEqual(atFirst);
        memory.push(sample(worker).own);
      }
      const each = Math.ceil(RECONNECTS / LOOKS);
      console.info(
        `MiB after each ${each} of ${RECONNECTS} machines:`,
        memory.map(Math.round).join(' '),
        atFirst,
      );
      // By the middle the heap has the size that it needs.
      expect(memory.at(-1)).toBeLessThan(memory[Math.floor(memory.length / 2)]! + NOISE);
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
