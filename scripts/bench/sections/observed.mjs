// @ts-check
import { join } from 'node:path';
import { ratio } from '../statistics.mjs';
import { middle, rounds } from './rounds.mjs';
import { short, table } from './section.mjs';

const WORKLOADS = ['getattr:32', 'lookup:16', 'read4k:32', 'mixed:16'];

/** @type {import('./section.mjs').Section} */
export const observed = {
  name: 'observed',
  title: 'With metrics',
  async measure(context) {
    const ours = context.daemons.slice(0, 1);
    const watched = ours.map((daemon) => ({
      ...daemon,
      name: 'metrics',
      title: `${daemon.title}, with metrics`,
      command: (/** @type {Parameters<typeof daemon.command>} */ ...args) => [
        ...daemon.command(...args),
        `--metrics-socket=${join(context.work, 'metrics')}`,
      ],
    }));
    return rounds(context, [...ours, ...watched], WORKLOADS, { before: WORKLOADS });
  },
  render(/** @type {import('./rounds.mjs').Measured} */ measured) {
    const rows = Object.entries(measured).map(([workload, { ours = [], metrics = [] }]) => {
      const beside = (/** @type {'rate' | 'processor'} */ what) =>
        ratio(
          metrics.map((line) => line[what]),
          ours.map((line) => line[what]),
        ).median.toFixed(3);
      return [
        workload,
        ...[short(middle(ours, 'rate')), short(middle(metrics, 'rate')), beside('rate')],
        ...[short(middle(ours, 'processor')), short(middle(metrics, 'processor')), beside('processor')],
      ];
    });
    const heads = ['operations/s', 'with metrics', 'ratio', 'processor µs', 'with metrics', 'ratio'];
    return { markdown: table(['workload', ...heads], rows) };
  },
};
