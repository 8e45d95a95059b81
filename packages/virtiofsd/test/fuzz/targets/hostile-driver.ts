import {
  type Chain,
  ChainPool,
  PackedInflight,
  PackedQueue,
  RingError,
  SplitInflight,
  SplitQueue,
  UsageError,
  type VirtQueue,
  WRAP_SHIFT,
} from '@vfs/vhost-user';
import type { Choices } from '../engine/choices.js';
import type { Seen } from '../engine/target.js';
import { promised, undocumented } from './promise.js';
import { type CountedMemory, DESCRIPTOR, FREE, MAX_SIZE, type QueueMemory, REGIONS } from './queue-memory.js';

const { NEXT, WRITE, INDIRECT } = { NEXT: 1, WRITE: 2, INDIRECT: 4 };
const AVAIL = 1 << 7;
const USED = 1 << 15;
const EDGES = REGIONS.flatMap(({ guestAddress, size }) => [guestAddress, guestAddress + size]);
const LENGTHS = [
  1,
  2,
  4,
  16,
  16,
  32,
  48,
  64,
  0x1000,
  0,
  24,
  16 * 1025,
  16 * 65_536,
  16 * 65_537,
  0x7fff_ffff,
  0xffff_ffff,
];
/** No chain has more descriptors, nor takes more translations: with its indirect table. */
const MOST_TRANSLATIONS = 4 * 1024 + 2;

/** A driver that puts into a ring what an input says, and a device that takes what it finds. */
export class HostileDriver {
  readonly #memory: QueueMemory;
  readonly #packed: boolean;
  readonly #choices: Choices;
  readonly #seen: Seen;
  readonly #size: number;
  readonly #table: CountedMemory;
  readonly #queue: VirtQueue | undefined;
  readonly #held: Chain[] = [];
  /** Memory is changed while the device reads it. */
  readonly #racing: boolean;
  #reading = false;
  #broken = false;

