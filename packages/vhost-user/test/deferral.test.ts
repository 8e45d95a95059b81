import { expect, it } from 'vitest';
import { DriverMemory, PackedDriver, PackedQueue, SplitDriver, SplitQueue } from '../src/index.js';
import { guestMemoryOf, ringPartsIn } from './support.js';

const SIZE = 8;

it.each([false, true])(
  'what is completed before it is shown is shown together, and told once (packed: %s)',
  (packed) => {
    const memory = new DriverMemory([{ size: 2 ** 16 }]);
    const table = guestMemoryOf(memory);
    const parts = ringPartsIn(memory, SIZE, table);
    const ring = { size: SIZE, eventIndex: true, indirect: false };
    const driver = packed ? new PackedDriver(ring, parts) : new SplitDriver(ring, parts);
    const deferred: (() => void)[] = [];
    let signals = 0;
    const options = {
      ...ring,
      index: 0,
      signal: () => void signals++,
      defer: (act: () => void) => void deferred.push(act),
    };
    const queue = packed ? new PackedQueue(options, table, parts) : new SplitQueue(options, table, parts);
    const buffer = memory.allocate(16);
    for (let token = 0; token < 6; token++) driver.add([{ address: buffer.address, length: 16 }], [], token);
    driver.publish();
    driver.enableCalls();
    const chains = Array.from({ length: 6 }, () => queue.pop()!);

    for (const chain of chains.slice(0, 3)) chain.complete(0);
    expect([driver.reap(), signals, deferred.length]).toEqual([undefined, 0, 1]);
    deferred.shift()!();
    for (let i = 0; i < 3; i++) expect(driver.reap()).toBeDefined();
    expect([driver.reap(), signals]).toEqual([undefined, 1]);

    // A batch that begins meanwhile takes over; the last chain of all is shown at once.
    driver.enableCalls();
    chains[3]!.complete(0);
    queue.hold();
    deferred.shift()!();
    chains[4]!.complete(0);
    expect([driver.reap(), signals]).toEqual([undefined, 1]);
    queue.publish();
    expect([driver.reap() !== undefined, driver.reap() !== undefined, driver.reap(), signals]).toEqual([
      true,
      true,
      undefined,
      2,
    ]);
    queue.whenIdle(() => (deferred.length = 0));
    chains[5]!.complete(0);
    expect(driver.reap()).toBeDefined();
    queue.close();
    table.release();
  },
);
