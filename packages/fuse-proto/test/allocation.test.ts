/** The promise that serving allocates nothing, kept: the benchmark's own figures, of the built package. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

test('no request of the hot path allocates', () => {
  const bench = fileURLToPath(new URL('../bench/dispatch.mjs', import.meta.url));
  const output = execFileSync(process.execPath, ['--expose-gc', '--max-semi-space-size=64', bench, '1'], {
    encoding: 'utf8',
  });
  const rows = output.trim().split('\n').slice(1);
  expect(rows.map((row) => row.trim().split(/\s{2,}/)[0])).toEqual([
    'GETATTR',
    '3 layers',
    'observed',
    'LOOKUP',
    'READ',
    'WRITE',
    'FORGET',
    'ENOSYS',
  ]);
  for (const row of rows) {
    const [bytes = Number.NaN] = row.trim().split(/\s+/).slice(-2).map(Number);
    // Some compiled code and bookkeeping, spread over 100,000 requests: one object for each would be more. Far
    // below zero would mean that a collection took away what had been allocated.
    expect(Math.abs(bytes), row).toBeLessThan(8);
  }
});
