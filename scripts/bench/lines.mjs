// @ts-check
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** For one program, in milliseconds. */
const LONGEST = 3_600_000;

/**
 * Runs a program that prints a line of JSON for each result.
 * @param {string} program
 * @param {readonly (string | number)[]} args
 * @returns {Promise<any[]>}
 */
export async function resultsOf(program, args) {
  const { stdout } = await promisify(execFile)(program, args.map(String), {
    timeout: LONGEST,
    maxBuffer: 2 ** 26,
  });
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
}
