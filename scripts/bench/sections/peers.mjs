// @ts-check
import { barPlot } from '../../lib/plot.mjs';
import { median, ratio } from '../statistics.mjs';
import { middle, rounds } from './rounds.mjs';
import { short, table } from './section.mjs';

const WORKLOADS = [
  ...['getattr:1', 'getattr:32', 'lookup:1', 'lookup:16', 'open:1', 'create:1', 'create:8', 'readdirplus:1'],
  ...['read4k:1', 'read4k:32', 'read128k:1', 'read1m:1', 'read1m:4', 'write4k:1', 'write4k:16'],
  ...['write128k:1', 'write1m:1', 'mixed:16'],
];
/** What one figure shows. */
const FIGURES = {
  files: ['getattr:1', 'getattr:32', 'lookup:1', 'lookup:16', 'open:1', 'create:1', 'readdirplus:1'],
  data: ['read4k:1', 'read4k:32', 'read128k:1', 'read1m:1', 'write4k:1', 'write1m:1', 'mixed:16'],
};

/** @typedef {{ rounds: number, seconds: number, daemons: Record<string, string>, measured: import('./rounds.mjs').Measured }} Results */

/** @type {import('./section.mjs').Section} */
export const peers = {
  name: 'peers',
  title: 'Beside the daemons in Rust and C',
  async measure(context) {
    const measured = await rounds(context, context.daemons, WORKLOADS);
    const daemons = Object.fromEntries(context.daemons.map(({ name, title }) => [name, title]));
    return { rounds: context.rounds, seconds: context.seconds, daemons, measured };
  },
  render(/** @type {Results} */ results) {
    const names = Object.keys(results.daemons);
    const titles = Object.values(results.daemons);
    const others = names.slice(1);
    const each = (
      /** @type {(of: Record<string, import('./rounds.mjs').Line[]>, workload: string) => string[]} */ cells,
    ) => Object.entries(results.measured).map(([workload, of]) => [workload, ...cells(of, workload)]);
    const rates = each((of) => [
      ...names.map((name) => short(middle(of[name], 'rate'))),
      others.length === 0 ? '–' : besideBest(of, others, 'rate', Math.max),
    ]);
    const costs = each((of) => [
      ...names.map((name) => short(middle(of[name], 'processor'))),
      others.length === 0 ? '–' : besideBest(of, others, 'processor', Math.min),
    ]);
    const times = each((of) =>
      names.map((name) => `${short(middle(of[name], 'p50'))} / ${short(middle(of[name], 'p99'))}`),
    );
    const memory = names.map((name) => {
      const all = Object.values(results.measured).flatMap((of) => of[name] ?? []);
      return short(Math.max(...all.map((line) => line.memory)) / 1024);
    });
    return {
      markdown: [
        `Medians of ${results.rounds} rounds of ${results.seconds} s. The last column is this daemon's figure divided by the best of the others', the`,
        'median of the rounds, and in parentheses the quartiles.',
        '',
        'Operations per second (of `readdirplus`: entries), more is better:',
        '',
        table(['workload', ...titles, 'beside the best'], rates),
        '',
        'Microseconds of processor time of an operation, all threads, less is better:',
        '',
        table(['workload', ...titles, 'beside the best'], costs),
        '',
        'Microseconds that an operation takes, half of them and 99 % of them at most (of `readdirplus`: a whole listing):',
        '',
        table(['workload', ...titles], times),
        '',
        table(['', ...titles], [['most memory, MiB', ...memory]]),
      ].join('\n'),
      figures:
        others.length === 0
          ? {}
          : Object.fromEntries(
              Object.entries(FIGURES).map(([name, workloads]) => [name, figure(results, workloads)]),
            ),
    };
  },
};

/**
 * @param {Record<string, import('./rounds.mjs').Line[]>} of
 * @param {readonly string[]} others
 * @param {'rate' | 'processor'} what
 * @param {(...values: number[]) => number} best
 */
function besideBest(of, others, what, best) {
  const there = others.filter((name) => of[name] !== undefined);
  const goal = best(...there.map((name) => middle(of[name], what)));
  const winner = there.find((name) => middle(of[name], what) === goal) ?? '';
  const values = (/** @type {string} */ name) => (of[name] ?? []).map((line) => line[what]);
  const { median: middleRatio, low, high } = ratio(values('ours'), values(winner));
  return `${middleRatio.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)})`;
}

/**
 * @param {Results} results
 * @param {readonly string[]} workloads
 */
function figure(results, workloads) {
  const base = Object.keys(results.daemons)[1] ?? '';
  const groups = workloads.flatMap((workload) => {
    const of = results.measured[workload];
    if (of === undefined) return [];
    const unit = median((of[base] ?? []).map((line) => line.rate));
    return {
      name: workload,
      bars: Object.entries(results.daemons).map(([name, title]) => ({
        name: title,
        value: middle(of[name], 'rate') / unit,
      })),
    };
  });
  const title = 'Operations per second';
  return barPlot({ title, y: `times as many as the daemon in ${results.daemons[base]} has`, groups });
}
