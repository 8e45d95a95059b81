/**
 * What a ring costs per request, without a device and without system calls: `pnpm bench`, after a build.
 *
 * A driver fills the ring with a batch of requests of 4 descriptors each (two to read, two to write, as GETATTR of FUSE
 * has them), the queue pops, completes and publishes them, the driver reaps. Only the queue's side is timed.
 *
 * With --json a line of JSON for each; a number says how often to repeat each.
 */
import {
  availableRingSize,
  DriverMemory,
  descriptorTableSize,
  GuestMemory,
  MemoryRegion,
  PackedDriver,
  PackedQueue,
  SplitDriver,
  SplitQueue,
  usedRingSize,
} from '../dist/index.js';

const SIZE = 1024;
const ROUNDS = 6400;
/** The best of many short runs: what else the machine does shows least there. */
const REPEATS = Number(process.argv.slice(2).find((arg) => arg !== '--json') ?? 60);

function prepare(packed, indirect, eventIndex) {
  const memory = new DriverMemory([{ size: 64 * 2 ** 20 }]);
  const { guestAddress, userAddress, size, fd } = memory.regions[0];
  const region = new MemoryRegion(
    { guestAddress: BigInt(guestAddress), userAddress, size: BigInt(size), mmapOffset: 0n },
    fd,
  );
  const table = new GuestMemory([region]);
  const parts = {
    descriptor: memory.allocate(descriptorTableSize(SIZE), 16).u8,
    available: memory.allocate(availableRingSize(SIZE), 16).u8,
    used: memory.allocate(usedRingSize(SIZE), 16).u8,
  };
  const allocate = (length) => memory.allocate(length);
  let signals = 0;
  const ring = { size: SIZE, indirect, eventIndex };
  const driver = packed
    ? new PackedDriver({ ...ring, allocate }, parts)
    : new SplitDriver({ ...ring, allocate }, parts);
  const options = { ...ring, index: 0, base: packed ? 0x8000_8000 : 0, signal: () => signals++ };
  const queue = packed ? new PackedQueue(options, table, parts) : new SplitQueue(options, table, parts);
  const buffers = Array.from({ length: 128 }, () => memory.allocate(4096, 4096));
  const requests = buffers.map(({ address }) => ({
    readable: [
      { address, length: 40 },
      { address: address + 64, length: 16 },
    ],
    writable: [
      { address: address + 2048, length: 16 },
      { address: address + 2112, length: 104 },
    ],
  }));
  return { driver, queue, requests };
}

function measure(batch, packed, indirect, eventIndex) {
  const { driver, queue, requests } = prepare(packed, indirect, eventIndex);
  const rounds = Math.ceil(ROUNDS / batch);
  let best = Number.POSITIVE_INFINITY;
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    let spent = 0n;
    for (let round = 0; round < rounds; round++) {
      for (let i = 0; i < batch; i++) {
        const { readable, writable } = requests[i];
        driver.add(readable, writable, i);
      }
      driver.publish();
      driver.enableCalls();
      const begin = process.hrtime.bigint();
      queue.disableNotifications();
      queue.hold();
      for (let chain = queue.pop(); chain !== undefined; chain = queue.pop()) chain.complete(120);
      queue.publish();
      queue.enableNotifications();
      spent += process.hrtime.bigint() - begin;
      while (driver.reap() !== undefined);
    }
    best = Math.min(best, Number(spent) / (rounds * batch));
  }
  return best;
}

for (const packed of [false, true]) {
  for (const indirect of [true, false]) {
    for (const eventIndex of [true, false]) {
      const kind = `${packed ? 'packed' : 'split '}, ${indirect ? 'indirect' : 'direct  '}`;
      const notifications = eventIndex ? 'event index' : 'flags      ';
      for (const batch of [1, 8, 32, 128]) {
        const best = measure(batch, packed, indirect, eventIndex);
        if (process.argv.includes('--json')) {
          console.log(JSON.stringify({ packed, indirect, eventIndex, batch, best }));
          continue;
        }
        const ns = best.toFixed(0);
        console.log(
          `${kind}, ${notifications}  batch ${String(batch).padStart(3)}  ${ns.padStart(5)} ns/request`,
        );
      }
    }
  }
}
