import {
  appendFileSync,
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import {
  encode,
  FOPEN_DIRECT_IO,
  FUSE_READ,
  FUSE_WRITE,
  FUSE_WRITE_CACHE,
  ReadIn,
  WriteIn,
} from '@vfs/fuse-proto';
import {
  FALLOC_FL_KEEP_SIZE,
  FALLOC_FL_PUNCH_HOLE,
  O_APPEND,
  O_CREAT,
  O_DIRECT,
  O_EXCL,
  O_NOFOLLOW,
  O_NONBLOCK,
  O_RDONLY,
  O_RDWR,
  O_TRUNC,
  O_WRONLY,
  SEEK_DATA,
  SEEK_HOLE,
} from '@vfs/sys';
import { describe, expect, it } from 'vitest';
import { type Memory, sharedDirectory } from './support/fixture.js';

/** Bytes in which a shift or a gap shows. */
function pattern(length: number): Buffer {
  return Buffer.from(
    Uint32Array.from({ length: Math.ceil(length / 4) }, (_, i) => i * 2654435761).buffer,
  ).subarray(0, length);
}

describe.each<Memory>(['buffers', 'segments'])('READ and WRITE through %s', (memory) => {
  it.each([0, 1, 511, 512, 4096, 4097, 65_536, 1_000_001, 1 << 20])(
    'moves %d bytes there and back',
    async (size) => {
      const { client, path } = await sharedDirectory({ memory });
      const data = pattern(size);
      const { nodeid, fh } = await client.create(1, 'file', O_RDWR | O_CREAT);
      expect(await client.write(nodeid, fh, 0, data)).toBe(size);
      expect(readFileSync(path('file')).equals(data)).toBe(true);
      expect((await client.read(nodeid, fh, 0, size)).equals(data)).toBe(true);
      await client.release(nodeid, fh);
    },
  );

  it('reads no more than it is asked for, and no more than there is', async () => {
    const { client, path } = await sharedDirectory({ memory });
    const data = pattern(20_000);
    writeFileSync(path('file'), data);
    const id = await client.walk('file');
    const { fh } = await client.open(id);
    const input = encode(ReadIn, { fh, offset: 0, size: 4096 });
    expect(await client.call(FUSE_READ, id, [input], 16 + 8192)).toHaveLength(4096);
    for (const [offset, size, expected] of [
      [16_384, 65_536, 3616],
      [19_999, 10, 1],
      [20_000, 10, 0],
      [1_000_000, 10, 0],
      [0, 0, 0],
    ] as const) {
      const bytes = await client.read(id, fh, offset, size);
      expect(bytes.equals(data.subarray(offset, offset + expected))).toBe(true);
    }
  });

  it('reads to the end of a file that ends at a block', async () => {
    const { client, path } = await sharedDirectory({ memory });
    writeFileSync(path('file'), pattern(8192));
    const id = await client.walk('file');
    const { fh } = await client.open(id);
    expect(await client.read(id, fh, 0, 65_536)).toHaveLength(8192);
  });

  it('is exact at offsets beyond 2^32, 2^53, and up to 2^63', async () => {
    const { client } = await sharedDirectory({ memory, parent: '/dev/shm' });
    const { nodeid, fh } = await client.create(1, 'sparse', O_RDWR | O_CREAT);
    for (const offset of [
      2n ** 32n - 3n,
      2n ** 53n - 51n,
      2n ** 53n + 1n,
      2n ** 62n + 7n,
      2n ** 63n - 101n,
    ]) {
      const text = `here: ${offset}`;
      expect(await client.write(nodeid, fh, offset, text)).toBe(text.length);
      expect((await client.read(nodeid, fh, offset, text.length)).toString()).toBe(text);
      expect((await client.read(nodeid, fh, offset - 1n, 2)).toString('latin1')).toBe('\0h');
      expect(BigInt((await client.getattr(nodeid)).size)).toBe(offset + BigInt(text.length));
    }
  });

  it('refuses offsets from 2^63 on, the file position among them', async () => {
    const { client, path } = await sharedDirectory({ memory });
    writeFileSync(path('file'), 'abc');
    const id = await client.walk('file');
    const { fh } = await client.open(id, O_RDWR);
    for (const offset of [2n ** 63n, 2n ** 64n - 1n]) {
      await expect(client.read(id, fh, offset, 10)).rejects.toThrow('EINVAL');
      await expect(client.write(id, fh, offset, 'x')).rejects.toThrow('EINVAL');
    }
    expect(readFileSync(path('file'), 'utf8')).toBe('abc');
  });

  it('appends where the end is by then', async () => {
    const { client, path } = await sharedDirectory({ memory });
    writeFileSync(path('log'), 'one ');
    const id = await client.walk('log');
    const flags = O_WRONLY | O_APPEND;
    const { fh } = await client.open(id, flags);
    appendFileSync(path('log'), 'two ');
    expect(await client.write(id, fh, 0, 'three ', { flags })).toBe(6);
    expect(readFileSync(path('log'), 'utf8')).toBe('one two three ');
    await client.write(id, fh, 0, 'ONE', { flags, write_flags: FUSE_WRITE_CACHE });
    expect(readFileSync(path('log'), 'utf8')).toBe('ONE two three ');
  });

  it('honors the access mode of the handle', async () => {
    const { client, path } = await sharedDirectory({ memory });
    writeFileSync(path('file'), 'abc');
    const id = await client.walk('file');
    const readOnly = await client.open(id, O_RDONLY);
    const writeOnly = await client.open(id, O_WRONLY);
    await expect(client.write(id, readOnly.fh, 0, 'x')).rejects.toThrow('EBADF');
    await expect(client.read(id, writeOnly.fh, 0, 1)).rejects.toThrow('EBADF');
  });

  it('goes on with a file that lost its name', async () => {
    const { client, path } = await sharedDirectory({ memory });
    const { nodeid, fh } = await client.create(1, 'file', O_RDWR | O_CREAT);
    await client.write(nodeid, fh, 0, 'still');
    await client.unlink(1, 'file');
    expect(existsSync(path('file'))).toBe(false);
    await client.write(nodeid, fh, 5, ' here');
    expect((await client.read(nodeid, fh, 0, 100)).toString()).toBe('still here');
    const again = await client.open(nodeid, O_RDONLY);
    expect((await client.read(nodeid, again.fh, 6, 100)).toString()).toBe('here');
  });

  it('knows its handles and whose they are', async () => {
    const { client, path } = await sharedDirectory({ memory });
    writeFileSync(path('a'), 'a');
    writeFileSync(path('b'), 'b');
    const [a, b] = [await client.walk('a'), await client.walk('b')];
    const { fh } = await client.open(a, O_RDWR);
    await expect(client.read(b, fh, 0, 1)).rejects.toThrow('EBADF');
    await expect(client.write(b, fh, 0, 'x')).rejects.toThrow('EBADF');
    await expect(client.release(b, fh)).rejects.toThrow('EBADF');
    await client.release(a, fh);
    await expect(client.release(a, fh)).rejects.toThrow('EBADF');
    await expect(client.read(a, fh, 0, 1)).rejects.toThrow('EBADF');
    await expect(client.read(a, 2n ** 64n - 1n, 0, 1)).rejects.toThrow('EBADF');
  });

  it('reports what the file system refuses', async () => {
    const { client } = await sharedDirectory({ memory });
    const { nodeid, fh } = await client.create(1, 'file', O_RDWR | O_CREAT);
    await expect(client.write(nodeid, fh, 2n ** 63n - 1n, 'x')).rejects.toThrow(/EFBIG|EINVAL|EOVERFLOW/);
  });
});

describe('OPEN', () => {
  it('truncates when asked to', async () => {
    const { client, path } = await sharedDirectory();
    writeFileSync(path('file'), 'abc');
    await client.open(await client.walk('file'), O_WRONLY | O_TRUNC);
    expect(statSync(path('file')).size).toBe(0);
  });

  it('ignores flags that are none of the host', async () => {
    const { client, path } = await sharedDirectory();
    writeFileSync(path('file'), 'abc');
    const id = await client.walk('file');
    const { fh, open_flags } = await client.open(
      id,
      O_RDWR | O_DIRECT | O_CREAT | O_EXCL | O_NOFOLLOW | O_APPEND,
    );
    expect(open_flags & FOPEN_DIRECT_IO).toBe(0);
    // Neither aligned as O_DIRECT wants it nor at the end.
    expect(await client.write(id, fh, 1, 'x')).toBe(1);
    expect(readFileSync(path('file'), 'utf8')).toBe('axc');
  });

  it('never waits in a file that makes its readers wait, as /proc/kmsg does', async () => {
    const { client, path, share } = await sharedDirectory();
    writeFileSync(path('file'), '');
    await client.open(await client.walk('file'));
    await client.opendir(1);
    for (const { descriptor } of share.handles.records()) {
      const flags = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8'))?.[1];
      expect(Number.parseInt(flags!, 8) & O_NONBLOCK).toBe(O_NONBLOCK);
    }
    expect(share.handles.size).toBe(2);
  });

  it('never opens a fifo, a socket or a device', async () => {
    const { client } = await sharedDirectory();
    const fifo = await client.mknod(1, 'fifo', 0o010666);
    const socket = await client.mknod(1, 'socket', 0o140666);
    for (const { nodeid } of [fifo, socket]) {
      await expect(client.open(nodeid, O_RDONLY)).rejects.toThrow('EBADF');
      await expect(client.open(nodeid, O_RDWR)).rejects.toThrow('EBADF');
    }
  });

  it('opens a node by its identity, whatever its name is now', async () => {
    const { client, path } = await sharedDirectory();
    writeFileSync(path('file'), 'mine');
    const id = await client.walk('file');
    await client.rename(1, 'file', 1, 'elsewhere');
    writeFileSync(path('file'), 'other');
    const { fh } = await client.open(id);
    expect((await client.read(id, fh, 0, 10)).toString()).toBe('mine');
  });

  it('answers for nodes it does not know', async () => {
    const { client } = await sharedDirectory();
    await expect(client.open(99)).rejects.toThrow('ESTALE');
    await expect(client.opendir(99)).rejects.toThrow('ESTALE');
  });
});

describe('FLUSH and FSYNC', () => {
  it('reach the file, with data only or with everything', async () => {
    const { client } = await sharedDirectory();
    const { nodeid, fh } = await client.create(1, 'file', O_RDWR | O_CREAT);
    await client.write(nodeid, fh, 0, 'x');
    await client.flush(nodeid, fh);
    await client.fsync(nodeid, fh);
    await client.fsync(nodeid, fh, 1);
    await expect(client.flush(nodeid, 99)).rejects.toThrow('EBADF');
    await expect(client.fsync(nodeid, 99)).rejects.toThrow('EBADF');
  });
});

describe('LSEEK', () => {
  it('finds data and holes of a sparse file, beyond 2^53 too', async () => {
    const { client, path } = await sharedDirectory({ parent: '/dev/shm' });
    const { nodeid, fh } = await client.create(1, 'sparse', O_RDWR | O_CREAT);
    const place = 2n ** 60n;
    await client.write(nodeid, fh, place, 'data');
    expect(await client.lseek(nodeid, fh, 0, SEEK_DATA)).toBe(place);
    expect(await client.lseek(nodeid, fh, place, SEEK_HOLE)).toBe(place + 4n);
    await expect(client.lseek(nodeid, fh, place + 4n, SEEK_DATA)).rejects.toThrow('ENXIO');
    await expect(client.lseek(nodeid, fh, 0, 99)).rejects.toThrow('EINVAL');
    await expect(client.lseek(nodeid, 99, 0, SEEK_DATA)).rejects.toThrow('EBADF');
    truncateSync(path('sparse'), 100);
    await expect(client.lseek(nodeid, fh, 0, SEEK_DATA)).rejects.toThrow('ENXIO');
  });
});

describe('FALLOCATE', () => {
  it('reserves space, keeps the size, and punches holes', async () => {
    const { client, path } = await sharedDirectory({ parent: '/dev/shm' });
    const { nodeid, fh } = await client.create(1, 'file', O_RDWR | O_CREAT);
    await client.fallocate(nodeid, fh, 0, 0, 10_000);
    expect(statSync(path('file')).size).toBe(10_000);
    await client.fallocate(nodeid, fh, FALLOC_FL_KEEP_SIZE, 0, 100_000);
    expect(statSync(path('file')).size).toBe(10_000);
    await client.write(nodeid, fh, 0, pattern(8192));
    await client.fallocate(nodeid, fh, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 4096, 4096);
    expect((await client.read(nodeid, fh, 4096, 4096)).every((byte) => byte === 0)).toBe(true);
    await expect(client.fallocate(nodeid, fh, 0, 2n ** 63n, 1)).rejects.toThrow('EINVAL');
    await expect(client.fallocate(nodeid, 99, 0, 0, 1)).rejects.toThrow('EBADF');
  });
});

describe('a host that works on the same file', () => {
  it('sees writes at once, and its own are read', async () => {
    const { client, path } = await sharedDirectory();
    const { nodeid, fh } = await client.create(1, 'file', O_RDWR | O_CREAT);
    await client.write(nodeid, fh, 0, 'guest');
    expect(readFileSync(path('file'), 'utf8')).toBe('guest');
    const host = openSync(path('file'), 'r+');
    writeSync(host, 'host!', 0);
    closeSync(host);
    expect((await client.read(nodeid, fh, 0, 5)).toString()).toBe('host!');
    unlinkSync(path('file'));
  });

  it('may shorten it in between', async () => {
    const { client, path } = await sharedDirectory();
    const { nodeid, fh } = await client.create(1, 'file', O_RDWR | O_CREAT);
    await client.write(nodeid, fh, 0, pattern(100_000));
    truncateSync(path('file'), 10);
    expect(await client.read(nodeid, fh, 0, 100_000)).toHaveLength(10);
  });
});

describe('a WRITE that is not what it says', () => {
  it('is refused without touching the file', async () => {
    const { client, path } = await sharedDirectory();
    writeFileSync(path('file'), 'abc');
    const id = await client.walk('file');
    const { fh } = await client.open(id, O_RDWR);
    const lying = encode(WriteIn, { fh, offset: 0, size: 1000 });
    await expect(client.call(FUSE_WRITE, id, [lying, Buffer.from('short')])).rejects.toThrow('EINVAL');
    expect(readFileSync(path('file'), 'utf8')).toBe('abc');
  });
});
