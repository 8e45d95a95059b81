import { readFileSync, writeFileSync } from 'node:fs';
import { FUSE_COPY_FILE_RANGE, FUSE_COPY_FILE_RANGE_64, ReplyError } from '@vfs/fuse-proto';
import { errnoName, O_RDONLY, O_RDWR, O_WRONLY } from '@vfs/sys';
import { describe, expect, it } from 'vitest';
import { sharedDirectory } from './support/fixture.js';

describe.each([0, 2])('COPY_FILE_RANGE with a pool of %d threads', (threadPoolSize) => {
  async function files(content = '0123456789') {
    const fixture = await sharedDirectory({ share: { threadPoolSize } });
    const { client, path } = fixture;
    writeFileSync(path('from'), content);
    writeFileSync(path('to'), 'abcdefghij');
    const from = Number(await client.walk('from'));
    const to = Number(await client.walk('to'));
    const fh_in = (await client.open(from, O_RDONLY)).fh;
    const fh_out = (await client.open(to, O_RDWR)).fh;
    type Values = Parameters<typeof client.fuse.copy_file_range>[1];
    const copy = async (values: Values = {}) => {
      try {
        return await client.fuse.copy_file_range(from, { fh_in, nodeid_out: to, fh_out, ...values });
      } catch (error) {
        throw error instanceof ReplyError ? new Error(errnoName(error.errno)) : error;
      }
    };
    return { ...fixture, from, to, fh_in, fh_out, copy };
  }

  it('copies a range to another place', async () => {
    const { copy, path } = await files();
    expect(await copy({ off_in: 2, off_out: 5, len: 3 })).toBe(3);
    expect(readFileSync(path('to'), 'latin1')).toBe('abcde234ij');
  });

  it('copies up to the end of the source, and nothing behind it', async () => {
    const { copy, path } = await files();
    expect(await copy({ off_in: 7, off_out: 9, len: 2n ** 40n })).toBe(3);
    expect(await copy({ off_in: 10, len: 100 })).toBe(0);
    expect(readFileSync(path('to'), 'latin1')).toBe('abcdefghi789');
  });

  it('copies within one file', async () => {
    const { client, path, to, fh_out, copy } = await files();
    client.fuse.credentials = {};
    const values = { fh_in: fh_out, nodeid_out: to, fh_out, off_in: 0, off_out: 20, len: 4 };
    expect(await client.fuse.copy_file_range(to, values)).toBe(4);
    expect(readFileSync(path('to'), 'latin1')).toBe(`abcdefghij${'\0'.repeat(10)}abcd`);
    expect(await copy({ len: 1 })).toBe(1);
  });

  it('refuses what is no handle of the node that is named with it', async () => {
    const { copy, fh_in, fh_out } = await files();
    await expect(copy({ fh_in: fh_out, len: 1 })).rejects.toThrow('EBADF');
    await expect(copy({ fh_out: fh_in, len: 1 })).rejects.toThrow('EBADF');
    await expect(copy({ nodeid_out: 1, len: 1 })).rejects.toThrow('EBADF');
    await expect(copy({ nodeid_out: 2n ** 63n, len: 1 })).rejects.toThrow('ESTALE');
  });

  it('refuses flags, negative offsets, and a target that is not open for writing', async () => {
    const { client, copy, to } = await files();
    await expect(copy({ flags: 1, len: 1 })).rejects.toThrow('EINVAL');
    // The system call would take it for the position of the descriptor.
    await expect(copy({ off_in: 2n ** 64n - 1n, len: 1 })).rejects.toThrow('EINVAL');
    await expect(copy({ off_out: 2n ** 63n, len: 1 })).rejects.toThrow('EINVAL');
    const { fh } = await client.open(to, O_RDONLY);
    await expect(copy({ fh_out: fh, len: 1 })).rejects.toThrow('EBADF');
    const directory = await client.opendir(1);
    await expect(copy({ nodeid_out: 1, fh_out: directory, len: 1 })).rejects.toThrow(/EISDIR|EBADF/);
    expect((await client.open(to, O_WRONLY)).fh).not.toBe(fh);
  });

  it('keeps both files open until it is done, whatever is closed meanwhile', async () => {
    const size = 40 << 20;
    const { client, from, to, fh_in, fh_out, copy, path, share } = await files('x'.repeat(size));
    const copied = copy({ len: size });
    await Promise.all([client.release(from, fh_in), client.release(to, fh_out)]);
    expect(await copied).toBe(size);
    expect(readFileSync(path('to')).equals(readFileSync(path('from')))).toBe(true);
    expect(share.handles.size).toBe(0);
  });

  it('is served under both of its numbers', async () => {
    const { client, from, to, fh_in, fh_out } = await files();
    const words = [fh_in, 0, to, fh_out, 0, 4, 0].map(BigInt);
    const body = new Uint8Array(new BigUint64Array(words).buffer);
    const short = await client.call(FUSE_COPY_FILE_RANGE, from, [body]);
    const long = await client.call(FUSE_COPY_FILE_RANGE_64, from, [body]);
    expect(new DataView(short.buffer, short.byteOffset).getUint32(0, true)).toBe(4);
    expect(new DataView(long.buffer, long.byteOffset).getBigUint64(0, true)).toBe(4n);
  });
});
