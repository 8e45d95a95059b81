// @ts-check
import { withDaemon } from '../daemons.mjs';
import { resultsOf } from '../lines.mjs';
import { median } from '../statistics.mjs';

/**
 * What `load` says of a workload.
 * @typedef {{ workload: string, depth: number, rate: number, megabytes: number, p50: number, p99: number, p999: number,
 *   processor: number, kicks: number, calls: number, memory: number }} Line
 */
/**
 * Lines by workload and name of the daemon, one of each round.
 * @typedef {Record<string, Record<string, Line[]>>} Measured
 */

/**
 * Runs each daemon in turn in every round, so that what the machine does besides hits all alike.
 * @param {import('./section.mjs').Context} context
 * @param {readonly import('../daemons.mjs').Daemon[]} daemons
 * @param {readonly string[]} workloads
 * @param {import('../daemons.mjs').DaemonOptions & { load?: readonly string[], before?: readonly string[] }} [options] `load`: more arguments;
 *   `before`: workloads that a daemon has before those that count
 * @returns {Promise<Measured>}
 */
export async function rounds(context, daemons, workloads, { load = [], before = [], ...options } = {}) {
  /** @type {Measured} */
  const measured = {};
  for (let round = 1; round <= context.rounds; round++) {
    for (const daemon of daemons) {
      context.say(`round ${round} of ${context.rounds}: ${daemon.title}`);
      const lines = await withDaemon(daemon, { ...context, ...options }, ({ socket, pid }) =>
        resultsOf(context.programs.load, [
          ...['--socket', socket, '--process', pid, '--seconds', context.seconds],
          ...load,
          ...before,
          ...workloads,
        ]),
      );
      const skipped = before.flatMap((workload) => workload.split('+')).length;
      keep(measured, daemon.name, lines.slice(skipped));
    }
  }
  return measured;
}

/**
 * @param {Measured} measured
 * @param {string} daemon
 * @param {readonly Line[]} lines
 */
export function keep(measured, daemon, lines) {
  for (const line of lines) {
    const workload = `${line.workload}:${line.depth}`;
    const of = measured[workload] ?? {};
    of[daemon] = [...(of[daemon] ?? []), line];
    measured[workload] = of;
  }
}

/**
 * @param {readonly Line[] | undefined} lines
 * @param {Exclude<keyof Line, 'workload'>} what
 */
export function middle(lines, what) {
  return lines === undefined ? Number.NaN : median(lines.map((line) => line[what]));
}
