import { describe, expect, it } from 'vitest';
import { DriverMemory, SplitDriver } from '../src/index.js';
import { testPeers } from './peers.js';
import { rig, ringPartsIn, turn, until } from './support.js';

describe('DriverQueue', () => {
  it('lets requests wait for room, in order', async () => {
    const order: number[] = [];
    using r = rig({
      handle(chain) {
        const bytes = new Uint8Array(1);
        chain.readable.copyOut(0, bytes, 0, 1);
        order.push(bytes[0]!);
        chain.complete(0);
      },
    });
    const frontend = await r.connect();
    const queue = await frontend.startQueue(0, { size: 2 });
    const requests = Array.from({ length: 50 }, (_, i) => {
      const buffer = frontend.memory.allocate(1);
      buffer.u8[0] = i;
      return queue.submit([buffer], []);
    });
    expect(queue.outstanding).toBe(50);
    await Promise.all(requests);
    expect(order).toEqual(Array.from({ length: 50 }, (_, i) => i));
    expect(queue.outstanding).toBe(0);
  });

  it('kicks only when the device asks for it', async () => {
    using r = rig();
    const frontend = await r.connect();
    const queue = await frontend.startQueue(0);
    const buffer = frontend.memory.allocate(4);
    const done = Array.from({ length: 20 }, () => queue.submit([buffer], [buffer]));
    await Promise.all(done);
    // All were submitted before the device woke up.
    expect(queue.stats.kicks).toBe(1);
    expect(queue.stats.calls).toBeLessThanOrEqual(2);
  });

  it('fails what a device breaks, without taking the process along', async () => {
    using r = rig({ handle: () => {} });
    const frontend = await r.connect();
    const queue = await frontend.startQueue(0);
    const buffer = frontend.memory.allocate(4);
    const request = queue.submit([buffer], [buffer]);
    const { u8 } = queue.parts.used;
    const used = new DataView(u8.buffer, u8.byteOffset, u8.length);
    used.setUint32(4, 77, true);
    used.setUint16(2, 1, true);
    // A call without a device: through the back-end's own descriptor nothing would come.
    const { eventfdWrite } = await import('@vfs/sys');
    eventfdWrite(queue.callFd);
    await expect(request).rejects.toMatchObject({ code: 'BAD_DEVICE' });
    await expect(queue.submit([buffer], [])).rejects.toMatchObject({ code: 'DISCONNECTED' });
    await turn(2);
    queue.close();
  });

  it('says when the connection is gone', async () => {
    using r = rig({ handle: () => {} });
    const frontend = await r.connect();
    const queue = await frontend.startQueue(0);
    const buffer = frontend.memory.allocate(4);
    const request = queue.submit([buffer], [buffer]);
    await turn(3);
    r.backend.close();
    await expect(request).rejects.toMatchObject({ code: 'DISCONNECTED' });
    await until(() => queue.outstanding === 0);
    await expect(frontend.stopQueue(queue)).rejects.toMatchObject({ code: 'DISCONNECTED' });
  });
});

describe('SplitDriver', () => {
  it('refuses requests that can never fit, and puts off those that do not fit now', () => {
    using memory = new DriverMemory([{ size: 2 ** 16 }]);
    const driver = new SplitDriver<number>(
      { size: 4, eventIndex: false, indirect: false },
      ringPartsIn(memory, 4),
    );
    const segment = { address: 0, length: 1 };
    expect(() => driver.add([], [], 0)).toThrow(/0 buffers/);
    expect(() => driver.add([segment, segment, segment], [segment, segment], 0)).toThrow(/5 buffers/);
    expect(driver.add([segment, segment], [segment], 1)).toBe(true);
    expect(driver.add([segment], [segment], 2)).toBe(false);
    expect(driver.add([segment], [], 3)).toBe(true);
    expect(driver.outstanding).toBe(2);
    expect(driver.abandon()).toEqual([1, 3]);
  });

  it('does not believe a device that returns more than it was given', () => {
    using memory = new DriverMemory([{ size: 2 ** 16 }]);
    const parts = ringPartsIn(memory, 4);
    const driver = new SplitDriver<number>({ size: 4, eventIndex: false, indirect: false }, parts);
    driver.add([], [{ address: 0, length: 10 }], 1);
    driver.publish();
    const used = new DataView(parts.used.buffer, parts.used.byteOffset, parts.used.length);
    used.setUint32(8, 11, true);
    used.setUint16(2, 1, true);
    expect(() => driver.reap()).toThrow(/wrote 11 bytes into 10/);
  });
});

testPeers();
