import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type Chain,
  DriverMemory,
  PackedDriver,
  PackedInflight,
  PackedQueue,
  packedInflightSize,
  type RingDriver,
  SplitDriver,
  SplitInflight,
  SplitQueue,
  splitInflightSize,
  type VirtQueue,
} from '../src/index.js';
import { guestMemoryOf, Random, ringPartsIn } from './support.js';

/**
 * The device dies at every single store to memory that outlives it: in the middle of taking a chain, of writing used buffers,
 * of noting either. Whoever takes over has to execute exactly what the driver has not seen completed.
 */
class Death extends Error {}

/** Stores left until death; undefined: the device is immortal. */
let life: number | undefined;

function step(): void {
  if (life === undefined) return;
  if (life === 0) throw new Death();
  life--;
}

const setters = ['setUint8', 'setUint16', 'setUint32', 'setBigUint64'] as const;
const originals = setters.map((name) => DataView.prototype[name]);
const atomicStore = Atomics.store;

beforeEach(() => {
  for (const [i, name] of setters.entries()) {
    const original = originals[i] as (...args: unknown[]) => void;
    DataView.prototype[name] = function (this: DataView, ...args: unknown[]) {
      step();
      original.apply(this, args);
    } as never;
  }
  Atomics.store = ((...args: Parameters<typeof Atomics.store>) => {
    step();
    return atomicStore(...args);
  }) as typeof Atomics.store;
});

afterEach(() => {
  life = undefined;
  for (const [i, name] of setters.entries()) DataView.prototype[name] = originals[i] as never;
  Atomics.store = atomicStore;
});

const SIZE = 8;
const REQUESTS = 24;

/** A driver, and devices that come one after the other over the same ring and in-flight log. */
class Lives {
  readonly random: Random;
  readonly memory = new DriverMemory([{ size: 2 ** 18 }]);
  readonly table = guestMemoryOf(this.memory);
  readonly parts = ringPartsIn(this.memory, SIZE, this.table);
  readonly region = new Uint8Array(Math.max(splitInflightSize(SIZE), packedInflightSize(SIZE)));
  readonly driver: RingDriver<number>;
  readonly packed: boolean;
  queue: VirtQueue;
  submitted = 0;
  readonly completed = new Set<number>();
  held: { chain: Chain; id: number }[] = [];

  constructor(seed: number, packed: boolean) {
    this.random = new Random(seed);
    this.packed = packed;
    const options = {
      size: SIZE,
      eventIndex: true,
      indirect: this.random.chance(50),
      allocate: (length: number) => this.memory.allocate(length),
    };
    this.driver = packed ? new PackedDriver(options, this.parts) : new SplitDriver(options, this.parts);
    this.queue = this.born();
  }

  /** Gives the memory back before the garbage collector would. */
  [Symbol.dispose](): void {
    this.queue.close();
    this.table.release();
    this.memory[Symbol.dispose]();
  }

  born(): VirtQueue {
    const options = { index: 0, size: SIZE, eventIndex: true, indirect: true, signal: () => {} };
    const { packed, table, parts, region } = this;
    return packed
      ? new PackedQueue(
          { ...options, base: 0x8000_8000, inflight: new PackedInflight(region, SIZE) },
          table,
          parts,
        )
      : new SplitQueue({ ...options, inflight: new SplitInflight(region, SIZE) }, table, parts);
  }

  submit(): void {
    while (this.submitted < REQUESTS && this.random.chance(80)) {
      const buffer = this.memory.allocate(4);
      const rest = Array.from({ length: this.random.below(4) }, () => this.memory.allocate(4));
      new DataView(buffer.u8.buffer, buffer.u8.byteOffset, 4).setUint32(0, this.submitted, true);
      const segments = rest.map(({ address }) => ({ address, length: 4 }));
      if (!this.driver.add([{ address: buffer.address, length: 4 }], segments, this.submitted)) break;
      this.submitted++;
    }
    this.driver.publish();
  }

  reap(): void {
    for (let used = this.driver.reap(); used !== undefined; used = this.driver.reap()) {
      expect(this.completed.has(used.token)).toBe(false);
      this.completed.add(used.token);
    }
  }

  /** A batch: takes what is there, and completes some of what is in flight, in any order. */
  serve(): void {
    this.queue.hold();
    for (let chain = this.queue.pop(); chain !== undefined; chain = this.queue.pop()) {
      const bytes = new Uint8Array(4);
      chain.readable.copyOut(0, bytes, 0, 4);
      const id = new Uint32Array(bytes.buffer)[0]!;
      expect(this.completed.has(id), `request ${id} is executed again`).toBe(false);
      expect(
        this.held.some((other) => other.id === id),
        `request ${id} is executed twice`,
      ).toBe(false);
      this.held.push({ chain, id });
      if (this.random.chance(40)) this.completeOne();
    }
    while (this.held.length > 0 && this.random.chance(60)) this.completeOne();
    this.queue.publish();
  }

  completeOne(): void {
    const [one] = this.held.splice(this.random.below(this.held.length), 1);
    one!.chain.complete(0);
  }

  /** @returns whether the device died on the way */
  run(deathAt: number): boolean {
    life = deathAt;
    let died = false;
    for (let i = 0; this.completed.size < REQUESTS; i++) {
      expect(i, 'rounds without an end').toBeLessThan(2000);
      const mortal: number | undefined = life;
      life = undefined;
      this.submit();
      life = mortal;
      try {
        this.serve();
      } catch (error) {
        if (!(error instanceof Death)) throw error;
        died = true;
        life = undefined;
        this.held = [];
        this.queue.close();
        this.reap();
        // The driver does not wait for who takes over.
        this.submit();
        this.queue = this.born();
        this.serve();
        expect(this.held.map(({ id }) => id).sort((a, b) => a - b)).toEqual(this.pending());
      }
      const still: number | undefined = life;
      life = undefined;
      this.reap();
      life = still;
    }
    life = undefined;
    this.queue.close();
    this.table.release();
    this.memory[Symbol.dispose]();
    return died;
  }

  /** What the driver has shown and the device, as far as the driver can see, not completed. */
  pending(): number[] {
    this.reap();
    return Array.from({ length: this.submitted }, (_, id) => id).filter((id) => !this.completed.has(id));
  }
}

describe.each([
  ['split', false],
  ['packed', true],
])('a device of a %s ring that dies at any store', (_kind, packed) => {
  for (let seed = 1; seed <= 6; seed++) {
    it(`leaves a log of exactly what it has not completed (seed ${seed})`, () => {
      let deaths = 0;
      for (let at = 0; ; at++) {
        try {
          using lives = new Lives(seed, packed);
          if (!lives.run(at)) break;
        } catch (error) {
          throw new Error(`died at store ${at}`, { cause: error });
        }
        deaths++;
      }
      expect(deaths).toBeGreaterThan(100);
    });
  }
});
