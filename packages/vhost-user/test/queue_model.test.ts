import { describe, expect, it } from 'vitest';
import {
  type Chain,
  DriverMemory,
  PackedDriver,
  PackedQueue,
  type RingDriver,
  SplitDriver,
  SplitQueue,
  type VirtQueue,
} from '../src/index.js';
import { guestMemoryOf, Random, ringPartsIn } from './support.js';

interface Request {
  readonly id: number;
  readonly readable: { address: number; length: number }[];
  readonly writable: { address: number; length: number }[];
  readonly slot: number;
}

const SLOTS = 64;
const SLOT_SIZE = 4096;
/** Runs per kind of ring, and steps of each: together some millions. VFS_MODEL_SEEDS makes it more. */
const SEEDS = Number(process.env['VFS_MODEL_SEEDS'] ?? 40);
const STEPS = 10_000;

/**
 * A driver and a device on one ring, moved step by step in random order, each sleeping until it is notified as real ones
 * do. Every request carries its id and gets it back transformed; so a lost, doubled or torn request shows, and a missed
 * notification leaves both asleep with work to do.
 */
class Model {
  readonly random: Random;
  readonly memory = new DriverMemory([{ size: 2 ** 20 }]);
  readonly table = guestMemoryOf(this.memory);
  readonly driver: RingDriver<Request>;
  readonly queue: VirtQueue;
  readonly data = this.memory.allocate(SLOTS * SLOT_SIZE, 4096);
  readonly view = new DataView(this.data.u8.buffer, this.data.u8.byteOffset, this.data.u8.length);
  readonly freeSlots = Array.from({ length: SLOTS }, (_, i) => i);
  readonly held: Chain[] = [];
  kicked = false;
  called = false;
  deviceAwake = false;
  driverAwake = false;
  submitted = 0;
  completed = 0;
  calls = 0;
  kicks = 0;

  constructor(seed: number, size: number, eventIndex: boolean, indirect: boolean, packed: boolean) {
    this.random = new Random(seed);
    // Half of the split rings are laid out by native code.
    const parts = ringPartsIn(this.memory, size, seed % 2 === 0 ? this.table : undefined);
    const signal = () => {
      this.called = true;
      this.calls++;
    };
    const allocate = (length: number) => this.memory.allocate(length);
    const options = { index: 0, size, eventIndex, indirect, signal };
    if (packed) {
      this.driver = new PackedDriver({ size, eventIndex, indirect, allocate }, parts);
      this.queue = new PackedQueue({ ...options, base: 0x8000_8000 }, this.table, parts);
    } else {
      // Start near the end of the index space, so that it wraps.
      const base = 0xffff - this.random.below(64);
      this.driver = new SplitDriver({ size, eventIndex, indirect, allocate, base }, parts);
      new Uint16Array(parts.used.buffer, parts.used.byteOffset, 2)[1] = base;
      new Uint16Array(parts.available.buffer, parts.available.byteOffset, 2)[1] = base;
      this.queue = new SplitQueue({ ...options, base }, this.table, parts);
    }
    this.queue.enableNotifications();
    this.driver.enableCalls();
  }

  run(steps: number): void {
    for (let i = 0; i < steps; i++) this.step(true);
    // Let both come to rest: with everything submitted and completed, or something was missed.
    for (let idle = 0; idle < 1000; ) {
      const before = this.completed;
      this.step(false);
      const resting = !this.kicked && !this.called && !this.deviceAwake && !this.driverAwake;
      idle = before === this.completed && resting && this.held.length === 0 ? idle + 1 : 0;
    }
    expect(this.completed).toBe(this.submitted);
    expect(this.driver.outstanding).toBe(0);
    expect(this.queue.inFlight).toBe(0);
    this.queue.close();
    this.table.release();
    this.memory[Symbol.dispose]();
  }

