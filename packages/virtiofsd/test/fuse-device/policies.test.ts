import { describe, expect, inject, it } from 'vitest';
import type { ShareSettings } from '../../src/passthrough/settings.js';
import { failures, runBattery } from '../posix/battery.js';
import { servedHere } from './support.js';

/** What the battery may pass over: a feature that the file system does not have, and says so. */
const UNSUPPORTED = /not supported here|no limit within|files are smaller here|no room/;

/** Those of the battery that caches and privileges have to do with. */
const SUBJECTS = ['setid', 'mmap', 'write', 'open', 'truncate', 'copy', 'tmpfile', 'fallocate', 'stat'];

const policies: [string, Partial<ShareSettings>][] = [
  // Without a timeout: of blocks that have been taken or given back meanwhile the kernel learns when it asks again.
  ['always and writeback', { cache: 'always', writeback: true, attrTimeout: 0 }],
  ['auto and writeback, with killpriv-v2', { writeback: true, killprivV2: true, attrTimeout: 0 }],
  ['auto, with killpriv-v2', { killprivV2: true }],
  ['never', { cache: 'never' }],
  [
    'never, with mappings and direct I/O',
    { cache: 'never', allowMmap: true, allowDirectIo: true, killprivV2: true },
  ],
  ['metadata, with absences', { cache: 'metadata', negativeTimeout: 0.5 }],
];

describe('the POSIX battery', { timeout: 600_000 }, () => {
  it.each(policies)('passes with the cache policy %s', async (_, settings) => {
    await using mount = await servedHere(settings);
    const report = await runBattery(mount.mountpoint, {
      binary: inject('posixBattery'),
      only: SUBJECTS,
    });
    expect(failures(report)).toEqual([]);
    const skipped = report.cases.filter(({ outcome }) => outcome === 'skipped');
    expect(skipped.filter(({ reason }) => !UNSUPPORTED.test(reason))).toEqual([]);
    expect(report.passed).toBeGreaterThan(150);
    expect(mount.messages.filter((line) => / (WARN|ERROR) /.test(line))).toEqual([]);
  });
});
