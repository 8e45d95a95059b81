import { F_RDLCK } from '@vfs/sys';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ByteRange, uncovered, union } from '../../src/passthrough/locks/byte-ranges.js';

const SIZE = 24;

const ranges = fc.array(
  fc
    .tuple(fc.nat(SIZE - 1), fc.nat(SIZE - 1))
    .map(([a, b]) => ({ type: F_RDLCK, start: BigInt(Math.min(a, b)), end: BigInt(Math.max(a, b)) })),
  { maxLength: 8 },
);

function bytesOf(some: Iterable<ByteRange>): number[] {
  const bytes: number[] = [];
  for (const { start, end } of some) for (let at = start; at <= end; at++) bytes.push(Number(at));
  return bytes;
}

test('a union has every byte of its ranges once, in order', () => {
  fc.assert(
    fc.property(ranges, (some) => {
      const wanted = [...new Set(bytesOf(some))].sort((a, b) => a - b);
      expect(bytesOf(union(some))).toEqual(wanted);
    }),
  );
});

test('what is uncovered are the bytes of the ranges without those of the others', () => {
  fc.assert(
    fc.property(ranges, ranges, (some, others) => {
      const covered = new Set(bytesOf(others));
      const wanted = bytesOf(union(some)).filter((at) => !covered.has(at));
      expect(bytesOf(uncovered(union(some), union(others)))).toEqual(wanted);
    }),
  );
});

test('a process that ends with very many locks does not hold up the daemon', () => {
  // Comparing each with each would take minutes.
  const count = 100_000;
  const everyFourth = (first: number) =>
    Array.from({ length: count }, (_, i) => {
      const start = BigInt(4 * i + first);
      return { type: F_RDLCK, start, end: start + 1n };
    });
  let bytes = 0n;
  for (const { start, end } of uncovered(union(everyFourth(0)), union(everyFourth(1))))
    bytes += end - start + 1n;
  expect(bytes).toBe(BigInt(count));
});
