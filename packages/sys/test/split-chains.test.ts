import { afterAll, beforeEach, expect, test } from 'vitest';
import {
  EFAULT,
  EINVAL,
  MappedMemory,
  raw,
  SegmentList,
  SPLIT_CHAINS_LIMIT,
  SplitChainsLane,
  SplitChainsOrder,
  SplitChainsRow,
} from '../src/index.js';

const GUEST = 0x1_4000_0000;
const SIZE = 8;
/** Where things lie in the guest's memory. */
const DESCRIPTORS = 0;
const AVAILABLE = 1024;
const DATA = 4096;

const guest = MappedMemory.anonymous(1 << 16);
const own = MappedMemory.anonymous(1 << 16);
const window = guest.windows[0]!;
const { u32: order, id } = own.windows[0]!;
/** Where things lie in private memory, in bytes. */
const ROWS = 4096;
const LANES = 8192;
const lane = (index: number) => new Uint32Array(own.windows[0]!.buffer, LANES + 256 * index, 44);
const lists = Array.from({ length: 4 }, () => [new SegmentList(4), new SegmentList(4)] as const);

afterAll(() => {
  guest.unmap();
  own.unmap();
});

beforeEach(() => {
  window.u8.fill(0);
  order.fill(0);
  order[SplitChainsOrder.descriptors] = window.id;
  order[SplitChainsOrder.descriptors + 1] = DESCRIPTORS;
  order[SplitChainsOrder.available] = window.id;
  order[SplitChainsOrder.available + 1] = AVAILABLE;
  order[SplitChainsOrder.size] = SIZE;
  order[SplitChainsOrder.indirect] = 1;
  order[SplitChainsOrder.count] = 1;
  order[SplitChainsOrder.rows] = id;
  order[SplitChainsOrder.rows + 1] = ROWS;
  order[SplitChainsOrder.rowCount] = 1;
  const row = ROWS >> 2;
  order[row + SplitChainsRow.startLow] = GUEST % 2 ** 32;
  order[row + SplitChainsRow.startHigh] = Math.floor(GUEST / 2 ** 32);
  order[row + SplitChainsRow.size] = window.byteLength;
  order[row + SplitChainsRow.window] = window.id;
  for (const [i, [readable, writable]] of lists.entries()) {
    order[SplitChainsOrder.lanes + 2 * i] = id;
    order[SplitChainsOrder.lanes + 2 * i + 1] = LANES + 256 * i;
    const words = lane(i);
    words[SplitChainsLane.readableTable] = readable.tableWindow;
    words[SplitChainsLane.readableTable + 1] = readable.tableOffset;
    words[SplitChainsLane.readableCapacity] = readable.capacity;
    words[SplitChainsLane.writableTable] = writable.tableWindow;
    words[SplitChainsLane.writableTable + 1] = writable.tableOffset;
    words[SplitChainsLane.writableCapacity] = writable.capacity;
  }
});

function describe(at: number, address: number, length: number, flags = 0, next = 0): void {
  const word = at >> 2;
  window.u32[word] = address % 2 ** 32;
  window.u32[word + 1] = Math.floor(address / 2 ** 32);
  window.u32[word + 2] = length;
  window.u32[word + 3] = flags | (next << 16);
}

function offer(...heads: number[]): void {
  for (const [i, head] of heads.entries()) window.u16[(AVAILABLE >> 1) + 2 + i] = head;
  order[SplitChainsOrder.count] = heads.length;
}

test('a chain is laid out: its segments, with neighbors as one, and a copy of its first bytes', () => {
  for (let i = 0; i < 200; i++) window.u8[DATA + i] = i;
  describe(0, GUEST + DATA, 40, 1, 3);
  describe(48, GUEST + DATA + 40, 160, 1, 5);
  describe(80, GUEST + DATA + 1000, 16, 3, 6);
  describe(96, GUEST + DATA + 3000, 104, 2);
  offer(0);
  expect(raw.splitChains(id, 0)).toBe(1);
  const words = lane(0);
  expect(words[SplitChainsLane.head]).toBe(0);
  expect([words[SplitChainsLane.readableCount], words[SplitChainsLane.readableBytes]]).toEqual([1, 200]);
  expect([words[SplitChainsLane.writableCount], words[SplitChainsLane.writableBytes]]).toEqual([2, 120]);
  expect(words[SplitChainsLane.prefixBytes]).toBe(SplitChainsLane.prefixCapacity);
  const prefix = new Uint8Array(own.windows[0]!.buffer, LANES + 4 * SplitChainsLane.prefix, 128);
  expect([...prefix]).toEqual(Array.from({ length: 128 }, (_, i) => i));
  const [readable, writable] = lists[0]!;
  const source = { windowOf: () => window };
  readable.adopt(1, 200, source, words.subarray(SplitChainsLane.prefix), 128);
  writable.adopt(2, 120, source);
  const copy = new Uint8Array(200);
  readable.copyOut(3, copy, 1, 100);
  readable.copyOut(100, copy, 101, 99);
  expect([...copy.subarray(1, 101)]).toEqual(Array.from({ length: 100 }, (_, i) => i + 3));
  expect([...copy.subarray(101)]).toEqual(Array.from({ length: 99 }, (_, i) => i + 100));
  writable.copyIn(10, new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]), 0, 8);
  expect([...window.u8.subarray(DATA + 1010, DATA + 1016)]).toEqual([1, 2, 3, 4, 5, 6]);
  expect([...window.u8.subarray(DATA + 3000, DATA + 3002)]).toEqual([7, 8]);
  expect(readable.add(window, 0, 1)).toBe(false);
  readable.clear();
  writable.clear();
  expect(readable.add(window, 0, 1)).toBe(true);
  readable.clear();
});

