// @ts-check
import { join } from 'node:path';
import { root } from '../../lib/root.mjs';
import { resultsOf } from '../lines.mjs';
import { short, table } from './section.mjs';

/** Benchmarks of single packages, in one process and without a daemon. */

/** @typedef {{ label: string, median: number, best?: number, bytes?: number }} Line */
/** @typedef {{ packed: boolean, indirect: boolean, eventIndex: boolean, batch: number, best: number }} RingLine */

/**
 * @param {string} path below packages
 * @param {readonly string[]} flags of Node
 * @param {number | undefined} rounds
 */
function bench(path, flags, rounds) {
  const count = rounds === undefined ? [] : [rounds];
  return resultsOf(process.execPath, [...flags, join(root, 'packages', path), '--json', ...count]);
}

/** @type {import('./section.mjs').Section} */
export const ring = {
  name: 'ring',
  title: 'The ring',
  measure: ({ quick }) => bench('vhost-user/bench/ring.mjs', [], quick ? 1 : undefined),
  render(/** @type {RingLine[]} */ lines) {
    const batches = [...new Set(lines.map(({ batch }) => batch))];
    const kinds = new Map();
    for (const { packed, indirect, eventIndex, best } of lines) {
      const key = `${packed ? 'packed' : 'split'}, ${indirect ? 'indirect' : 'direct'}, ${eventIndex ? 'event index' : 'flags'}`;
      kinds.set(key, [...(kinds.get(key) ?? []), short(best)]);
    }
    const rows = [...kinds].map(([key, cells]) => [key, ...cells]);
    return {
      markdown: `Nanoseconds of a request of four descriptors, popped, completed and published, by requests of one batch:\n\n${table(
        ['ring', ...batches.map((batch) => `${batch}`)],
        rows,
      )}`,
    };
  },
};

/** @type {import('./section.mjs').Section} */
export const codec = {
  name: 'codec',
  title: 'Structures',
  measure: ({ quick }) => bench('fuse-proto/bench/codec.mjs', [], quick ? 1 : undefined),
  render: nanoseconds,
};

/** @type {import('./section.mjs').Section} */
export const dispatch = {
  name: 'dispatch',
  title: 'The session',
  measure: ({ quick }) =>
    bench(
      'fuse-proto/bench/dispatch.mjs',
      ['--expose-gc', '--max-semi-space-size=64'],
      quick ? 1 : undefined,
    ),
  render(/** @type {Line[]} */ lines) {
    const rows = lines.map(({ label, median, best, bytes }) => [
      label,
      short(median),
      short(best),
      bytes?.toFixed(2) ?? '',
    ]);
    return { markdown: table(['request', 'median ns', 'best ns', 'bytes allocated'], rows) };
  },
};

/** @type {import('./section.mjs').Section} */
export const calls = {
  name: 'calls',
  title: 'System calls',
  measure: ({ quick }) => bench('sys/bench/calls.mjs', [], quick ? 1 : undefined),
  render: nanoseconds,
};

/** @param {Line[]} lines */
function nanoseconds(lines) {
  const rows = lines.map(({ label, median, best }) => [label, short(median), short(best)]);
  return { markdown: table(['', 'median ns', 'best ns'], rows) };
}
