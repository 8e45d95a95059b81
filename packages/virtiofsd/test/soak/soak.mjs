// @ts-check
/**
 * Lets a guest do a little of everything for a long time, while its machine is reset again and again, and draws what the daemon held
 * meanwhile:
 *
 *     node packages/virtiofsd/test/soak/soak.mjs [--minutes 60] [--session 20] [--pace 0.25] [--out .]
 *
 * `session`: seconds between two resets; `pace`: the share of one processor that guest and daemon take; `out`: the folder for soak.csv and
 * soak.svg. With `--plot` only the picture is made, of a table that is there. The packages must have been built.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { linePlots } from '../../../../scripts/lib/plot.mjs';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    session: { type: 'string', default: '20' },
    pace: { type: 'string', default: '0.25' },
    out: { type: 'string', default: '.' },
    plot: { type: 'boolean', default: false },
  },
});
const table = resolve(values.out, 'soak.csv');

if (!values.plot) {
  const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
  const args = [vitest, 'run', '--config', 'vitest.long.config.ts', 'test/soak', '--reporter=verbose'];
  const { status } = spawnSync(process.execPath, args, {
    cwd: join(import.meta.dirname, '../..'),
    env: {
      ...process.env,
      VFS_SOAK_MINUTES: values.minutes,
      VFS_SOAK_SESSION: values.session,
      VFS_SOAK_PACE: values.pace,
      VFS_SOAK_TABLE: table,
    },
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
}

const [head = [], ...rows] = readFileSync(table, 'utf8')
  .trim()
  .split('\n')
  .map((line) => line.split(','));

/** @param {string} name @returns {[minutes: number, value: number][]} */
function column(name) {
  const index = head.indexOf(name);
  return rows.map((row) => [Number(row[0]) / 60, Number(row[index])]);
}

/**
 * How much a quantity changes from one sample to the next, per second.
 * @param {string} name
 */
function rate(name) {
  const points = column(name);
  return points.slice(1).map(([minutes, value], i) => {
    const [before, was] = points[i] ?? [0, 0];
    return /** @type {[number, number]} */ ([minutes, (value - was) / ((minutes - before) * 60)]);
  });
}

/**
 * The slope of the least-squares line through the second half of some points, per hour.
 * @param {readonly (readonly [number, number])[]} points
 */
function slope(points) {
  const half = points.slice(Math.floor(points.length / 2));
  /** @param {0 | 1} index */
  const mean = (index) => half.reduce((sum, point) => sum + point[index], 0) / half.length;
  const [x, y] = [mean(0), mean(1)];
  const above = half.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0);
  const below = half.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
  return below === 0 ? 0 : (above / below) * 60;
}

/** @param {string} name the column of each process, without its name */
const both = (name) => [
  { name: 'worker', points: column(`worker_${name}`) },
  { name: 'outer process', points: column(`outer_${name}`) },
];
const minutes = Math.round(Number(rows.at(-1)?.[0]) / 60);
const picture = linePlots({
  title: `${minutes} minutes of mixed work, ${rows.at(-1)?.[2]} resets of the machine`,
  x: 'minutes',
  plots: [
    { title: 'Memory of its own (anonymous), MiB', series: both('own') },
    { title: 'Open descriptors', series: both('descriptors') },
    { title: 'Mappings', series: both('mappings') },
    { title: 'Processor time, % of one', series: percent() },
    { title: 'Operations per second', series: [{ name: 'operations', points: rate('operations') }] },
  ],
  height: 110,
});

function percent() {
  return ['worker', 'outer'].map((who) => ({
    name: who === 'outer' ? 'outer process' : who,
    points: rate(`${who}_cpu`).map(([x, y]) => /** @type {[number, number]} */ ([x, y * 100])),
  }));
}

writeFileSync(resolve(values.out, 'soak.svg'), picture);
const own = column('worker_own');
const second = own.slice(Math.floor(own.length / 2)).map(([, value]) => value);
process.stdout.write(
  [
    `${rows.at(-1)?.[1]} operations, ${rows.at(-1)?.[2]} resets in ${minutes} minutes`,
    `worker, second half: ${Math.min(...second)} to ${Math.max(...second)} MiB of its own, slope ${slope(own).toFixed(2)} MiB per hour`,
    `descriptors, second half: slope ${slope(column('worker_descriptors')).toFixed(1)} per hour`,
    `written: ${table}, ${resolve(values.out, 'soak.svg')}`,
    '',
  ].join('\n'),
);
