import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { end, type Mounted, places, serve } from '../fuse-device/support.js';
import { temporaryDirectory } from '../support/fixture.js';
import { complaints } from './complaints.js';
import { sqlite, writeConcurrently } from './databases.js';
import { FILE_SYSTEMS, fileSystemForTheseTests } from './file-systems.js';
import { openFiles } from './open-files.js';
import { npmInstall } from './packages.js';
import { fio, stressNg } from './stress.js';
import { git, manyEntries, tar } from './trees.js';
import type { Workload } from './workload.js';

/** How long each workload is repeated; long.mjs sets it. */
const MINUTES = Number(process.env['VFS_WORKLOAD_MINUTES'] ?? 0);
const TIMEOUT = 600_000 + MINUTES * 120_000;

/** Ends a mount that must not have complained, and that has let go of everything. */
async function finish(mount: Mounted): Promise<void> {
  const { status, stderr } = await end(mount);
  expect(complaints(stderr)).toEqual([]);
  expect(status).toBe(0);
}

/** Runs workloads one after the other in folders of one mount, each as often as there is time for. */
async function work(parent: string | undefined, options: readonly string[], workloads: readonly Workload[]) {
  const mount = await serve(await places(parent), ...options);
  for (const workload of workloads) {
    const ending = Date.now() + MINUTES * 60_000;
    for (let round = 1; round === 1 || Date.now() < ending; round++) {
      const name = `round-${round}`;
      const place = {
        mounted: join(mount.mountpoint, name),
        host: join(mount.directory, name),
        aside: temporaryDirectory(),
      };
      await mkdir(place.mounted);
      await workload.run(place, 1);
      await rm(place.mounted, { recursive: true });
      await rm(place.aside, { recursive: true });
    }
  }
  await finish(mount);
}

const everyday = [tar, sqlite('wal'), openFiles];

describe('programs find a mounted folder to be a file system like any other:', { timeout: TIMEOUT }, () => {
  it.each([
    ...[sqlite('wal'), sqlite('delete'), git, tar, npmInstall, manyEntries, openFiles, stressNg],
    ...[fio('psync', false), fio('mmap', false), fio('libaio', true)],
  ])('$name', (workload) => work(undefined, [], [workload]));

  it.each([
    [
      ['--cache=always', '--writeback'],
      [...everyday, fio('psync', false), fio('mmap', false)],
    ],
    // Without a cache, nothing can be mapped for sharing: no write-ahead log.
    [['--cache=never'], [tar, sqlite('delete'), openFiles, fio('psync', false)]],
    [['--cache=metadata'], [tar, sqlite('truncate'), openFiles]],
    [['--inode-file-handles=mandatory'], [...everyday, git]],
    [['--thread-pool-size=4'], [...everyday, fio('psync', false)]],
    [
      ['--posix-lock', '--flock'],
      [sqlite('wal'), sqlite('persist'), tar],
    ],
  ] as const)('with %j', (options, workloads) => work(undefined, options, workloads));

  it('SQLite with writers in two mounts, which the locks of the host keep apart', async () => {
    const first = await serve(await places(), '--posix-lock', '--cache=never');
    const { mountpoint } = await places();
    const second = await serve({ directory: first.directory, mountpoint }, '--posix-lock', '--cache=never');
    await writeConcurrently([first.mountpoint, second.mountpoint], 'delete', 40);
    await finish(second);
    await finish(first);
  });
});

describe.each(FILE_SYSTEMS)('on a file system of its own, of type %s,', { timeout: TIMEOUT }, (name) => {
  const fileSystem = fileSystemForTheseTests(name);
  it.for(everyday)('$name', (workload, context) => work(fileSystem(context).path, [], [workload]));
});
