import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { buildBattery, driverFolder, failures, runBattery } from './battery.js';

/** The battery on the file systems of the host, which are right by definition: it keeps the battery itself honest. */

const isRoot = process.getuid?.() === 0;
/** Where files are made fast, if there is such a place. */
const memory = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
const nobody = { uid: 65534, gid: 65534 };
let top: string;
const binary = inject('posixBattery');

beforeAll(() => {
  top = mkdtempSync(join(tmpdir(), 'posix-battery-test-'));
});

afterAll(() => rmSync(top, { recursive: true, force: true }));

/** A new directory of its own for a run. */
function place(parent = top): string {
  return mkdtempSync(join(parent, 'posix-'));
}

describe('the battery on the host', { timeout: 300_000 }, () => {
  it('passes in a temporary directory, and leaves nothing there', async () => {
    const directory = place();
    const report = await runBattery(directory, { binary });
    expect(failures(report)).toEqual([]);
    expect(report.passed).toBeGreaterThan(300);
    expect(report.passed + report.failed + report.skipped).toBe(report.cases.length);
    expect(readdirSync(directory)).toEqual([]);
  });

  it.skipIf(!existsSync('/dev/shm'))('passes on a tmpfs', async () => {
    const directory = place('/dev/shm');
    try {
      const report = await runBattery(directory, { binary });
      expect(failures(report)).toEqual([]);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });

  it.skipIf(!isRoot)(
    'passes for who is not root, and skips only what needs root or is not supported',
    async () => {
      // A folder that may be reached by that user.
      const open = mkdtempSync(join(memory, 'posix-battery-open-'));
      try {
        chownSync(open, nobody.uid, nobody.gid);
        const directory = join(open, 'dir');
        mkdirSync(directory);
        chownSync(directory, nobody.uid, nobody.gid);
        const report = await runBattery(directory, { binary, user: nobody });
        expect(failures(report)).toEqual([]);
        expect(report.cases.filter(({ reason }) => reason === 'needs root').length).toBeGreaterThan(50);
        expect(report.passed).toBeGreaterThan(300);
      } finally {
        rmSync(open, { recursive: true, force: true });
      }
    },
  );
});

describe('the driver of the battery', () => {
  const cases = `
    #include "${join(driverFolder, 'battery.h')}"
    CASE("passes") { make_file("file"); }
    CASE("expects another errno") { expect_errno(ENOENT, open(".", O_WRONLY)); }
    CASE("expects an error") { expect_errno(ENOENT, access(".", F_OK)); }
    CASE("crashes") { raise(SIGSEGV); }
    CASE("hangs, a child of it too") { SPAWN { pause(); } for (;;) pause(); }
    CASE("fails in a child") { SPAWN { expect_equal(1 + 1, 3); } join(); make_file("not made"); }
    CASE("skips") { skip("\\"not\\" today\\n"); }
    CASE("leaves much behind") { make_dir("a"); make_dir("a/b"); make_file("a/b/c"); chmod("a/b", 0); chmod("a", 0); }
    CASE("goes on") { expect(!exists("file")); }
  `;
  let own: string;

  beforeAll(async () => {
    const folder = place();
    writeFileSync(join(folder, 'own.c'), cases);
    own = await buildBattery(folder, { cases: [join(folder, 'own.c')] });
  });

  it('has each case fail alone, with its reason, and cleans up', async () => {
    const directory = place();
    const report = await runBattery(directory, { binary: own, timeoutSeconds: 1 });
    expect(report).toMatchObject({ passed: 3, failed: 5, skipped: 1 });
    expect(report.cases.map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ['passed', ''],
      ['failed', 'open(".", O_WRONLY): expected ENOENT, got EISDIR (own.c:4)'],
      ['failed', 'access(".", F_OK): expected ENOENT, got success (own.c:5)'],
      ['failed', 'ended by signal 11'],
      ['failed', 'not done after 1 s'],
      ['failed', '1 + 1: expected 3, got 2 (own.c:8)'],
      ['skipped', '"not" today?'],
      ['passed', ''],
      ['passed', ''],
    ]);
    expect(readdirSync(directory)).toEqual([]);
  });

  it('runs only what is asked for', async () => {
    const report = await runBattery(place(), { binary: own, only: ['own: passes', 'expects*errno'] });
    expect(report.cases.map(({ name }) => name)).toEqual(['own: passes', 'own: expects another errno']);
  });

  it('rejects where it cannot run', async () => {
    await expect(runBattery(join(top, 'missing'), { binary: own })).rejects.toThrow('status 2');
  });
});
