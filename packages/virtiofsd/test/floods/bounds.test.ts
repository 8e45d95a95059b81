/** What a guest can pile up, and what it is told when it has. docs/limits.md states these. */
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import {
  encode,
  FsyncIn,
  FUSE_FSYNC,
  FUSE_READDIR,
  FUSE_READDIRPLUS,
  ReadIn,
  ReplyError,
} from '@vfs/fuse-proto';
import { close, EAGAIN, EINVAL, errnoName, eventfd, O_CREAT, O_RDWR, raw, SysError } from '@vfs/sys';
import { describe, expect, it } from 'vitest';
import { CallPool } from '../../src/passthrough/offload.js';
import { sharedDirectory } from '../support/fixture.js';

const POLLIN = 1;

async function errnoOf(request: Promise<unknown>): Promise<string> {
  try {
    await request;
    return '';
  } catch (error) {
    return error instanceof ReplyError ? errnoName(error.errno) : (error as Error).message;
  }
}

describe('files that are open', () => {
  it('are ENFILE beyond the budget, while everything else goes on', async () => {
    const { client, share, path } = await sharedDirectory({ share: { descriptorBudget: 100 } });
    writeFileSync(path('file'), 'content');
    const { nodeid } = await client.lookup(1, 'file');
    const open: (number | bigint)[] = [];
    let refused = '';
    while (refused === '') refused = await errnoOf(client.open(nodeid).then(({ fh }) => open.push(fh)));
    expect(refused).toBe('ENFILE');
    expect(open.length).toBe(share.budget.forHandles);
    expect(await errnoOf(client.create(1, 'new', O_RDWR | O_CREAT))).toBe('ENFILE');
    await client.mkdir(1, 'directory');
    expect((await client.read(nodeid, open[0]!, 0, 100)).toString()).toBe('content');
    await client.release(nodeid, open[0]!);
    await client.create(1, 'new', O_RDWR | O_CREAT);
  });
});

describe('files without a name that the guest does not forget', () => {
  it('are as many as there are descriptors: then removing is ENFILE, and forgetting one helps', async () => {
    const { client, share } = await sharedDirectory({ share: { descriptorBudget: 60 } });
    const nodes: (number | bigint)[] = [];
    let refused = '';
    while (refused === '' && nodes.length < 1000) {
      const { nodeid } = await client.mknod(1, `${nodes.length}`, 0o100644);
      refused = await errnoOf(client.unlink(1, `${nodes.length}`));
      nodes.push(nodeid);
    }
    expect(refused).toBe('ENFILE');
    expect(nodes.length).toBeLessThanOrEqual(61);
    expect(share.nodes.size).toBeLessThanOrEqual(63);
    await client.forget(nodes[0]!);
    await client.unlink(1, `${nodes.length - 1}`);
    for (const node of nodes.slice(1)) await client.forget(node);
    expect([share.nodes.size, share.budget.used]).toEqual([1, 0]);
  });
});

describe('listings', () => {
  it.each([FUSE_READDIR, FUSE_READDIRPLUS])(
    'of any size are answered with whole entries or EINVAL, and at most 1 MiB (%i)',
    async (opcode) => {
      const { client, path } = await sharedDirectory({ parent: '/dev/shm' });
      for (let i = 0; i < 8000; i++) writeFileSync(path('x'.repeat(200) + i), '');
      const fh = await client.opendir(1);
      const list = async (size: number, room: number) => {
        const body = [encode(ReadIn, { fh, size })];
        return (await client.call(opcode, 1, body, room)).length;
      };
      for (let size = 0; size < 152; size += opcode === FUSE_READDIR ? 31 : 13) {
        const outcome = await errnoOf(list(size, 4096));
        expect(outcome === '' || outcome === errnoName(EINVAL)).toBe(true);
      }
      const longest = await list(0xffff_ffff, 4 << 20);
      expect(longest).toBeGreaterThan(900_000);
      expect(longest).toBeLessThanOrEqual(1 << 20);
      await client.releasedir(1, fh);
    },
  );
});

describe('requests that wait', () => {
  it('keep no more of what was sent than their arguments, however long they are', async () => {
    const { client, path, share } = await sharedDirectory({ share: { threadPoolSize: 1 } });
    writeFileSync(path('file'), '');
    const { nodeid } = await client.lookup(1, 'file');
    const { fh } = await client.open(nodeid, O_RDWR);
    const gate = eventfd();
    const held = share.pool!.run('poll', gate, POLLIN, -1);
    const padding = new Uint8Array(1 << 20);
    const before = process.memoryUsage().arrayBuffers;
    const count = 64;
    const waiting: Promise<unknown>[] = [];
    for (let i = 0; i < count; i++) {
      waiting.push(client.call(FUSE_FSYNC, nodeid, [encode(FsyncIn, { fh }), padding], 16));
    }
    await setImmediate();
    // Once for the transport of this test, which keeps them; not twice.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(count * 1.5 * padding.length);
    raw.eventfdWrite(gate, 1);
    await Promise.all([held, ...waiting]);
    close(gate);
  });

  it('are EAGAIN where there are too many; files are closed nevertheless, and in nobody’s way', async () => {
    const pool = new CallPool(1);
    const gate = eventfd();
    const held = pool.run('poll', gate, POLLIN, -1);
    const calls: Promise<number>[] = [];
    let refused: unknown;
    while (refused === undefined) {
      const call = pool.run('fcntl', gate, 1, 0);
      calls.push(call.catch((error) => (refused = error)));
      if (calls.length % 1000 === 0) await setImmediate();
    }
    expect(refused).toBeInstanceOf(SysError);
    expect((refused as SysError).errno).toBe(EAGAIN);
    const descriptors = Array.from({ length: 100 }, () => openSync('/dev/null', 'r'));
    const closes = descriptors.map((descriptor) => pool.close(descriptor));
    raw.eventfdWrite(gate, 1);
    expect(await Promise.all(closes)).toEqual(descriptors.map(() => 0));
    for (const descriptor of descriptors) expect(() => closeSync(descriptor)).toThrow('EBADF');
    await Promise.all([held, ...calls]);
    pool[Symbol.dispose]();
    close(gate);
  });
});