  step(submitting: boolean): void {
    const { random } = this;
    switch (random.below(8)) {
      case 0:
      case 1:
        if (submitting) this.submit();
        return;
      case 2:
        if (this.driver.publish()) {
          this.kicked = true;
          this.kicks++;
        }
        return;
      case 3:
        if (this.called) {
          this.called = false;
          this.driverAwake = true;
          this.driver.disableCalls();
        }
        return;
      case 4:
        if (this.driverAwake) this.reap();
        return;
      case 5:
        if (this.kicked) {
          this.kicked = false;
          this.deviceAwake = true;
          this.queue.disableNotifications();
        }
        return;
      case 6:
        if (this.deviceAwake) this.serve();
        return;
      default:
        if (random.chance(20)) this.queue.hold();
        this.completeOne();
        // Whoever holds publishes before it sleeps; here: sometime.
        if (random.chance(50) || this.held.length === 0) this.queue.publish();
    }
  }

  submit(): void {
    const slot = this.freeSlots.pop();
    if (slot === undefined) return;
    const { random } = this;
    const at = this.data.address + slot * SLOT_SIZE;
    const id = this.submitted;
    this.view.setUint32(slot * SLOT_SIZE, id, true);
    const split = (address: number, length: number, pieces: number) => {
      const parts = [];
      let left = length;
      let from = address;
      for (let i = 0; i < pieces - 1; i++) {
        const take = random.below(left + 1);
        parts.push({ address: from, length: take });
        from += take;
        left -= take;
      }
      parts.push({ address: from, length: left });
      return parts;
    };
    const readable = split(at, 8, 1 + random.below(3));
    const writable = random.chance(80) ? split(at + 2048, 4 + random.below(64), 1 + random.below(3)) : [];
    if (this.driver.add(readable, writable, { id, readable, writable, slot })) this.submitted++;
    else this.freeSlots.push(slot);
  }

  serve(): void {
    const chain = this.queue.pop();
    if (chain !== undefined) {
      expect(chain.readable.byteLength).toBe(8);
      this.held.push(chain);
    } else if (!this.queue.enableNotifications()) {
      this.queue.publish();
      this.deviceAwake = false;
    } else {
      this.queue.disableNotifications();
    }
  }

  completeOne(): void {
    if (this.held.length === 0) return;
    const [chain] = this.held.splice(this.random.below(this.held.length), 1);
    const bytes = new Uint8Array(4);
    chain!.readable.copyOut(0, bytes, 0, 4);
    if (chain!.writable.byteLength === 0) {
      chain!.complete(0);
      return;
    }
    for (let i = 0; i < 4; i++) bytes[i]! ^= 0xff;
    chain!.writable.copyIn(0, bytes, 0, 4);
    chain!.complete(4);
  }

  reap(): void {
    const used = this.driver.reap();
    if (used === undefined) {
      if (!this.driver.enableCalls()) this.driverAwake = false;
      else this.driver.disableCalls();
      return;
    }
    const { id, slot, writable } = used.token;
    expect(used.length).toBe(writable.length === 0 ? 0 : 4);
    if (writable.length > 0) expect(this.view.getUint32(slot * SLOT_SIZE + 2048, true)).toBe(~id >>> 0);
    this.freeSlots.push(slot);
    this.completed++;
  }
}

describe('driver and device, step by step in random order', () => {
  for (const packed of [false, true]) {
    for (const eventIndex of [false, true]) {
      for (const indirect of [false, true]) {
        const kind = packed ? 'packed' : 'split';
        const features = `${eventIndex ? 'event index' : 'flags'}, ${indirect ? 'indirect' : 'direct'}`;
        it(`never lose, double or tear a request, nor miss a notification: ${kind}, ${features}`, () => {
          let calls = 0;
          let completed = 0;
          for (let seed = 1; seed <= SEEDS; seed++) {
            // A packed ring may have any size.
            const size = packed ? 5 + ((seed * 7) % 60) : 2 ** (3 + (seed % 5));
            const model = new Model(seed, size, eventIndex, indirect, packed);
            try {
              model.run(STEPS);
            } catch (error) {
              throw new Error(`seed ${seed}, ring of ${size}`, { cause: error });
            }
            calls += model.calls;
            completed += model.completed;
          }
          expect(completed).toBeGreaterThan((SEEDS * STEPS) / 25);
          // Notifications are suppressed where they are not needed.
          expect(calls).toBeLessThan(completed);
        });
      }
    }
  }
});
