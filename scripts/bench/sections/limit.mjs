// @ts-check
import { join } from 'node:path';
import { withDaemon } from '../daemons.mjs';
import { resultsOf } from '../lines.mjs';
import { median, ratio } from '../statistics.mjs';
import { short, table } from './section.mjs';

const CASES = ['read', 'write'].flatMap((how) =>
  [131072, 1048576].flatMap((size) => [1, 4].map((depth) => ({ how, size, depth }))),
);

/** @typedef {Record<string, { floor: number[], floorCost: number[], ours: number[], cost: number[] }>} Results */

/** @type {import('./section.mjs').Section} */
export const limit = {
  name: 'limit',
  title: 'Large transfers, beside the system call alone',
  async measure(context) {
    /** @type {Results} */
    const results = {};
    const [ours] = context.daemons;
    if (ours === undefined) throw new Error('nothing to measure');
    for (let round = 1; round <= context.rounds; round++) {
      context.say(`round ${round} of ${context.rounds}`);
      await withDaemon(ours, context, async ({ socket, pid }) => {
        const workloads = CASES.map(
          ({ how, size, depth }) => `${how}${size === 1048576 ? '1m' : '128k'}:${depth}`,
        );
        const seconds = ['--seconds', context.seconds];
        const floors = [];
        for (const { how, size, depth } of CASES) {
          const file = ['--file', join(context.folder, how === 'read' ? 'big' : 'out')];
          const write = how === 'write' ? ['--write'] : [];
          floors.push(
            ...(await resultsOf(context.programs.floor, [...file, ...seconds, ...write, size, depth])),
          );
        }
        const args = ['--socket', socket, '--process', pid, ...seconds, ...workloads];
        const lines = await resultsOf(context.programs.load, args);
        for (const [i, workload] of workloads.entries()) {
          const of = results[workload] ?? { floor: [], floorCost: [], ours: [], cost: [] };
          results[workload] = of;
          of.floor.push(floors[i].rate);
          of.floorCost.push(floors[i].processor);
          of.ours.push(lines[i].rate);
          of.cost.push(lines[i].processor);
        }
      });
    }
    return results;
  },
  render(/** @type {Results} */ results) {
    const rows = Object.entries(results).map(([workload, { floor, floorCost, ours, cost }]) => [
      workload,
      short(median(floor)),
      short(median(ours)),
      `${(ratio(ours, floor).median * 100).toFixed(0)} %`,
      short(median(floorCost)),
      short(median(cost)),
      `${(ratio(cost, floorCost).median * 100).toFixed(0)} %`,
    ]);
    const head = [
      'workload',
      'calls/s alone',
      'requests/s',
      'of the limit',
      'µs of a call',
      'processor µs of a request',
      'of the call',
    ];
    return { markdown: table(head, rows) };
  },
};
