import { execFileSync } from 'node:child_process';
import { constants, readFileSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { places, serve } from '../fuse-device/support.js';
import { sharedDirectory, temporaryDirectory } from '../support/fixture.js';

const { O_APPEND, O_RDWR, O_SYNC } = constants;
const SIZE = 3 << 20;
const ROUNDS = 30;
/** Requests in flight at the same time. */
const AT_ONCE = 24;

/** Numbers that are the same in each run. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Takes a file out of the page cache of the host, from a megabyte on. */
function makeCold(path: string): void {
  execFileSync('sync', [path]);
  execFileSync('dd', [`if=${path}`, 'iflag=nocache', 'skip=1', 'bs=1M', 'count=0'], { stdio: 'ignore' });
}

/** A folder on a disk; in memory; and one where every call has to wait for another process. */
async function folderOn(kind: string): Promise<string> {
  if (kind === 'disk') return temporaryDirectory(tmpdir());
  if (kind === 'memory') return temporaryDirectory('/dev/shm');
  const { mountpoint } = await serve(await places());
  await mkdir(join(mountpoint, 'shared'));
  return join(mountpoint, 'shared');
}

describe('reads and writes of a share with a thread pool', () => {
  it.each(
    [0, 1, 8].flatMap((threads) => ['disk', 'memory', 'remote'].map((kind) => [threads, kind] as const)),
  )('have the right data: %i threads, %s', async (threadPoolSize, kind) => {
    const directory = await folderOn(kind);
    const next = random(threadPoolSize + kind.length);
    const model = Buffer.from(Array.from({ length: SIZE }, () => next(256)));
    const path = join(directory, 'file');
    writeFileSync(path, model);
    const { client } = await sharedDirectory({
      memory: 'segments',
      share: { directory, threadPoolSize },
    });
    const { nodeid } = await client.lookup(1, 'file');
    const handles = await Promise.all(
      [O_RDWR, O_RDWR | O_SYNC].map(async (flags) => (await client.open(nodeid, flags)).fh),
    );
    for (let round = 0; round < ROUNDS; round++) {
      if (kind === 'disk' && round % 5 === 0) makeCold(path);
      // Each request has a part of the file to itself, so that the result does not depend on their order.
      const part = Math.floor(SIZE / AT_ONCE);
      await Promise.all(
        Array.from({ length: AT_ONCE }, async (_, i) => {
          const start = i * part + next(part);
          const length = 1 + next((i + 1) * part - start);
          const fh = handles[next(handles.length)]!;
          if (next(2) === 0) {
            const data = Buffer.alloc(length, `${round}.${i} `);
            data.copy(model, start);
            expect(await client.write(nodeid, fh, start, data)).toBe(length);
          } else {
            const data = await client.read(nodeid, fh, start, length);
            expect(data.equals(model.subarray(start, start + length))).toBe(true);
          }
        }),
      );
    }
    expect((await client.read(nodeid, handles[0]!, SIZE - 1000, 5000)).length).toBe(1000);
    expect(await client.read(nodeid, handles[0]!, SIZE, 10)).toHaveLength(0);
    await client.fsync(nodeid, handles[0]!);
    expect(readFileSync(path).equals(model)).toBe(true);
  });

  it('append each piece whole', async () => {
    const { client, path } = await sharedDirectory({ memory: 'segments', share: { threadPoolSize: 8 } });
    const { nodeid, fh } = await client.create(1, 'file', O_RDWR | O_APPEND);
    const pieces = Array.from({ length: 40 }, (_, i) => String.fromCharCode(65 + i).repeat(50_000));
    await Promise.all(
      pieces.map((piece) => client.write(nodeid, fh, 0, piece, { flags: O_RDWR | O_APPEND })),
    );
    const written = readFileSync(path('file'), 'latin1').match(/.{50000}/gs)!;
    expect(written.sort()).toEqual(pieces.sort());
  });
});
