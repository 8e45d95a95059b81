import { describe, expect, it } from 'vitest';
import { compare } from './compare.js';
import { findRustDaemon, ourDaemon, rustDaemon } from './daemons.js';
import { type Difference, matches, type Seen } from './differences/difference.js';
import { subjects } from './differences/index.js';
import { scripts } from './scripts/index.js';
import type { Found } from './transcript.js';

const program = findRustDaemon();
if (program === undefined)
  console.info('no Rust virtiofsd here: not compared with it (node scripts/peers.mjs brings it)');
const why = program === undefined ? 'no Rust daemon' : process.getuid?.() !== 0 ? 'not root' : undefined;

const known: readonly Difference[] = subjects.flatMap(({ differences }) => differences);
const seen = new Set<Seen>();

/** Whether a difference is in the table; what of the table it was is kept in mind. */
function isKnown(found: Found): boolean {
  const explaining = known.flatMap((difference) => difference.seen.filter((entry) => matches(entry, found)));
  for (const entry of explaining) seen.add(entry);
  return explaining.length > 0;
}

describe.skipIf(why !== undefined)('side by side with the Rust daemon', { timeout: 120_000 }, () => {
  it.each(scripts)('every reply is the same, or the difference is explained: $name', async (script) => {
    const unknown = async () =>
      (await compare(script, rustDaemon(program!), ourDaemon)).filter((one) => !isKnown(one));
    let found = await unknown();
    // Whoever looks through the temporary folder meanwhile changes when its directories were read last: a daemon does it each time.
    if (found.length > 0 && found.every(({ field }) => /(^|\.)atime$/.test(field ?? ''))) {
      const again = await unknown();
      found = found.filter((one) => again.some(({ at, field }) => at === one.at && field === one.field));
    }
    expect(found).toEqual([]);
  });

  it('every difference that is explained is there', () => {
    const gone = known.flatMap(({ title, seen: entries }) =>
      entries.filter((entry) => !seen.has(entry)).map((entry) => ({ title, ...entry })),
    );
    expect(gone).toEqual([]);
  });
});
