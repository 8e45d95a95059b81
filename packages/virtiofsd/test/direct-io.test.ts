import { readFileSync, writeFileSync } from 'node:fs';
import { FUSE_WRITE_CACHE } from '@vfs/fuse-proto';
import { O_APPEND, O_CREAT, O_DIRECT, O_RDWR, O_WRONLY } from '@vfs/sys';
import { describe, expect, it } from 'vitest';
import { type Fixture, sharedDirectory } from './support/fixture.js';

/** The flags that the host has for the only open file. */
function hostFlags({ share }: Fixture): number {
  const [handle] = share.handles.records();
  const info = readFileSync(`/proc/self/fdinfo/${handle!.descriptor}`, 'utf8');
  const flags = /^flags:\s*(\d+)$/m.exec(info);
  return Number.parseInt(flags![1]!, 8);
}

async function openDirect(fixture: Fixture, content: string) {
  writeFileSync(fixture.path('file'), content);
  const id = Number(await fixture.client.walk('file'));
  return { id, ...(await fixture.client.open(id, O_RDWR | O_DIRECT)) };
}

describe('O_DIRECT of the guest', () => {
  it('is not the host’s, unless that is allowed', async () => {
    for (const allowDirectIo of [false, true]) {
      const opened = await sharedDirectory({ share: { allowDirectIo } });
      await openDirect(opened, 'x');
      expect((hostFlags(opened) & O_DIRECT) !== 0).toBe(allowDirectIo);
      const created = await sharedDirectory({ share: { allowDirectIo } });
      await created.client.create(1, 'new', O_RDWR | O_CREAT | O_DIRECT);
      expect((hostFlags(created) & O_DIRECT) !== 0).toBe(allowDirectIo);
    }
  });

  // Pieces of 4001 bytes at odd places are as unaligned as anything can be.
  describe.each([0, 2])('with a pool of %d threads', (threadPoolSize) => {
    const settings = { allowDirectIo: true, threadPoolSize };

    it('never makes a transfer fail for not being aligned', async () => {
      const fixture = await sharedDirectory({ memory: 'segments', share: settings });
      const { client, path } = fixture;
      const { id, fh } = await openDirect(fixture, 'x'.repeat(10_000));
      expect((await client.read(id, fh, 9_990, 100)).toString()).toBe('x'.repeat(10));
      expect(await client.write(id, fh, 9_998, 'tail')).toBe(4);
      expect(await client.write(id, fh, 4096, 'y'.repeat(5000), { write_flags: FUSE_WRITE_CACHE })).toBe(
        5000,
      );
      const expected = `${'x'.repeat(4096)}${'y'.repeat(5000)}${'x'.repeat(902)}tail`;
      expect(readFileSync(path('file'), 'latin1')).toBe(expected);
      expect(await client.write(id, fh, 0, 'end', { flags: O_APPEND })).toBe(3);
      expect(readFileSync(path('file'), 'latin1')).toBe(`${expected}end`);
    });

    it('holds again after such a transfer', async () => {
      const fixture = await sharedDirectory({ memory: 'segments', share: settings });
      const { id, fh } = await openDirect(fixture, 'content');
      const before = hostFlags(fixture);
      await Promise.all([
        fixture.client.write(id, fh, 1, 'x'),
        fixture.client.read(id, fh, 3, 2),
        fixture.client.write(id, fh, 5, 'y'),
      ]);
      expect(hostFlags(fixture)).toBe(before);
    });

    it('leaves other errors what they are', async () => {
      const fixture = await sharedDirectory({ share: settings });
      writeFileSync(fixture.path('file'), 'x');
      const id = Number(await fixture.client.walk('file'));
      const { fh } = await fixture.client.open(id, O_WRONLY | O_DIRECT);
      await expect(fixture.client.read(id, fh, 0, 1)).rejects.toThrow('EBADF');
      await expect(fixture.client.write(id, fh, 2n ** 63n, 'x')).rejects.toThrow('EINVAL');
    });
  });
});
