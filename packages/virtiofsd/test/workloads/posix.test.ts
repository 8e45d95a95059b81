import { chmod } from 'node:fs/promises';
import { describe, expect, inject, it } from 'vitest';
import { end, places, serve } from '../fuse-device/support.js';
import { type BatteryReport, failures, runBattery } from '../posix/battery.js';
import { complaints } from './complaints.js';
import { FILE_SYSTEMS, fileSystemForTheseTests } from './file-systems.js';

const NOBODY = { uid: 65534, gid: 65534 };

/** What fails on the file system itself is not ours to promise. */
function beyond(report: BatteryReport, reference: BatteryReport): string[] {
  const known = new Set(
    reference.cases.filter(({ outcome }) => outcome === 'failed').map(({ name }) => name),
  );
  return failures(report).filter((line) => !known.has(line.split(' # ')[0]!));
}

describe.each(FILE_SYSTEMS)('a mounted folder of a file system of type %s', { timeout: 600_000 }, (name) => {
  const fileSystem = fileSystemForTheseTests(name);

  it.for([
    ['root', undefined],
    ['a plain user', NOBODY],
  ] as const)('keeps the promises of the man pages, to %s', async ([, user], context) => {
    const place = await places(fileSystem(context).path);
    for (const path of [place.directory, place.mountpoint]) await chmod(path, user ? 0o777 : 0o755);
    await chmod(`${place.directory}/..`, 0o755);
    const options = { binary: inject('posixBattery'), ...(user && { user }) };
    const reference = await runBattery(place.directory, options);
    const mount = await serve(place);
    const report = await runBattery(mount.mountpoint, options);
    expect(beyond(report, reference)).toEqual([]);
    expect(report.passed).toBeGreaterThan(user ? 400 : 800);
    const { status, stderr } = await end(mount);
    expect(complaints(stderr)).toEqual([]);
    expect(status).toBe(0);
  });
});