test('an indirect table is followed', () => {
  describe(16, GUEST + DATA, 32, 4);
  describe(DATA, GUEST + DATA + 512, 8, 1, 1);
  describe(DATA + 16, GUEST + DATA + 1024, 24, 2);
  offer(1);
  expect(raw.splitChains(id, 0)).toBe(1);
  expect(lane(0)[SplitChainsLane.readableBytes]).toBe(8);
  expect(lane(0)[SplitChainsLane.writableBytes]).toBe(24);
});

test.each<[string, () => void]>([
  ['begins outside of the table', () => offer(SIZE)],
  ['goes on outside of the table', () => describe(0, GUEST, 8, 1, SIZE)],
  ['ends never', () => describe(0, GUEST, 8, 1, 0)],
  ['points below the memory', () => describe(0, GUEST - 1, 8)],
  ['points beyond the memory', () => describe(0, GUEST + window.byteLength - 7, 8)],
  ['wraps around', () => describe(0, 2 ** 53, 2 ** 32 - 1)],
  [
    'has a table in a table',
    () => {
      describe(0, GUEST + DATA, 16, 4);
      describe(DATA, GUEST + DATA, 16, 4);
    },
  ],
  ['has a table of half a descriptor', () => describe(0, GUEST + DATA, 24, 4)],
  ['has an empty table', () => describe(0, GUEST + DATA, 0, 4)],
  ['has a table and goes on', () => describe(0, GUEST + DATA, 16, 5, 1)],
  ['has an enormous table', () => describe(0, GUEST, 16 * 65537, 4)],
  [
    'is readable behind what is writable',
    () => {
      describe(0, GUEST, 8, 3, 1);
      describe(16, GUEST, 8, 0);
    },
  ],
  [
    'has more segments than there is room for',
    () => {
      for (let i = 0; i < 5; i++) describe(16 * i, GUEST + 100 * i, 8, i < 4 ? 1 : 0, i + 1);
    },
  ],
])('a chain that %s is left to the caller, and those before it are not', (_name, spoil) => {
  describe(7 * 16, GUEST + DATA, 8);
  offer(7, 0, 7);
  const head = window.u16[(AVAILABLE >> 1) + 3];
  spoil();
  const spoiled = window.u16[(AVAILABLE >> 1) + 2];
  if (spoiled === SIZE) offer(7, SIZE, 7);
  else offer(7, head!, 7);
  expect(raw.splitChains(id, 0)).toBe(1);
});

test.each<[string, number, number, number]>([
  ['a size that is no power of two', SplitChainsOrder.size, 12, -EINVAL],
  ['no size', SplitChainsOrder.size, 0, -EINVAL],
  ['a size beyond 32768', SplitChainsOrder.size, 65536, -EINVAL],
  ['too many chains', SplitChainsOrder.count, SPLIT_CHAINS_LIMIT + 1, -EINVAL],
  ['too many rows', SplitChainsOrder.rowCount, 65, -EINVAL],
  ['a table that is not aligned', SplitChainsOrder.descriptors + 1, 4, -EINVAL],
  ['a ring that is not aligned', SplitChainsOrder.available + 1, 1, -EINVAL],
  ['a table outside of its window', SplitChainsOrder.descriptors + 1, (1 << 16) - 8, -EFAULT],
  ['a ring outside of its window', SplitChainsOrder.available + 1, (1 << 16) - 8, -EFAULT],
  ['rows outside of their window', SplitChainsOrder.rows + 1, (1 << 16) - 8, -EFAULT],
  ['a lane outside of its window', SplitChainsOrder.lanes + 1, (1 << 16) - 8, -EFAULT],
])('an order with %s is refused', (_name, word, value, error) => {
  order[word] = value;
  expect(raw.splitChains(id, 0)).toBe(error);
});

test('a value that is another one ends waiting, and time does', () => {
  const at = DATA >> 1;
  order.set([window.id, DATA, 5, window.id, DATA + 2, 6], 0);
  window.u16[at] = 5;
  window.u16[at + 1] = 6;
  expect(raw.spinWhileEqual(id, 0, 2, 1000)).toBe(0);
  window.u16[at + 1] = 7;
  expect(raw.spinWhileEqual(id, 0, 2, 1_000_000_000)).toBe(2);
  window.u16[at] = 0;
  expect(raw.spinWhileEqual(id, 0, 2, 1_000_000_000)).toBe(1);
  expect(raw.spinWhileEqual(id, 0, 0, 0)).toBe(0);
  expect(raw.spinWhileEqual(id, 0, 65, 0)).toBe(-EINVAL);
  expect(raw.spinWhileEqual(id, 0, -1, 0)).toBe(-EINVAL);
  expect(raw.spinWhileEqual(id, 0, 1, -1)).toBe(-EINVAL);
  order[1] = DATA + 1;
  expect(raw.spinWhileEqual(id, 0, 1, 0)).toBe(-EINVAL);
});
