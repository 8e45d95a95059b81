import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BUCKETS } from '../../src/observe/cells.js';
import { BOUNDS } from '../../src/observe/families.js';
import { bucketOf } from '../../src/observe/metrics-recorder.js';

it('a time is in the first bucket whose bound it does not exceed', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (time) => {
      const nanoseconds = Math.abs(time);
      const first = BOUNDS.findIndex((bound) => nanoseconds <= Math.round(bound * 1e9));
      expect(bucketOf(nanoseconds)).toBe(first < 0 ? BUCKETS - 1 : first);
    }),
  );
});

it.each(BOUNDS.map((bound, index) => [bound, index]))('%d s is the bound of bucket %d', (bound, index) => {
  const nanoseconds = Math.round(bound * 1e9);
  expect(bucketOf(nanoseconds)).toBe(index);
  expect(bucketOf(nanoseconds + 1)).toBe(index + 1);
});