  constructor(memory: QueueMemory, packed: boolean, choices: Choices, seen: Seen) {
    this.#memory = memory;
    this.#packed = packed;
    this.#choices = choices;
    this.#seen = seen;
    this.#size = choices.pick(packed ? [8, 4, 1, 3, 5, 16, MAX_SIZE] : [8, 4, 1, 2, 16, MAX_SIZE]);
    this.#racing = choices.oneIn(2);
    this.#table = memory.table(() => this.#race());
    const options = {
      index: 0,
      size: this.#size,
      eventIndex: choices.oneIn(2),
      indirect: !choices.oneIn(4),
      signal: () => {},
    };
    const base = packed
      ? choices.pick([0x8000_8000, 0x8000_8000, 0, choices.u32()])
      : choices.pick([0, 0xfffe, choices.below(0x1_0000)]);
    const parts = memory.parts(packed, this.#size);
    const log = choices.oneIn(3) ? this.#inflight() : undefined;
    if (!packed) memory.availableIndex = base;
    this.#queue = this.#attempt('opening a queue', () => {
      const pool = new ChainPool(0);
      if (packed)
        return new PackedQueue(
          { ...options, base, inflight: log && new PackedInflight(log, this.#size) },
          this.#table,
          parts,
          pool,
        );
      return new SplitQueue(
        { ...options, base, inflight: log && new SplitInflight(log, this.#size) },
        this.#table,
        parts,
        pool,
      );
    });
  }

  /** Changes memory also after each look of the device at an index or at flags. */
  interfere(load: typeof Atomics.load): void {
    if (!this.#racing) return;
    Atomics.load = ((array: Uint16Array, index: number) => {
      const value = load(array, index);
      this.#race();
      return value;
    }) as typeof load;
  }

  run(): void {
    const queue = this.#queue;
    if (queue !== undefined) {
      while (!this.#broken && this.#choices.next()) this.#step(queue);
      this.#end(queue);
    }
    promised(this.#table.held === 0, () => `the memory table is let go (${this.#table.held} too many)`);
    this.#table.release();
  }

  #step(queue: VirtQueue): void {
    const choices = this.#choices;
    switch (choices.below(12)) {
      case 0:
      case 1:
        this.#offer(queue, 1 + choices.below(4), false);
        break;
      case 2:
        this.#offer(queue, 1, true);
        break;
      case 3:
        this.#writeDescriptor(choices.below(this.#size), choices.below(0x1_0000));
        break;
      case 4:
        this.#writeTable();
        break;
      case 5:
        this.#jump();
        break;
      case 6:
        this.#poke();
        break;
      case 7:
        this.#complete(queue);
        break;
      case 8:
        this.#notifications(queue);
        break;
      default:
        this.#pop(queue);
        break;
    }
  }

  /** A chain where the device looks next, mostly as it should be. */
  #offer(queue: VirtQueue, length: number, indirect: boolean): void {
    const choices = this.#choices;
    const memory = this.#memory;
    const first = this.#packed ? queue.base & 0x7fff : choices.below(this.#size);
    let wrap = (queue.base >>> WRAP_SHIFT) & 1;
    let position = first;
    const id = choices.below(this.#size);
    for (let i = 0; i < length; i++) {
      const next = position + 1 === this.#size ? 0 : position + 1;
      const more = i + 1 < length ? NEXT : 0;
      const flags = indirect ? INDIRECT : more | (2 * i >= length ? WRITE : 0);
      const turned = wrap === 1 ? AVAIL : USED;
      const tail = this.#packed ? ((flags | turned) << 16) | id : (next << 16) | flags;
      const [low, high] = indirect ? [REGIONS[0].guestAddress + FREE, 0] : this.#address(!choices.oneIn(16));
      const bytes = indirect ? DESCRIPTOR * (1 + choices.below(4)) : choices.pick([1, 16, 64, 0x100]);
      memory.setDescriptor(DESCRIPTOR * position, low, high, bytes, tail >>> 0);
      if (next === 0) wrap ^= 1;
      position = next;
    }
    if (this.#packed) return;
    const index = memory.availableIndex;
    memory.setAvailable(index % this.#size, first);
    memory.availableIndex = (index + 1) & 0xffff;
  }

  #writeDescriptor(position: number, next: number): void {
    const flags = this.#flags();
    const tail = this.#packed ? (flags << 16) | next : (this.#near(next) << 16) | flags;
    const [low, high] = this.#address(this.#choices.oneIn(2));
    this.#memory.setDescriptor(DESCRIPTOR * position, low, high, this.#length(), tail >>> 0);
  }

  /** An indirect table. */
  #writeTable(): void {
    const choices = this.#choices;
    const count = 1 + choices.below(8);
    for (let i = 0; i < count; i++) {
      const flags = choices.oneIn(8) ? this.#flags() : (i + 1 < count ? NEXT : 0) | (i > 0 ? WRITE : 0);
      const next = choices.oneIn(8) ? choices.below(0x1_0000) : i + 1;
      const tail = this.#packed ? flags << 16 : (next << 16) | flags;
      const [low, high] = this.#address(!choices.oneIn(16));
      const length = choices.oneIn(8) ? this.#length() : 16;
      this.#memory.setDescriptor(FREE + DESCRIPTOR * i, low, high, length, tail >>> 0);
    }
  }

  /** The index of a split ring goes where it likes. */
  #jump(): void {
    if (this.#packed) return;
    const choices = this.#choices;
    this.#memory.availableIndex += choices.pick([1, 2, this.#size, 0x7fff, -1, choices.u32()]);
  }

  #poke(): void {
    const choices = this.#choices;
    const at = choices.oneIn(4) ? FREE + choices.below(0x100) : choices.below(0xa00 + 4 + 8 * this.#size);
    this.#memory.set16(at & ~1, choices.oneIn(2) ? choices.below(0x1_0000) : choices.below(16));
  }

  #pop(queue: VirtQueue): void {
    const { base, inFlight } = queue;
    this.#table.translations = 0;
    const chain = this.#attempt('pop', () => queue.pop());
    this.#memory.check('pop');
    promised(
      this.#table.translations <= MOST_TRANSLATIONS,
      () => `a pop ends soon (${this.#table.translations} translations)`,
    );
    if (this.#broken) {
      promised(queue.base === base && queue.inFlight === inFlight, 'a pop that fails takes nothing');
      return;
    }
    if (chain === undefined) return;
    this.#seen(`chain of ${Math.min(4, chain.readable.count)}, ${Math.min(4, chain.writable.count)}`);
    this.#held.push(chain);
    promised(queue.inFlight === this.#held.length, 'what was taken is in flight');
    promised(queue.inFlight <= this.#size, 'no more is in flight than the ring has room for');
    const length = this.#checkSegments(chain.readable) + this.#checkSegments(chain.writable);
    promised(length <= 0xffff_ffff, 'a chain is no longer than 4 GiB');
  }

  #checkSegments(list: Chain['readable']): number {
    let sum = 0;
    for (let i = 0; i < list.count; i++) {
      const window = list.windowAt(i);
      const [offset, length] = [list.offsetAt(i), list.lengthAt(i)];
      const known = this.#table.regions.some((region) => region.windows.includes(window));
      promised(known && offset + length <= window.byteLength, 'a segment lies in guest memory');
      sum += length;
    }
    promised(sum === list.byteLength, 'segments are as long as their list');
    return sum;
  }

  #complete(queue: VirtQueue): void {
    const choices = this.#choices;
    const [chain] = this.#held.splice(choices.below(this.#held.length || 1), 1);
    if (chain === undefined) return;
    const { inFlight } = queue;
    const room = chain.writable.byteLength;
    this.#expectUsageError('BAD_COMPLETION', () => chain.complete(room + 1));
    this.#attempt('complete', () => chain.complete(choices.pick([0, room, room >> 1])));
    this.#expectUsageError('BAD_COMPLETION', () => chain.complete(0));
    promised(queue.inFlight === inFlight - 1, 'a completed chain is not in flight');
    this.#memory.check('completing a chain');
  }

  #notifications(queue: VirtQueue): void {
    const what = this.#choices.pick([
      'enableNotifications',
      'disableNotifications',
      'hold',
      'publish',
      'publish',
    ] as const);
    this.#attempt(what, () => queue[what]());
    this.#memory.check(what);
  }

  #end(queue: VirtQueue): void {
    // Requests in flight complete on a ring that was stopped, too; some only after it is closed.
    const late = this.#held.splice(0, this.#choices.below(this.#held.length + 1));
    for (const chain of this.#held.splice(0)) chain.complete(0);
    promised(queue.inFlight === late.length, 'only what is held is in flight');
    this.#attempt('publish', () => queue.publish());
    queue.close();
    for (const chain of late) chain.complete(0);
    this.#memory.check('the end');
  }

  /** Does something of the device, in which a hostile ring may only cause a RingError. */
  #attempt<T>(what: string, action: () => T): T | undefined {
    this.#reading = true;
    try {
      return action();
    } catch (error) {
      if (!(error instanceof RingError)) throw undocumented(error, what);
      promised(!/[\n\r]/.test(error.message), 'an error is one line');
      this.#seen(`${what}: ${error.code}`);
      this.#broken = true;
      return undefined;
    } finally {
      this.#reading = false;
    }
  }

