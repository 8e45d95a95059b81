import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'vitest';
import { clientOf, connect, startDaemon, workerOf } from '../support/daemon.js';
import { type Sample, sample } from '../support/sampler.js';
import { Pace } from './pace.js';
import { Program } from './program.js';

const PROGRAMS = 6;
const OPTIONS = [
  '--keep-alive',
  '--xattr',
  '--posix-lock',
  '--flock',
  '--thread-pool-size=2',
  '--rlimit-nofile=4096',
];

/** How a soak is run. */
export interface SoakOptions {
  readonly seconds: number;
  /** Seconds between two reconnects. */
  readonly session: number;
  /** Seconds between two samples. */
  readonly every: number;
  /** The share of one processor that guest and daemon take together. */
  readonly pace: number;
  /** Told each sample as soon as it is taken. */
  readonly measured?: (row: Row) => void;
}

/** A row of what was measured. */
export interface Row {
  readonly seconds: number;
  readonly operations: number;
  readonly sessions: number;
  readonly worker: Sample;
  readonly outer: Sample;
}

/**
 * Has programs of a guest do a little of everything for a long time, while the machine is reset again and again, with requests in flight
 * and without. Rejects at the first answer that is not right, when a guest that has done nothing yet costs more than the first one did, when
 * anything is logged as a warning, or a file is not what it should be.
 */
export async function soak(options: SoakOptions): Promise<readonly Row[]> {
  const { daemon, directory, socket } = await startDaemon(...OPTIONS);
  const outer = daemon.process.pid!;
  const worker = workerOf(outer);
  const programs = Array.from({ length: PROGRAMS }, (_, i) => new Program(`program-${i}`, i + 1));
  for (const program of programs) mkdirSync(join(directory, program.directory));
  const spent = () => {
    const { user, system } = process.cpuUsage();
    return sample(worker).cpu + (user + system) / 1e6;
  };
  const pace = new Pace(options.pace, spent);
  const rows: Row[] = [];
  let idle: number | undefined;
  const began = performance.now();
  const elapsed = () => (performance.now() - began) / 1000;
  let sessions = 0;
  const measure = () => {
    const operations = programs.reduce((sum, program) => sum + program.operations, 0);
    const row = { seconds: elapsed(), operations, sessions, worker: sample(worker), outer: sample(outer) };
    rows.push(row);
    options.measured?.(row);
  };
  measure();
  const timer = setInterval(measure, options.every * 1000);
  try {
    while (elapsed() < options.seconds) {
      const frontend = await connect(socket);
      const client = await clientOf(frontend);
      // Some are closed a moment after the connection that they belonged to.
      idle ??= sample(worker).descriptors;
      await expect.poll(() => sample(worker).descriptors, { timeout: 20_000 }).toBe(idle);
      const last = Math.min(elapsed() + options.session, options.seconds);
      const abrupt = sessions % 2 === 0;
      let gone = false;
      const working = programs.map((program) =>
        program.run(client, async () => {
          await pace.ready();
          return abrupt ? !gone : elapsed() < last;
        }),
      );
      if (abrupt) {
        // A defect ends it before its time.
        const over = setTimeout((last - elapsed()) * 1000);
        await Promise.race([over, ...working]);
        gone = true;
        frontend.close();
        for (const result of await Promise.allSettled(working)) {
          if (result.status === 'rejected' && !/DISCONNECTED|was closed/.test(String(result.reason)))
            throw result.reason;
        }
      } else {
        await Promise.all(working);
        await client.destroy();
        frontend.close();
      }
      sessions++;
    }
    measure();
  } finally {
    clearInterval(timer);
    await pace.end();
  }
  daemon.process.kill('SIGTERM');
  const { status, stderr } = await daemon.ended;
  expect([status, stderr.match(/^.*(WARN|ERROR).*$/gm)]).toEqual([0, null]);
  for (const program of programs) program.check(join(directory, program.directory));
  return rows;
}

const COLUMNS = ['seconds', 'operations', 'sessions'] as const;
const FIELDS = [
  'own',
  'shared',
  'descriptors',
  'mappings',
  'threads',
  'cpu',
] as const satisfies (keyof Sample)[];

/** The names of the columns of {@link csvLine}. */
export const CSV_HEAD = line([
  ...COLUMNS,
  ...['worker', 'outer'].flatMap((who) => FIELDS.map((field) => `${who}_${field}`)),
]);

export function csvLine(row: Row): string {
  const values = [
    ...COLUMNS.map((column) => row[column]),
    ...[row.worker, row.outer].flatMap((each) => FIELDS.map((field) => each[field])),
  ];
  return line(values.map((value) => Math.round(value * 1000) / 1000));
}

function line(cells: readonly (string | number)[]): string {
  return `${cells.join(',')}\n`;
}
