// @ts-check
import { execFile, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { which } from '../../lib/run.mjs';
import { withDaemon } from '../daemons.mjs';
import { resultsOf } from '../lines.mjs';
import { short, table } from './section.mjs';

const WORKLOADS = ['getattr:32', 'getattr:1', 'read4k:32', 'read4k:1', 'write4k:16', 'lookup:16'];
/** Let the compiler finish, in milliseconds. */
const WARM_UP = 700;
/** Where code lies, by the name that perf has for it. */
const PLACES = /** @type {const} */ ([
  ['the kernel', /^\[(kernel|guest\.kernel)/],
  ['the addon', /^sys\.node$/],
  ['Node and V8', /^node$/],
  ['compiled JavaScript', /^\[JIT\]|^perf-\d+\.map$|^\[anon|^anon|^\/\/anon/],
]);
const REST = 'C library and others';

/** @typedef {{ workload: string, processor: number, shares: Record<string, number>, calls: Record<string, number> }} Profile */

/** @type {import('./section.mjs').Section} */
export const profile = {
  name: 'profile',
  title: 'Where the time goes',
  async measure(context) {
    for (const tool of ['perf', 'strace']) if (which(tool) === null) throw new Error(`this needs ${tool}`);
    const [ours] = context.daemons;
    if (ours === undefined) throw new Error('nothing to measure');
    const seconds = context.quick ? 0.5 : 2;
    /** @type {Profile[]} */
    const profiles = [];
    for (const workload of WORKLOADS) {
      context.say(workload);
      const load = (/** @type {string} */ socket, /** @type {number} */ pid) =>
        resultsOf(context.programs.load, [
          ...['--socket', socket, '--process', pid, '--seconds', WARM_UP / 1000 + seconds + 1],
          workload,
        ]);
      const sampled = await withDaemon(ours, context, async ({ socket, pid }) => {
        const [[line], shares] = await Promise.all([load(socket, pid), sample(context, pid, seconds)]);
        return { processor: line.processor, shares };
      });
      const calls = await withDaemon(ours, context, async ({ socket, pid }) => {
        const [, counts] = await Promise.all([load(socket, pid), trace(pid, seconds)]);
        return counts;
      });
      profiles.push({ workload, ...sampled, calls: perRequest(calls, workload) });
    }
    return profiles;
  },
  render(/** @type {Profile[]} */ profiles) {
    const places = [...PLACES.map(([name]) => name), REST];
    const rows = profiles.map(({ workload, processor, shares }) => [
      workload,
      short(processor),
      ...places.map((place) => short((shares[place] ?? 0) * processor)),
    ]);
    const counts = profiles.map(({ workload, calls }) => [
      workload,
      Object.entries(calls)
        .filter(([, count]) => count >= 0.005)
        .map(([name, count]) => `${name} ${count.toFixed(2)}`)
        .join(', '),
    ]);
    return {
      markdown: [
        'Microseconds of processor time of one operation, and where they are spent (samples of `perf record`):',
        '',
        table(['workload', 'all', ...places], rows),
        '',
        'System calls of one operation (`strace -c`, which slows the daemon down; so the daemon waits for the guest less often than it does otherwise):',
        '',
        table(['workload', 'calls'], counts),
      ].join('\n'),
    };
  },
};

/**
 * The processes that descend from another.
 * @param {number} root
 * @returns {number[]}
 */
function family(root) {
  const all = [root];
  for (const pid of all) {
    for (const task of readdirSync(`/proc/${pid}/task`)) {
      const children = readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8');
      all.push(...children.split(' ').filter(Boolean).map(Number));
    }
  }
  return all;
}

/**
 * Shares of the places in the samples of some seconds.
 * @param {import('./section.mjs').Context} context
 * @param {number} pid
 * @param {number} seconds
 */
async function sample({ work }, pid, seconds) {
  await wait(WARM_UP);
  const data = join(work, 'perf.data');
  const run = promisify(execFile);
  await run('perf', [
    'record',
    '-q',
    '-F',
    '4000',
    '-o',
    data,
    '-p',
    family(pid).join(),
    '--',
    'sleep',
    `${seconds}`,
  ]);
  const { stdout } = await run('perf', ['report', '-i', data, '--sort', 'dso', '--stdio', '-q'], {
    maxBuffer: 2 ** 24,
  });
  /** @type {Record<string, number>} */
  const shares = {};
  for (const [, percent, name = ''] of stdout.matchAll(/^\s*([\d.]+)%\s+(.*?)\s*$/gm)) {
    const place = PLACES.find(([, pattern]) => pattern.test(name))?.[0] ?? REST;
    shares[place] = (shares[place] ?? 0) + Number(percent) / 100;
  }
  return shares;
}

/**
 * System calls of some seconds, by name.
 * @param {number} pid
 * @param {number} seconds
 * @returns {Promise<Record<string, number>>}
 */
async function trace(pid, seconds) {
  await wait(WARM_UP);
  const child = spawn('strace', ['-f', '-c', ...family(pid).flatMap((each) => ['-p', `${each}`])], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (more) => (text += more));
  const ended = new Promise((resolve) => child.on('close', resolve));
  await wait(seconds * 1000);
  child.kill('SIGINT');
  await ended;
  /** @type {Record<string, number>} */
  const counts = {};
  for (const [, count, name = ''] of text.matchAll(
    /^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?(\w+)$/gm,
  )) {
    if (name !== 'total') counts[name] = Number(count);
  }
  return counts;
}

/**
 * Every operation makes one of these calls, and so says how many operations were traced.
 * @param {Record<string, number>} counts
 * @param {string} workload
 */
function perRequest(counts, workload) {
  const [kind = ''] = workload.split(':');
  const { fstat = Number.NaN, preadv2, pwritev2, statx = Number.NaN, openat = 0 } = counts;
  // A LOOKUP of a file that is not known opens it, and looks at what it has opened.
  const operations =
    { getattr: fstat, read4k: preadv2, write4k: pwritev2, lookup: statx - openat }[kind] ?? Number.NaN;
  return Object.fromEntries(
    Object.entries(counts)
      .map(([name, count]) => /** @type {const} */ ([name, count / operations]))
      .sort(([, a], [, b]) => b - a),
  );
}
