import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type BatteryReport, batteryArguments, parseBattery } from '../posix/battery.js';
import { shareForThisFile } from './share.js';

/** Where a guest with Linux 6.1 differs from a file system of its own, whatever the daemon, and why. */
const KNOWN_DIFFERENCES: Readonly<Record<string, string>> = {
  'setid: a program made set-group-ID in such a directory, by who is not in the group, loses the bit':
    'kernels before 6.3 do not tell the further groups of who creates',
};

const groups = readdirSync(join(import.meta.dirname, '../posix/cases')).map((file) =>
  file.replace(/\.c$/, ''),
);

/** The daemon's options: by default, and with as much as possible taken over from the guest. */
const OPTIONS = [[], ['--posix-acl', '--posix-lock', '--flock', '--thread-pool-size=2']];

describe.each(OPTIONS.map((options) => ({ options })))('with the options $options', ({ options }) => {
  const share = shareForThisFile(1, options);

  let report: BatteryReport;
  beforeAll(async () => {
    const words = batteryArguments('.', { timeoutSeconds: 60 }).join(' ');
    // Its status says whether a case failed; which one is for the tests below.
    report = parseBattery(await share().place().sh(`posix-battery ${words} || [ $? = 1 ]`));
  });

  test.each(groups)('what the man pages promise holds in the guest: %s', (group) => {
    const cases = report.cases.filter(({ name }) => name.startsWith(`${group}: `));
    expect(cases.length).toBeGreaterThan(0);
    const failures = cases.filter(({ outcome }) => outcome === 'failed');
    const unknown = failures.filter(({ name }) => !(name in KNOWN_DIFFERENCES));
    expect(unknown.map(({ name, reason }) => `${name}: ${reason}`)).toEqual([]);
  });
});
