import { expect, it } from 'vitest';
import { MonotonicClock } from '../src/index.js';

it('the clock is the one of Node, in nanoseconds', () => {
  const before = process.hrtime.bigint();
  const now = MonotonicClock.now();
  const after = process.hrtime.bigint();
  // A double holds the time of a machine that is up for long to 2 ns.
  expect(BigInt(now)).toBeGreaterThanOrEqual(before - 2n);
  expect(BigInt(now)).toBeLessThanOrEqual(after + 2n);
});

it('the clock never goes back', () => {
  let last = 0;
  for (let i = 0; i < 10_000; i++) {
    const now = MonotonicClock.now();
    expect(now >= last).toBe(true);
    last = now;
  }
});
