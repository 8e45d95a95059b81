import { SegmentList } from '@vfs/sys';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DriverMemory, GuestMemory, MemoryRegion } from '../src/index.js';
import { guestMemoryOf } from './support.js';

const GiB = 2 ** 30;
const PAGE = 4096;

function append(memory: GuestMemory, address: number | bigint, length: number): SegmentList | number {
  const list = new SegmentList(16);
  const wide = BigInt(address);
  const result = memory.append(list, Number(wide & 0xffff_ffffn), Number(wide >> 32n), length);
  return result === 0 ? list : result;
}

const pieces = (list: SegmentList | number) =>
  typeof list === 'number'
    ? list
    : Array.from({ length: list.count }, (_, i) => [list.offsetAt(i), list.lengthAt(i)]);

describe('GuestMemory', () => {
  // Sparse: nothing of these sizes is ever touched. The second region follows the first, the third lies above 4 GiB.
  const memory = new DriverMemory([
    { size: 3 * GiB, guestAddress: 0 },
    { size: PAGE, guestAddress: 3 * GiB, mmapOffset: 5 * PAGE },
    { size: 6 * GiB, guestAddress: 2 ** 40, userAddress: 0xffff_8000_0000_0000n },
  ]);
  let table: GuestMemory;
  beforeAll(() => {
    table = guestMemoryOf(memory);
  });
  afterAll(() => {
    table.release();
    memory[Symbol.dispose]();
  });

  it('translates inside one window', () => {
    expect(pieces(append(table, 4096, 100))).toEqual([[4096, 100]]);
    expect(pieces(append(table, 2 ** 40 + 5 * GiB + 7, 9))).toEqual([[7, 9]]);
  });

  it('splits at the edges of windows and regions', () => {
    expect(pieces(append(table, GiB - 4, 8))).toEqual([
      [GiB - 4, 4],
      [0, 4],
    ]);
    expect(pieces(append(table, 3 * GiB - 1, PAGE + 1))).toEqual([
      [GiB - 1, 1],
      [0, PAGE],
    ]);
    expect(pieces(append(table, 2 ** 40, 3 * GiB))).toEqual([
      [0, GiB],
      [0, GiB],
      [0, GiB],
    ]);
  });

  it('refuses what is not there', () => {
    expect(append(table, 3 * GiB + PAGE, 1)).toBe(1);
    expect(append(table, 3 * GiB, PAGE + 1)).toBe(1);
    expect(append(table, 2 ** 40 - 1, 1)).toBe(1);
    expect(append(table, 2 ** 40 - 1, 2)).toBe(1);
    expect(append(table, 2 ** 40 + 6 * GiB - 1, 2)).toBe(1);
    expect(append(table, 2n ** 53n, 1)).toBe(1);
    expect(append(table, 2n ** 64n - 1n, 1)).toBe(1);
    expect(append(table, 2n ** 64n - 1n, 0xffff_ffff)).toBe(1);
  });

  it('an empty range is nowhere and anywhere', () => {
    expect(pieces(append(table, 2n ** 64n - 1n, 0))).toEqual([]);
  });

  it('agrees with arithmetic', () => {
    const inside = (address: number, length: number) =>
      address + length <= 3 * GiB + PAGE || (address >= 2 ** 40 && address + length <= 2 ** 40 + 6 * GiB);
    const address = fc.oneof(
      fc.nat(4 * GiB - 1),
      fc.integer({ min: 2 ** 40 - GiB, max: 2 ** 40 + 7 * GiB }),
      fc.constantFrom(0, GiB, 2 * GiB, 3 * GiB, 2 ** 40, 2 ** 40 + 4 * GiB),
    );
    fc.assert(
      fc.property(address, fc.oneof(fc.nat(2 * PAGE), fc.nat(2 * GiB)), (from, length) => {
        fc.pre(length > 0);
        const list = append(table, from, length);
        expect(typeof list !== 'number').toBe(inside(from, length));
        if (typeof list !== 'number') expect(list.byteLength).toBe(length);
      }),
    );
  });

  it('sees the bytes that the other side wrote, across edges', () => {
    const written = memory.at(GiB - 3, 6);
    written.u8.set([1, 2, 3, 4, 5, 6]);
    const list = append(table, GiB - 3, 6) as SegmentList;
    const bytes = new Uint8Array(6);
    list.copyOut(0, bytes, 0, 6);
    expect([...bytes]).toEqual([1, 2, 3, 4, 5, 6]);
    const far = memory.at(2 ** 40 + 5 * GiB, 4);
    (append(table, 2 ** 40 + 5 * GiB, 4) as SegmentList).copyIn(0, new Uint8Array([4, 3, 2, 1]), 0, 4);
    expect([...far.u8]).toEqual([4, 3, 2, 1]);
  });

  it('finds the parts of rings by front-end address, anywhere in a region', () => {
    const base = memory.regions[0]!.userAddress;
    const part = table.ringPart('used ring', base + BigInt(GiB - 4), 12, 4);
    memory.at(GiB - 4, 12).u8.fill(5);
    expect([...new Uint8Array(part.window.buffer, part.offset, 12)]).toEqual(new Array(12).fill(5));
    const high = table.ringPart('used ring', 0xffff_8000_0000_0000n + 16n, 16, 16);
    memory.at(2 ** 40 + 16, 1).u8[0] = 77;
    expect(new Uint8Array(high.window.buffer)[high.offset]).toBe(77);
  });

  it('refuses parts of rings that are misaligned or outside', () => {
    const base = memory.regions[1]!.userAddress;
    const part = (address: bigint, length: number, alignment: number) => () =>
      table.ringPart('descriptor table', address, length, alignment);
    expect(part(base + 8n, 16, 16)).toThrow(/not aligned/);
    expect(part(base + 1n, 6, 2)).toThrow(/not aligned/);
    expect(part(base + BigInt(PAGE), 2, 2)).toThrow(/outside the memory table/);
    expect(part(base + BigInt(PAGE - 16), 32, 16)).toThrow(/goes beyond/);
    expect(part(2n ** 64n - 16n, 16, 16)).toThrow(/outside the memory table/);
  });
});

