// @ts-check
import { ratio } from '../statistics.mjs';
import { keep, middle, rounds } from './rounds.mjs';
import { short, table } from './section.mjs';

const WORKLOADS = ['getattr:32', 'read4k:32', 'read1m:4', 'mixed:16'];
const MANY = 4;

/** @typedef {{ one: import('./rounds.mjs').Measured, many: import('./rounds.mjs').Measured }} Results */

/** @type {import('./section.mjs').Section} */
export const queues = {
  name: 'queues',
  title: 'More than one request queue',
  async measure(context) {
    /** @type {Results} */
    const results = { one: {}, many: {} };
    for (let round = 1; round <= context.rounds; round++) {
      const once = { ...context, rounds: 1, say: () => {} };
      context.say(`round ${round} of ${context.rounds}`);
      const ours = context.daemons.slice(0, 1);
      merge(results.one, await rounds(once, ours, WORKLOADS));
      const load = ['--queues', `${MANY}`];
      merge(results.many, await rounds(once, ours, WORKLOADS, { queues: MANY, load }));
    }
    return results;
  },
  render(/** @type {Results} */ { one, many }) {
    const rows = Object.keys(one).map((workload) => {
      const a = one[workload]?.['ours'] ?? [];
      const b = many[workload]?.['ours'] ?? [];
      const rates = (/** @type {typeof a} */ lines) => lines.map(({ rate }) => rate);
      return [
        workload,
        short(middle(a, 'rate')),
        short(middle(b, 'rate')),
        ratio(rates(b), rates(a)).median.toFixed(2),
      ];
    });
    return { markdown: table(['workload', '1 queue', `${MANY} queues`, 'ratio'], rows) };
  },
};

/**
 * @param {import('./rounds.mjs').Measured} into
 * @param {import('./rounds.mjs').Measured} measured
 */
function merge(into, measured) {
  for (const of of Object.values(measured)) {
    for (const [name, lines] of Object.entries(of)) keep(into, name, lines);
  }
}
