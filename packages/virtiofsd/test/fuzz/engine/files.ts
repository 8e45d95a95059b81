import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Inputs are written as text: lines of base64, and lines of explanation that begin with #. */
const WIDTH = 100;

/** The inputs of a target that were kept: one in each line. */
export function readCorpus(directory: string, target: string): Uint8Array[] {
  const path = join(directory, `${target}.txt`);
  return existsSync(path) ? linesOf(path).map(decode) : [];
}

export function writeCorpus(directory: string, target: string, inputs: readonly Uint8Array[]): string {
  const path = join(directory, `${target}.txt`);
  mkdirSync(directory, { recursive: true });
  writeFileSync(path, inputs.map((input) => `${encode(input)}\n`).join(''));
  return path;
}

/** An input that once broke a promise. */
export interface Regression {
  readonly name: string;
  readonly target: string;
  readonly input: Uint8Array;
}

/** All that were ever found, from the files `TARGET/NAME.txt`. */
export function readRegressions(directory: string): Regression[] {
  // Git keeps no empty directory.
  if (!existsSync(directory)) return [];
  const targets = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return targets.flatMap(({ name: target }) =>
    readdirSync(join(directory, target)).map((name) => ({
      name,
      target,
      input: readInput(join(directory, target, name)),
    })),
  );
}

export function readInput(path: string): Uint8Array {
  return decode(linesOf(path).join(''));
}

/** @returns the path of the new file, which is named by what is in it */
export function writeRegression(
  directory: string,
  target: string,
  input: Uint8Array,
  comments: readonly string[],
): string {
  const name = createHash('sha256').update(input).digest('hex').slice(0, 12);
  const lines = encode(input).match(new RegExp(`.{1,${WIDTH}}`, 'g')) ?? [];
  const path = join(directory, target, `${name}.txt`);
  mkdirSync(join(directory, target), { recursive: true });
  writeFileSync(path, [...comments.map((comment) => `# ${comment}`), ...lines, ''].join('\n'));
  return path;
}

function linesOf(path: string): string[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
}

function encode(input: Uint8Array): string {
  return Buffer.from(input).toString('base64');
}

function decode(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64'));
}