describe('MemoryRegion', () => {
  const memory = new DriverMemory([{ size: 4 * PAGE }]);
  afterAll(() => memory[Symbol.dispose]());
  const { fd } = memory.regions[0]!;
  const region = (guestAddress: bigint, size: bigint, userAddress = 0n, mmapOffset = 0n) =>
    new MemoryRegion({ guestAddress, size, userAddress, mmapOffset }, fd);

  it('refuses what cannot be mapped', () => {
    expect(() => region(0n, 0n)).toThrow(/empty/);
    expect(() => region(2n ** 53n - 4096n, 8192n)).toThrow(/above 2\^53/);
    expect(() => region(2n ** 64n - 4096n, 4096n)).toThrow(/above 2\^53/);
    expect(() => region(0n, 4096n, 2n ** 64n - 1n)).toThrow(/overflows/);
    expect(() => region(0n, 4096n, 0n, 2n ** 64n - 4096n)).toThrow(/above 2\^53/);
    // A file that is too short would be a SIGBUS later.
    expect(() => region(0n, BigInt(5 * PAGE))).toThrow(/cannot be mapped/);
    expect(() => region(0n, BigInt(PAGE), 0n, BigInt(4 * PAGE))).toThrow(/cannot be mapped/);
    expect(
      () => new MemoryRegion({ guestAddress: 0n, size: 1n, userAddress: 0n, mmapOffset: 0n }, 1023),
    ).toThrow(/cannot be mapped/);
  });

  it('maps from an offset that is not a page', () => {
    memory.at(memory.regions[0]!.guestAddress + 100, 1).u8[0] = 42;
    const odd = region(0n, 100n, 0n, 100n);
    const table = new GuestMemory([odd]);
    odd.release();
    const list = append(table, 0, 1) as SegmentList;
    const bytes = new Uint8Array(1);
    list.copyOut(0, bytes, 0, 1);
    expect(bytes[0]).toBe(42);
    expect(append(table, 99, 2)).toBe(1);
    table.release();
  });

  it('tables share regions, and the last release unmaps', () => {
    const one = region(0n, 4096n);
    const first = new GuestMemory([one]);
    const second = new GuestMemory([one]);
    one.release();
    const { buffer } = one.windows[0]!;
    first.release();
    expect(buffer.byteLength).toBe(4096);
    second.retain();
    second.release();
    expect(buffer.byteLength).toBe(4096);
    second.release();
    expect(buffer.byteLength).toBe(0);
  });

  it('overlapping regions make no table', () => {
    const a = region(0n, 8192n, 0n);
    const b = region(4096n, 4096n, 65536n);
    const c = region(65536n, 4096n, 4096n);
    expect(() => new GuestMemory([a, b])).toThrow(/overlap/);
    expect(() => new GuestMemory([a, c])).toThrow(/overlap/);
    for (const r of [a, b, c]) r.release();
  });
});
