// @ts-check
import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';

/**
 * What became of one suite or step. A step that runs no tests has no counts, unless it failed: then it counts as one.
 * @typedef {object} Result
 * @property {string} name
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {number} seconds
 * @property {string} [note] why it failed, where that is no test's failure
 * @property {readonly string[]} [failures] a line for each failed test: where it is, its name, and what it said first
 */

/**
 * The parts of vitest's JSON report that are read.
 * @typedef {object} Report
 * @property {FileReport[]} testResults one for each file
 *
 * @typedef {object} FileReport
 * @property {string} [name] the path of the file
 * @property {string} [message] why it could not be run
 * @property {string} status
 * @property {number} startTime milliseconds
 * @property {number} endTime milliseconds
 * @property {{ status: string, fullName?: string, failureMessages?: string[] }[]} assertionResults
 */

/**
 * Counts a report of vitest. A file that failed without a failed test in it (it could not be loaded, a hook threw) counts as
 * one failure; so does a run without a test, or without a report.
 * @param {string} name
 * @param {string} path
 * @returns {Result}
 */
export function countReport(name, path) {
  const result = { name, passed: 0, failed: 0, skipped: 0, seconds: 0 };
  if (!existsSync(path)) return { ...result, failed: 1, note: 'left no results' };
  /** @type {Report} */
  const { testResults } = JSON.parse(readFileSync(path, 'utf8'));
  /** @type {string[]} */
  const failures = [];
  let brokenFiles = 0;
  for (const { name: file = '', message, status, startTime, endTime, assertionResults } of testResults) {
    const passed = assertionResults.filter((test) => test.status === 'passed').length;
    const failed = assertionResults.filter((test) => test.status === 'failed').length;
    const broken = status === 'failed' && failed === 0;
    if (broken) {
      brokenFiles += 1;
      failures.push(`${basename(file)}: ${firstLine(message)}`);
    }
    for (const { status: outcome, fullName, failureMessages } of assertionResults) {
      if (outcome === 'failed')
        failures.push(`${basename(file)}: ${fullName}: ${firstLine(failureMessages?.[0])}`);
    }
    result.passed += passed;
    result.failed += failed;
    result.skipped += assertionResults.length - passed - failed;
    result.seconds += (endTime - startTime) / 1000;
  }
  if (brokenFiles > 0) {
    return {
      ...result,
      failures,
      failed: result.failed + brokenFiles,
      note: `${brokenFiles} test files could not be run`,
    };
  }
  if (result.passed + result.failed === 0) return { ...result, failed: 1, note: 'ran no test' };
  return failures.length > 0 ? { ...result, failures } : result;
}

/** @param {string | undefined} text */
export function firstLine(text = '') {
  return text.trim().split('\n', 1)[0] ?? '';
}

/**
 * The closing lines of a run: what failed, a line per result, and the totals as the last.
 * @param {readonly Result[]} results
 * @returns {string[]}
 */
export function summary(results) {
  const width = Math.max(...results.map(({ name }) => name.length));
  const lines = results.map(({ name, passed, failed, skipped, seconds, note }) => {
    const counts = passed + failed + skipped === 0 ? 'done' : countsOf({ passed, failed, skipped });
    return `${name.padEnd(width)}  ${`${Math.round(seconds)} s`.padStart(6)}  ${counts}${note ? ` (${note})` : ''}`;
  });
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const { passed, failed, skipped } of results) {
    total.passed += passed;
    total.failed += failed;
    total.skipped += skipped;
  }
  const failures = results.flatMap(({ name, failures = [] }) =>
    failures.map((line) => `FAILED ${name}: ${line}`),
  );
  return [...failures, ...(failures.length > 0 ? [''] : []), ...lines, '', countsOf(total)];
}

/** @param {{ passed: number, failed: number, skipped: number }} counts */
function countsOf({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
