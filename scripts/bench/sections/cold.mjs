// @ts-check
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describeMachine } from '../machine.mjs';
import { fill } from '../share.mjs';
import { middle, rounds } from './rounds.mjs';
import { short, table } from './section.mjs';

const POOL = 8;
const READS = 'cold4k:32';
const OTHERS = 'getattr@1000';
/** What `load` expects. */
const MEBIBYTES = 512;

/** @typedef {{ title: string, pool: number, measured: import('./rounds.mjs').Measured }[]} Results */

/** @type {import('./section.mjs').Section} */
export const cold = {
  name: 'cold',
  title: 'A cold disk',
  async measure(context) {
    const file = join(context.folder, 'cold');
    if (describeMachine(context.folder).fileSystem === 'tmpfs') {
      throw new Error(`${context.folder} is memory: name a folder on a disk with --dir`);
    }
    context.say(`${MEBIBYTES} MiB on the disk`);
    fill(file, MEBIBYTES);
    /** @type {Results} */
    const results = [];
    try {
      const measured = await measureAll(context, POOL, file);
      const without = await measureAll(context, 0, file);
      for (const { name, title } of compared(context)) {
        results.push({ title, pool: POOL, measured: only(measured, name) });
        results.push({ title, pool: 0, measured: only(without, name) });
      }
    } finally {
      rmSync(file);
    }
    return results;
  },
  render(/** @type {Results} */ results) {
    const rows = results.map(({ title, pool, measured }) => {
      const reads = Object.values(measured[READS] ?? {})[0];
      const others = Object.values(measured['getattr:1'] ?? {})[0];
      return [
        title,
        pool,
        short(middle(reads, 'rate')),
        short(middle(reads, 'p99')),
        short(middle(others, 'rate')),
        short(middle(others, 'p50')),
        short(middle(others, 'p99')),
        short(middle(others, 'p999')),
      ];
    });
    const head = ['daemon', 'threads', 'reads/s', 'p99 µs', 'GETATTR/s', 'p50 µs', 'p99 µs', 'p99.9 µs'];
    return { markdown: table(head, rows) };
  },
};

/**
 * The daemon in C does not answer all requests when it has threads.
 * @param {import('./section.mjs').Context} context
 */
function compared({ daemons }) {
  return daemons.filter(({ name }) => name === 'ours' || name === 'rust');
}

/**
 * @param {import('./section.mjs').Context} context
 * @param {number} pool
 * @param {string} file
 */
function measureAll(context, pool, file) {
  const workload = `${READS}+${OTHERS}`;
  // A daemon that has just started is not at its best yet, nor is a disk that has had nothing to do.
  return rounds(context, compared(context), [workload], { pool, before: [workload], load: ['--drop', file] });
}

/**
 * @param {import('./rounds.mjs').Measured} measured
 * @param {string} name
 * @returns {import('./rounds.mjs').Measured}
 */
function only(measured, name) {
  return Object.fromEntries(
    Object.entries(measured).flatMap(([workload, of]) => {
      const lines = of[name];
      return lines === undefined ? [] : [[workload, { [name]: lines }]];
    }),
  );
}
