/** What fuzz.mjs runs: one target, for some time or for one input. Its messages go to standard output. */
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Coverage } from './engine/coverage.js';
import { readCorpus, readInput, readRegressions, writeCorpus, writeRegression } from './engine/files.js';
import { type Failure, type FuzzResult, fuzz, type Progress } from './engine/fuzzer.js';
import { PresentInput } from './engine/present-input.js';
import { Runner } from './engine/runner.js';
import type { Target } from './engine/target.js';
import { TARGETS, targetNamed } from './targets/index.js';

const FAILED = 1;
const REPORT_INTERVAL = 10_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    directory: { type: 'string', default: '.' },
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    save: { type: 'boolean', default: false },
    replay: { type: 'string' },
    present: { type: 'string' },
    list: { type: 'boolean', default: false },
  },
});
const CORPUS = join(values.directory, 'corpus');
const REGRESSIONS = join(values.directory, 'regressions');

async function main(): Promise<number> {
  if (values.list) {
    for (const { name, promise } of TARGETS) print(`${name}: ${promise}`);
    return 0;
  }
  const target = targetNamed(positionals[0] ?? '');
  return values.replay === undefined ? await run(target) : await replay(target, values.replay);
}

async function run(target: Target): Promise<number> {
  const { name } = target;
  const seed = Number(values.seed);
  print(`${name}, seed ${seed}, ${values.minutes} minutes: ${target.promise}`);
  const begin = performance.now();
  const end = begin + 60_000 * Number(values.minutes);
  using coverage = coverageOfBundle();
  using present = openPresent();
  let reported = begin;
  let interrupted = false;
  process.once('SIGINT', () => {
    interrupted = true;
  });
  const result = await fuzz({
    target,
    seed,
    kept: [
      ...readCorpus(CORPUS, name),
      ...readRegressions(REGRESSIONS).flatMap((each) => (each.target === name ? [each.input] : [])),
    ],
    coverage,
    goOn: (progress) => {
      const now = performance.now();
      if (now > reported + REPORT_INTERVAL) {
        reported = now;
        print(line(progress, now - begin));
      }
      return now < end && !interrupted;
    },
    ...(present && { about: (input) => present.write(input) }),
  });
  print(line(result, performance.now() - begin));
  if (result.failure) return report(target, seed, result, result.failure);
  if (values.save) print(`wrote ${writeCorpus(CORPUS, name, await reduced(target, result.kept))}`);
  return 0;
}

/** As few inputs that do the same together: each is run once more, the small ones first. */
async function reduced(target: Target, kept: readonly Uint8Array[]): Promise<readonly Uint8Array[]> {
  using coverage = coverageOfBundle();
  return (await fuzz({ target, seed: 0, kept, coverage, goOn: () => false })).kept;
}

function coverageOfBundle(): Coverage {
  return new Coverage((url) => url.startsWith('file:') && url.endsWith('/main.js'));
}

/** One input, as a regression file has it. */
async function replay(target: Target, path: string): Promise<number> {
  using runner = new Runner(target);
  const { error } = await runner.run(readInput(path));
  print(error === undefined ? 'the promise holds' : describe(error));
  return error === undefined ? 0 : FAILED;
}

function report({ name }: Target, seed: number, { executions }: FuzzResult, failure: Failure): number {
  const { error, input, reproducible } = failure;
  print(
    `\n${name} FAILED with seed ${seed} after ${executions} inputs${reproducible ? '' : ', not again by itself'}:\n${describe(error)}`,
  );
  // Without the stack: it names places of this machine.
  const [what = ''] = String(error).split('\n');
  const comments = [`found with seed ${seed}`, what];
  print(`wrote ${writeRegression(REGRESSIONS, name, input, comments)}`);
  return FAILED;
}

function line({ executions, kept, features, blocks }: Progress, milliseconds: number): string {
  const seconds = milliseconds / 1000;
  const rate = (executions / seconds).toFixed(1);
  return `${seconds.toFixed(0)} s: ${executions} inputs, ${rate}/s; ${kept.length} kept, ${features} outcomes, ${blocks} blocks`;
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return `${error.stack ?? error.message}${cause === undefined ? '' : `\ncaused by ${describe(cause)}`}`;
}

function openPresent(): PresentInput | undefined {
  if (values.present === undefined) return undefined;
  const fd = openSync(values.present, 'r+');
  try {
    return new PresentInput(fd);
  } finally {
    closeSync(fd);
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

process.exitCode = await main();
