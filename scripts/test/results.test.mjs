// @ts-check
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { countReport, summary } from '../lib/results.mjs';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vfs-results-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** @param {{ status: string, tests: string[] }[]} files */
function count(files) {
  const path = join(folder, 'results.json');
  const testResults = files.map(({ status, tests }) => ({
    status,
    startTime: 1000,
    endTime: 3000,
    assertionResults: tests.map((outcome) => ({ status: outcome })),
  }));
  writeFileSync(path, JSON.stringify({ testResults }));
  return countReport('suite', path);
}

test('tests are counted by outcome, over all files', () => {
  const result = count([
    { status: 'passed', tests: ['passed', 'passed', 'skipped'] },
    { status: 'failed', tests: ['failed', 'passed', 'todo'] },
  ]);
  expect(result).toMatchObject({ name: 'suite', passed: 3, failed: 1, skipped: 2, seconds: 4 });
});

test('a file that could not be run is a failure', () => {
  expect(count([{ status: 'failed', tests: [] }])).toMatchObject({ passed: 0, failed: 1 });
});

test('a run without a test is a failure', () => {
  expect(count([])).toMatchObject({ failed: 1, note: 'ran no test' });
});

test('a run that left no report is a failure', () => {
  expect(countReport('suite', join(folder, 'nothing.json'))).toMatchObject({
    failed: 1,
    note: 'left no results',
  });
});

test('each failure is named, with what it said first, above the table', () => {
  const path = join(folder, 'results.json');
  const file = { status: 'failed', startTime: 0, endTime: 0 };
  const failed = {
    status: 'failed',
    fullName: 'a promise is kept',
    failureMessages: ['Error: not kept\n  at x'],
  };
  const testResults = [
    { ...file, name: '/there/broken.test.ts', message: 'no such module\nmore', assertionResults: [] },
    { ...file, name: '/there/kept.test.ts', assertionResults: [failed, { status: 'passed' }] },
  ];
  writeFileSync(path, JSON.stringify({ testResults }));
  expect(summary([countReport('suite', path)]).slice(0, 3)).toEqual([
    'FAILED suite: broken.test.ts: no such module',
    'FAILED suite: kept.test.ts: a promise is kept: Error: not kept',
    '',
  ]);
});

test('the totals are the last line', () => {
  const lines = summary([
    { name: 'lint', passed: 0, failed: 0, skipped: 0, seconds: 1.4 },
    { name: 'a suite', passed: 12, failed: 1, skipped: 0, seconds: 100 },
    { name: 'another', passed: 3, failed: 0, skipped: 0, seconds: 2 },
  ]);
  expect(lines).toEqual([
    'lint        1 s  done',
    'a suite   100 s  12 passed, 1 failed',
    'another     2 s  3 passed, 0 failed',
    '',
    '15 passed, 1 failed',
  ]);
});
