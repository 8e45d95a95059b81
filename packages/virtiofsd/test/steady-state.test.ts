/** What single requests cost, counted rather than timed, so that it is the same on every machine: see support/steady-state.mjs. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { temporaryDirectory } from './support/fixture.js';

const SCRIPT = fileURLToPath(new URL('support/steady-state.mjs', import.meta.url));
/** No collection but those that are asked for; and code is optimized when it is due, not when a busy machine comes to it. */
const FLAGS = [
  '--expose-gc',
  '--min-semi-space-size=64',
  '--max-semi-space-size=64',
  '--no-concurrent-recompilation',
];
/** The smallest thing that can be allocated is a number of 16 bytes; a table that grows now and then is spread over many requests. */
const MOST = 1;

function measure<T>(unit: 'bytes' | 'calls'): Record<string, T> {
  const directory = temporaryDirectory();
  return JSON.parse(
    execFileSync(process.execPath, [...FLAGS, SCRIPT, directory, unit], { encoding: 'utf8' }),
  );
}

it('no request of the hot path allocates, from the ring to the files and back', () => {
  const bytes = measure<number>('bytes');
  expect(Object.keys(bytes)).toHaveLength(8);
  for (const [kind, each] of Object.entries(bytes)) expect(Math.abs(each), kind).toBeLessThan(MOST);
});

/** Native calls of one request. Whoever needs one more, or has saved one, says so here. */
const CALLS = {
  GETATTR: { fstat: 1 },
  READ: { preadv2: 1 },
  WRITE: { pwritev2: 1 },
  'first LOOKUP of a file': { openat: 1, statx: 1, statxFd: 1 },
  'LOOKUP of a file just forgotten': { statx: 1 },
  'LOOKUP of a known file': { statx: 1 },
  'FORGET that leaves a file known': {},
  'FORGET of the last lookup': {},
  nothing: {},
};

it('requests make no more system calls than they need, and the guest is told once for a whole batch', () => {
  const measured = measure<{ calls: Record<string, number>; signals: number }>('calls');
  for (const [kind, calls] of Object.entries(CALLS)) {
    const of = measured[kind];
    // One of the 256 files is open all the time, and known for that.
    const rounded = Object.entries(of?.calls ?? {}).map(([name, count]) => [name, Math.ceil(count - 0.001)]);
    expect(Object.fromEntries(rounded), kind).toEqual(calls);
    expect(of?.signals, kind).toBe(kind === 'nothing' ? 0 : 1);
  }
});
