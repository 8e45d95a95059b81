import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MappedMemory, SegmentList } from '../src/index.js';

const memory = MappedMemory.anonymous(0x4000);
const window = memory.windows[0]!;
const second = MappedMemory.anonymous(0x4000).windows[0]!;

describe('the list', () => {
  test('starts empty, grows, clears', () => {
    const list = new SegmentList(2);
    expect([list.capacity, list.count, list.byteLength]).toEqual([2, 0, 0]);
    expect(list.add(window, 16, 100)).toBe(true);
    expect(list.add(second, 0, 0)).toBe(true);
    expect(list.add(window, 0, 1)).toBe(false);
    expect([list.count, list.byteLength]).toEqual([2, 100]);
    expect(list.windowAt(0)).toBe(window);
    expect([list.offsetAt(0), list.lengthAt(0), list.lengthAt(1)]).toEqual([16, 100, 0]);
    list.clear();
    expect([list.count, list.byteLength]).toEqual([0, 0]);
    expect(list.add(second, 5, 6)).toBe(true);
    expect(list.windowAt(0)).toBe(second);
  });

  test('refuses a range outside the window without a change', () => {
    const list = new SegmentList(4);
    for (const [offset, length] of [
      [0, 0x4001],
      [0x4000, 1],
      [-1, 4],
      [0, -1],
      [NaN, 1],
      [0, NaN],
    ] as const) {
      expect(list.add(window, offset, length)).toBe(false);
    }
    expect(list.count).toBe(0);
    expect(list.add(window, 0x4000, 0)).toBe(true);
  });

  test('places its entries where it is told', () => {
    const list = new SegmentList(3, { window: second, offset: 64 });
    expect([list.tableWindow, list.tableOffset]).toEqual([second.id, 64]);
    list.add(window, 7, 9);
    list.add(window, 8, 10);
    expect(Array.from(second.u32.subarray(16, 22))).toEqual([window.id, 7, 9, window.id, 8, 10]);
  });

  test('refuses a table that is not aligned or does not fit, and a bad capacity', () => {
    expect(() => new SegmentList(3, { window: second, offset: 2 })).toThrow(RangeError);
    expect(() => new SegmentList(3, { window: second, offset: 0x4000 - 32 })).toThrow(RangeError);
    for (const bad of [0, -1, 1.5, NaN, 2 ** 21]) expect(() => new SegmentList(bad)).toThrow(RangeError);
  });

  test('refuses an index that is not there', () => {
    const list = new SegmentList(3);
    list.add(window, 0, 1);
    for (const bad of [1, -1, NaN]) {
      expect(() => list.windowAt(bad)).toThrow(RangeError);
      expect(() => list.offsetAt(bad)).toThrow(RangeError);
      expect(() => list.lengthAt(bad)).toThrow(RangeError);
    }
  });
});

describe('copies', () => {
  /** Segments with gaps, alternating between two windows; all sizes from words to pages. */
  const segments = fc.array(
    fc.record({
      gap: fc.nat(9),
      length: fc.oneof(fc.nat(9), fc.nat(200), fc.nat(1500)),
      other: fc.boolean(),
    }),
    { minLength: 1, maxLength: 8 },
  );

  function build(shape: { gap: number; length: number; other: boolean }[]): {
    list: SegmentList;
    ranges: Uint8Array[];
  } {
    const list = new SegmentList(8);
    const ranges: Uint8Array[] = [];
    let at = 0;
    for (const { gap, length, other } of shape) {
      at += gap;
      const from = other ? second : window;
      list.add(from, at, length);
      ranges.push(from.u8.subarray(at, at + length));
      at += length;
    }
    return { list, ranges };
  }

  test('agree with a plain model at any position, length and alignment', () => {
    fc.assert(
      fc.property(
        segments,
        fc.nat(12_000),
        fc.nat(12_000),
        fc.nat(9),
        fc.nat(5),
        (shape, a, b, shift, base) => {
          const { list, ranges } = build(shape);
          for (let i = 0; i < 0x4000; i++) {
            window.u8[i] = i * 7;
            second.u8[i] = i * 13 + 1;
          }
          const whole = Buffer.concat(ranges);
          expect(list.byteLength).toBe(whole.length);
          const position = a % (whole.length + 1);
          const length = b % (whole.length - position + 1);
          const target = new Uint8Array(new ArrayBuffer(base + shift + length + 4), base).fill(0xee);
          list.copyOut(position, target, shift, length);
          expect(Buffer.from(target.subarray(shift, shift + length))).toEqual(
            whole.subarray(position, position + length),
          );
          expect(target.subarray(0, shift).every((byte) => byte === 0xee)).toBe(true);
          expect(target.subarray(shift + length).every((byte) => byte === 0xee)).toBe(true);

          const source = Uint8Array.from({ length: shift + length }, (_, i) => 255 - i);
          list.copyIn(position, source, shift, length);
          const expected = Buffer.from(whole);
          expected.set(source.subarray(shift), position);
          expect(Buffer.concat(ranges)).toEqual(expected);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('in sequence and backwards use the right segments', () => {
    const { list, ranges } = build([
      { gap: 0, length: 10, other: false },
      { gap: 2, length: 0, other: true },
      { gap: 0, length: 10, other: true },
      { gap: 1, length: 10, other: false },
    ]);
    for (const [i, range] of ranges.entries()) range.fill(i + 1);
    const byte = new Uint8Array(1);
    const at = (position: number): number => {
      list.copyOut(position, byte, 0, 1);
      return byte[0]!;
    };
    expect([0, 9, 10, 19, 20, 29, 5, 25, 15].map(at)).toEqual([1, 1, 3, 3, 4, 4, 1, 4, 3]);
    list.clear();
    list.add(second, 100, 4);
    second.u8[100] = 200;
    expect(at(0)).toBe(200);
  });

  test('refuse ranges that are not inside', () => {
    const list = new SegmentList(2);
    list.add(window, 0, 10);
    const bytes = new Uint8Array(8);
    for (const [position, offset, length] of [
      [0, 0, 9],
      [0, 0, 11],
      [10, 0, 1],
      [-1, 0, 1],
      [0, -1, 1],
      [0, 8, 1],
      [0, 0, -1],
      [NaN, 0, 1],
      [0, NaN, 1],
      [0, 0, NaN],
    ] as const) {
      expect(() => list.copyOut(position, bytes, offset, length)).toThrow(RangeError);
      expect(() => list.copyIn(position, bytes, offset, length)).toThrow(RangeError);
    }
    list.copyOut(10, bytes, 8, 0);
    list.copyIn(0, bytes, 0, 0);
    expect(() => new SegmentList(1).copyOut(0, bytes, 0, 1)).toThrow(RangeError);
  });

  test('of unmapped memory never touch it', () => {
    const gone = MappedMemory.anonymous(4096);
    const list = new SegmentList(1);
    list.add(gone.windows[0]!, 0, 4096);
    gone.unmap();
    const bytes = new Uint8Array(4096).fill(5);
    expect(() => list.copyOut(0, bytes, 0, 4096)).toThrow(TypeError);
    list.copyIn(0, bytes, 0, 8);
    expect(() => list.copyIn(0, bytes, 0, 4096)).toThrow();
  });
});