  #expectUsageError(code: string, action: () => void): void {
    try {
      action();
    } catch (error) {
      if (error instanceof UsageError && error.code === code) return;
      throw undocumented(error, `${code} is expected`);
    }
    promised(false, `${code} is thrown`);
  }

  /** Between two reads of the device. */
  #race(): void {
    if (!this.#racing || !this.#reading || this.#choices.oneIn(2)) return;
    this.#poke();
  }

  #inflight(): Uint8Array {
    const log = this.#memory.inflight(this.#packed, this.#size);
    const choices = this.#choices;
    // A new one, or one that somebody has written nonsense into.
    if (choices.oneIn(2)) return log;
    log[8] = 1;
    for (let i = choices.below(40); i > 0; i--)
      log[choices.below(log.length)] = choices.pick([0, 1, 1, 2, this.#size - 1, this.#size, 0xff]);
    return log;
  }

  #flags(): number {
    return (
      this.#choices.below(8) | (this.#choices.oneIn(2) ? AVAIL : 0) | (this.#choices.oneIn(2) ? USED : 0)
    );
  }

  #near(value: number): number {
    return this.#choices.oneIn(8) ? value : value % this.#size;
  }

  #length(): number {
    return this.#choices.oneIn(8) ? this.#choices.u32() : this.#choices.pick(LENGTHS);
  }

  /** As two halves; in guest memory, if it is to be good. */
  #address(good: boolean): [low: number, high: number] {
    const choices = this.#choices;
    const address = good
      ? REGIONS[0].guestAddress + FREE + 0x200 + choices.below(0x1000)
      : choices.pick(EDGES) + choices.pick([0, -1, 1, -16, -64, -0x100]);
    if (!good && choices.oneIn(4))
      return [choices.u32(), choices.pick([0, 8, 0x1f_ffff, 0x20_0000, 0xffff_ffff])];
    return [address >>> 0, Math.floor(address / 0x1_0000_0000)];
  }
}
