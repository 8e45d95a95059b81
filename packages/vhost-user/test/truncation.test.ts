import { ftruncate } from '@vfs/sys';
import { describe, expect, it } from 'vitest';
import type { Frontend } from '../src/index.js';
import { openDescriptors, rig, settledDescriptors, until } from './support.js';

/** Cuts the file of the only memory region. */
function shrink(frontend: Frontend, size: number): void {
  ftruncate(frontend.memory.regions[0]!.fd, size);
}

describe('a front-end that truncates the memory it shares', () => {
  it('loses the connection for a reason that is told, and the next one is served', async () => {
    using r = rig();
    const before = await settledDescriptors();
    const frontend = await r.connect();
    const queue = await frontend.startQueue(0);
    const { address } = frontend.memory.allocate(64, 8);
    shrink(frontend, 0);
    const request = queue.submit([{ address, length: 16 }], [{ address, length: 16 }]).catch(() => {});
    await until(() => r.ended.length === 1);
    expect(r.ended[0]).toMatchObject({
      code: 'BAD_MEMORY',
      message: 'the front-end has truncated memory that it shares',
    });
    frontend.close();
    await request;
    const next = await r.connect();
    const served = await next.startQueue(0);
    const buffer = next.memory.allocate(64, 8);
    buffer.u8.set([1, 2, 3]);
    const length = await served.submit(
      [{ address: buffer.address, length: 3 }],
      [{ address: buffer.address + 32, length: 3 }],
    );
    expect([length, ...buffer.u8.subarray(32, 35)]).toEqual([3, 3, 2, 1]);
    next.close();
    await until(() => openDescriptors() <= before);
  });

  it('cannot end the process while the device still works on a request', async () => {
    const waiting: (() => void)[] = [];
    using r = rig({
      handle: (chain) => {
        waiting.push(() => {
          chain.writable.copyIn(0, Uint8Array.of(1, 2, 3), 0, 3);
          chain.complete(3);
        });
      },
    });
    const frontend = await r.connect();
    const queue = await frontend.startQueue(0);
    const { address } = frontend.memory.allocate(8192, 4096);
    const request = queue.submit([{ address, length: 16 }], [{ address, length: 4096 }]).catch(() => {});
    await until(() => waiting.length === 1);
    shrink(frontend, 0);
    waiting[0]!();
    await until(() => r.ended.length === 1);
    expect(r.ended[0]).toMatchObject({ code: 'BAD_MEMORY' });
    frontend.close();
    await request;
  });
});
