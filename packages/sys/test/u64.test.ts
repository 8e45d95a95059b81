import fc from 'fast-check';
import { expect, test } from 'vitest';
import { joinI64, joinU64 } from '../src/index.js';
import { checkI64, checkInt, checkOffset, checkU64, high32, low32 } from '../src/u64.js';

test('halves of an unsigned value join to it, as a number exactly when that is exact', () => {
  fc.assert(
    fc.property(fc.bigInt(0n, 2n ** 64n - 1n), (value) => {
      const joined = joinU64(low32(value), high32(value));
      expect(BigInt(joined)).toBe(value);
      expect(typeof joined).toBe(value <= BigInt(Number.MAX_SAFE_INTEGER) ? 'number' : 'bigint');
    }),
  );
});

test('halves of a signed value join to it', () => {
  fc.assert(
    fc.property(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), (value) => {
      expect(BigInt(joinI64(low32(value), high32(value)))).toBe(value);
    }),
  );
  fc.assert(
    fc.property(fc.maxSafeInteger(), (value) => {
      expect(joinI64(low32(value), high32(value))).toBe(value);
    }),
  );
});

test.each([2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 2 ** 53 - 1, 0, 1])('%d has exact halves', (value) => {
  expect(joinU64(low32(value), high32(value))).toBe(value);
  expect(low32(value)).toBe(low32(BigInt(value)));
  expect(high32(value)).toBe(high32(BigInt(value)));
});

test('2^53±1 are told apart', () => {
  expect(joinU64(low32(2n ** 53n + 1n), high32(2n ** 53n + 1n))).toBe(2n ** 53n + 1n);
  expect(joinU64(low32(2n ** 53n - 1n), high32(2n ** 53n - 1n))).toBe(2 ** 53 - 1);
  expect(joinU64(low32(2n ** 53n), high32(2n ** 53n))).toBe(2n ** 53n);
});

test('checks refuse what is out of range or not exact', () => {
  for (const bad of [NaN, Infinity, 0.5, 2 ** 53, -(2 ** 53)]) {
    expect(() => checkI64(bad, 'x')).toThrow(RangeError);
    expect(() => checkU64(bad, 'x')).toThrow(RangeError);
    expect(() => checkOffset(bad, 'x')).toThrow(RangeError);
  }
  expect(() => checkU64(-1, 'x')).toThrow(RangeError);
  expect(() => checkU64(2n ** 64n, 'x')).toThrow(RangeError);
  expect(() => checkI64(2n ** 63n, 'x')).toThrow(RangeError);
  expect(() => checkI64(-(2n ** 63n) - 1n, 'x')).toThrow(RangeError);
  expect(() => checkOffset(-1n, 'x')).toThrow(RangeError);
  expect(() => checkOffset(2n ** 63n, 'x')).toThrow(RangeError);
  expect(() => checkInt(1.5, 'x', 0, 2)).toThrow(RangeError);
  expect(() => checkInt('1' as unknown as number, 'x', 0, 2)).toThrow(RangeError);
  expect(checkOffset(2n ** 63n - 1n, 'x')).toBe(2n ** 63n - 1n);
  expect(checkU64(2n ** 64n - 1n, 'x')).toBe(2n ** 64n - 1n);
});
