import { chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import type { FileSystem } from '@vfs/fuse-proto';
import { describe, expect, inject, it } from 'vitest';
import { MemoryFs } from '../../../fuse-proto/examples/memory/memory-fs.js';
import { mountFileSystem } from '../../src/index.js';
import { type BatteryReport, failures, runBattery } from '../posix/battery.js';
import { end, type Mounted, places, serve } from './support.js';

/** What the battery may pass over: a feature that the file system does not have, and says so. */
const UNSUPPORTED = /not supported here|no limit within|files are smaller here|no room/;

/** Runs the battery on a mount. */
function battery(mountpoint: string): Promise<BatteryReport> {
  return runBattery(mountpoint, { binary: inject('posixBattery') });
}

function expectToPass(report: BatteryReport): void {
  expect(failures(report)).toEqual([]);
  const skipped = report.cases.filter(({ outcome }) => outcome === 'skipped');
  expect(skipped.filter(({ reason }) => !UNSUPPORTED.test(reason))).toEqual([]);
  expect(report.passed).toBeGreaterThan(800);
}

describe('the POSIX battery', { timeout: 600_000 }, () => {
  it.each([
    ['the temporary directory, as it is by default', tmpdir(), []],
    ['the temporary directory, with access control lists', tmpdir(), ['--posix-acl']],
    ['a tmpfs, with extended attributes', '/dev/shm', ['--xattr']],
  ])('passes on a mounted folder of %s', async (_, parent, args) => {
    const place = await places(parent);
    // For the users that the battery becomes.
    for (const path of [place.directory, place.mountpoint]) await chmod(path, 0o755);
    const mount: Mounted = await serve(place, ...args);
    expectToPass(await battery(mount.mountpoint));
    const { status, stderr } = await end(mount);
    expect(stderr).not.toMatch(/ (WARN|ERROR) /);
    expect(status).toBe(0);
  });

  it('passes on the in-memory example, mounted by this process', async () => {
    const { mountpoint } = await places();
    await chmod(mountpoint, 0o755);
    // The example is compiled from its sources, this package from what is built: two sets of the same classes.
    const fs = new MemoryFs() as unknown as FileSystem;
    await using mount = await mountFileSystem(fs, mountpoint, { trusted: true });
    expectToPass(await battery(mount.path));
  });
});
