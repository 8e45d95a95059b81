import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  AT_FDCWD,
  AT_POSITION,
  close,
  EAGAIN,
  EBADF,
  EINVAL,
  EOPNOTSUPP,
  EOVERFLOW,
  ESPIPE,
  FALLOC_FL_COLLAPSE_RANGE,
  FALLOC_FL_INSERT_RANGE,
  FALLOC_FL_KEEP_SIZE,
  FALLOC_FL_PUNCH_HOLE,
  FALLOC_FL_UNSHARE_RANGE,
  FALLOC_FL_ZERO_RANGE,
  fallocate,
  fdatasync,
  fstatx,
  fsync,
  ftruncate,
  IOV_MAX,
  lseek,
  MappedMemory,
  memfdCreate,
  O_APPEND,
  O_CREAT,
  O_RDONLY,
  O_RDWR,
  openat,
  RWF_APPEND,
  RWF_DSYNC,
  RWF_HIPRI,
  RWF_NOWAIT,
  RWF_SYNC,
  raw,
  readvAt,
  SEEK_CUR,
  SEEK_DATA,
  SEEK_END,
  SEEK_HOLE,
  SEEK_SET,
  SegmentList,
  type SysError,
  type U64,
  unixSocketPair,
  writevAt,
} from '../src/index.js';
import { high32, low32 } from '../src/u64.js';
import { Arena, expectSysError, temporaryDirectory } from './support.js';

const root = temporaryDirectory();
const arena = new Arena();
const bytes = (text: string): Uint8Array => Buffer.from(text);

describe('writevAt and readvAt', () => {
  test('take buffers in order, of any kind', () => {
    const fd = memfdCreate('v');
    const memory = MappedMemory.anonymous(4096);
    memory.windows[0]!.u8.set(bytes('window'), 100);
    const words = Uint16Array.of(0x4241, 0x4443);
    const written = writevAt(
      fd,
      [
        bytes('one-'),
        { window: memory.windows[0]!, offset: 100, length: 6 },
        words,
        new DataView(words.buffer, 1, 2),
      ],
      3,
    );
    expect(written).toBe(16);
    const first = new Uint8Array(7);
    const last = new Uint8Array(20);
    const got = readvAt(
      fd,
      [first, { window: memory.windows[0]!, offset: 0, length: 4 }, new Uint8Array(0), last],
      0,
    );
    expect(got).toBe(19);
    expect(Buffer.from(first).toString()).toBe('\0\0\0one-');
    expect(Buffer.from(memory.windows[0]!.u8.slice(0, 4)).toString()).toBe('wind');
    expect(Buffer.from(last.subarray(0, 8)).toString()).toBe('owABCDBC');
    expect(last.subarray(8).every((byte) => byte === 0)).toBe(true);
    close(fd);
  });

  test('an offset of -1 is the file position, which moves', () => {
    const fd = memfdCreate('p');
    expect(writevAt(fd, [bytes('abc')], AT_POSITION)).toBe(3);
    expect(writevAt(fd, [bytes('def')], -1n)).toBe(3);
    expect(lseek(fd, 0, SEEK_CUR)).toBe(6);
    expect(writevAt(fd, [bytes('X')], 0)).toBe(1);
    expect(lseek(fd, 0, SEEK_CUR)).toBe(6);
    lseek(fd, 2, SEEK_SET);
    const back = new Uint8Array(3);
    expect(readvAt(fd, [back], AT_POSITION)).toBe(3);
    expect(Buffer.from(back).toString()).toBe('cde');
    expect(lseek(fd, 0, SEEK_CUR)).toBe(5);
    close(fd);
  });

  test.each<[U64]>([
    [0],
    [2 ** 32 - 1],
    [2 ** 32],
    [2 ** 32 + 1],
    [2 ** 53 - 1],
    [2n ** 53n],
    [2n ** 53n + 1n],
    [2n ** 62n + 3n],
  ])('offset %s is exact', (offset) => {
    const fd = memfdCreate('o');
    expect(writevAt(fd, [bytes('here')], offset)).toBe(4);
    expect(BigInt(fstatx(fd).stx_size)).toBe(BigInt(offset) + 4n);
    const back = new Uint8Array(4);
    expect(readvAt(fd, [back], offset)).toBe(4);
    expect(Buffer.from(back).toString()).toBe('here');
    expect(BigInt(lseek(fd, 0, SEEK_END))).toBe(BigInt(offset) + 4n);
    close(fd);
  });

  test('the end of the range of offsets', () => {
    const fd = memfdCreate('e');
    const max = 2n ** 63n - 1n;
    const result = raw.preadv2(fd, ...list(4), 0, 4, low32(max), high32(max), 0);
    expect([0, -EINVAL, -EOVERFLOW]).toContain(result);
    expectSysError(() => writevAt(fd, [bytes('x')], max), 'EINVAL');
    for (const bad of [-2, -2n, 2n ** 63n, 2 ** 53, NaN, 0.5]) {
      expect(() => writevAt(fd, [bytes('x')], bad)).toThrow(RangeError);
      expect(() => readvAt(fd, [bytes('x')], bad)).toThrow(RangeError);
    }
    // −2 and below reach the kernel only through the raw tier.
    expect(raw.pwritev2(fd, ...list(4), 0, 4, -2, -1, 0)).toBe(-EINVAL);
    close(fd);
  });

  test('flags', () => {
    const fd = openat(AT_FDCWD, join(root, 'flags'), O_CREAT | O_RDWR, 0o600);
    for (const flag of [RWF_HIPRI, RWF_DSYNC, RWF_SYNC])
      expect(writevAt(fd, [bytes('abc')], 0, flag)).toBe(3);
    expect(writevAt(fd, [bytes('tail')], 0, RWF_APPEND)).toBe(4);
    expect(readFileSync(join(root, 'flags'), 'utf8')).toBe('abctail');
    const back = new Uint8Array(7);
    expect(readvAt(fd, [back], 0, RWF_NOWAIT)).toBe(7);
    expect(raw.preadv2(fd, ...list(4), 0, 4, 0, 0, 0x4000_0000)).toBe(-EOPNOTSUPP);
    expectSysError(() => readvAt(fd, [back], 0, 0x4000_0000), 'EOPNOTSUPP');
    expect(() => readvAt(fd, [back], 0, -1)).toThrow(RangeError);
    close(fd);
  });

  test('errors', () => {
    expectSysError(() => writevAt(9999, [bytes('x')], 0), 'EBADF');
    const [a, b] = unixSocketPair();
    expectSysError(() => readvAt(a, [bytes('x')], 0), 'ESPIPE');
    close(a);
    close(b);
    const fd = memfdCreate('x');
    expect(() => writevAt(fd, [5 as never], 0)).toThrow(TypeError);
    const detached = new Uint8Array(4);
    structuredClone(detached.buffer, { transfer: [detached.buffer] });
    expect(() => writevAt(fd, [detached], 0)).toThrow(TypeError);
    const memory = MappedMemory.anonymous(64);
    const window = memory.windows[0]!;
    expect(() => writevAt(fd, [{ window, offset: 60, length: 5 }], 0)).toThrow(RangeError);
    expect(() => writevAt(fd, [{ window, offset: -1, length: 5 }], 0)).toThrow(RangeError);
    expect(() => writevAt(fd, [{ window, offset: 0, length: NaN }], 0)).toThrow(RangeError);
    memory.unmap();
    expect(() => writevAt(fd, [{ window, offset: 0, length: 5 }], 0)).toThrow(TypeError);
    expect(writevAt(fd, [], 0)).toBe(0);
    close(fd);
  });

  test('typed arrays longer than the bounce memory are a short transfer', () => {
    const fd = memfdCreate('l');
    const large = new Uint8Array(3 * 2 ** 20).map((_, i) => i * 31);
    const first = writevAt(fd, [large], 0);
    expect(first).toBe(2 ** 20);
    const second = writevAt(fd, [bytes('ab'), large], 0);
    expect(second).toBe(2 ** 20);
    const back = new Uint8Array(3 * 2 ** 20);
    expect(readvAt(fd, [back.subarray(0, 2), back.subarray(2)], 0)).toBe(2 ** 20);
    expect(Buffer.compare(back.subarray(2, 2 ** 20), large.subarray(0, 2 ** 20 - 2))).toBe(0);
    close(fd);
  });

  test('more than IOV_MAX buffers are a short transfer', () => {
    const fd = memfdCreate('m');
    const one = bytes('x');
    expect(writevAt(fd, Array(IOV_MAX + 5).fill(one), 0)).toBe(IOV_MAX);
    close(fd);
  });
});

/** A table of one segment of `length` bytes: the three arguments of a raw call. */
function list(length: number): [number, number, number] {
  const segments = new SegmentList(1);
  segments.add(arena.window, 0x1000, length);
  kept.push(segments);
  return [segments.tableWindow, segments.tableOffset, 1];
}
const kept: SegmentList[] = [];

describe('raw.preadv2 and raw.pwritev2', () => {
  const fd = memfdCreate('raw');
  const base = 0x2000;
  const segments = new SegmentList(2000);

  test('skip and length choose a part of the list', () => {
    segments.clear();
    for (const [at, length] of [
      [0, 3],
      [10, 0],
      [20, 5],
      [40, 4],
    ] as const) {
      segments.add(arena.window, base + at, length);
    }
    const { u8 } = arena.window;
    const run = (skip: number, length: number): string => {
      ftruncate(fd, 0);
      const result = raw.pwritev2(fd, segments.tableWindow, segments.tableOffset, 4, skip, length, 0, 0, 0);
      const back = new Uint8Array(32);
      expect(readvAt(fd, [back], 0)).toBe(result);
      return Buffer.from(back.subarray(0, result)).toString();
    };
    u8.set(bytes('abc'), base);
    u8.set(bytes('defgh'), base + 20);
    u8.set(bytes('ijkl'), base + 40);
    expect(run(0, 100)).toBe('abcdefghijkl');
    expect(run(0, -1)).toBe('abcdefghijkl');
    expect(run(0, 0)).toBe('');
    expect(run(2, 2)).toBe('cd');
    expect(run(3, 5)).toBe('defgh');
    expect(run(4, 6)).toBe('efghij');
    expect(run(8, 100)).toBe('ijkl');
    expect(run(11, 1)).toBe('l');
    expect(run(12, 5)).toBe('');
    expect(run(0x7fff_ffff, 5)).toBe('');
    for (let skip = 0; skip < 13; skip++) {
      for (let length = 0; length < 14; length++) {
        expect(run(skip, length)).toBe('abcdefghijkl'.slice(skip, skip + length));
      }
    }
  });

  test('reading fills exactly the chosen part', () => {
    ftruncate(fd, 0);
    writevAt(fd, [bytes('0123456789')], 0);
    const { u8 } = arena.window;
    u8.fill(0x2e, base, base + 64);
    const result = raw.preadv2(fd, segments.tableWindow, segments.tableOffset, 4, 2, 7, 1, 0, 0);
    expect(result).toBe(7);
    expect(arena.text(base, 44)).toBe(`..1${'.'.repeat(17)}23456${'.'.repeat(15)}7...`);
  });

  test('more than IOV_MAX segments are a short transfer', () => {
    segments.clear();
    for (let i = 0; i < 2000; i++) segments.add(arena.window, base + i, 1);
    const call = (skip: number): number =>
      raw.pwritev2(fd, segments.tableWindow, segments.tableOffset, 2000, skip, 5000, 0, 0, 0);
    expect(call(0)).toBe(IOV_MAX);
    expect(call(IOV_MAX)).toBe(2000 - IOV_MAX);
  });

  test('the offset reaches the kernel through two halves, beyond 4 GiB and beyond 2^53', () => {
    for (const offset of [
      2n ** 32n - 1n,
      2n ** 32n,
      2n ** 32n + 1n,
      2n ** 53n + 1n,
      0x1234_5678_9abc_def0n,
    ]) {
      ftruncate(fd, 0);
      expect(raw.pwritev2(fd, ...list(2), 0, 2, low32(offset), high32(offset), 0)).toBe(2);
      expect(BigInt(fstatx(fd).stx_size)).toBe(offset + 2n);
      expect(raw.preadv2(fd, ...list(2), 0, 2, low32(offset), high32(offset), 0)).toBe(2);
    }
  });

  test('errors', () => {
    expect(raw.preadv2(9999, ...list(1), 0, 1, 0, 0, 0)).toBe(-EBADF);
    const [a, b] = unixSocketPair();
    expect(raw.preadv2(a, ...list(1), 0, 1, 0, 0, 0)).toBe(-ESPIPE);
    expect(raw.preadv2(a, ...list(1), 0, 1, -1, -1, RWF_NOWAIT)).toBe(-EAGAIN);
    close(a);
    close(b);
  });
});

describe('lseek', () => {
  test('finds data and holes', () => {
    const fd = memfdCreate('s');
    writevAt(fd, [bytes('x')], 2 ** 33);
    expect(lseek(fd, 0, SEEK_DATA)).toBe(2 ** 33);
    expect(lseek(fd, 0, SEEK_HOLE)).toBe(0);
    expect(lseek(fd, 2 ** 33, SEEK_HOLE)).toBe(2 ** 33 + 1);
    expectSysError(() => lseek(fd, 2 ** 33 + 1, SEEK_DATA), 'ENXIO');
    close(fd);
  });

  test('is exact to the end of the range', () => {
    const fd = memfdCreate('s');
    for (const offset of [2 ** 32 + 1, 2 ** 53 - 1, 2n ** 53n + 1n, 2n ** 63n - 1n]) {
      expect(lseek(fd, offset, SEEK_SET)).toBe(offset);
      expect(lseek(fd, 0, SEEK_CUR)).toBe(offset);
    }
    expect(lseek(fd, -1n, SEEK_CUR)).toBe(2n ** 63n - 2n);
    expectSysError(() => lseek(fd, 5, SEEK_CUR), 'EINVAL');
    expectSysError(() => lseek(fd, -1, SEEK_SET), 'EINVAL');
    expectSysError(() => lseek(fd, 0, 77), 'EINVAL');
    expect(() => lseek(fd, 2n ** 63n, SEEK_SET)).toThrow(RangeError);
    expect(() => lseek(fd, 2 ** 53, SEEK_SET)).toThrow(RangeError);
    close(fd);
    expectSysError(() => lseek(fd, 0, SEEK_SET), 'EBADF');
  });
});

describe('fallocate', () => {
  test('allocates, keeps the size, punches holes', () => {
    const fd = memfdCreate('f');
    fallocate(fd, 0, 0, 8192);
    expect(fstatx(fd).stx_size).toBe(8192);
    fallocate(fd, FALLOC_FL_KEEP_SIZE, 8192, 8192);
    expect(fstatx(fd)).toMatchObject({ stx_size: 8192, stx_blocks: 32 });
    fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096);
    expect(fstatx(fd).stx_blocks).toBe(24);
    fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 2n ** 53n + 1n, 2n ** 62n);
    close(fd);
  });

  test('zeroes, removes and inserts ranges where the file system can', () => {
    const fd = openat(AT_FDCWD, join(root, 'ranges'), O_CREAT | O_RDWR, 0o600);
    const block = Math.max(4096, fstatx(fd).stx_blksize);
    const fill = (letter: string): Uint8Array => new Uint8Array(block).fill(letter.charCodeAt(0));
    writevAt(fd, [fill('a'), fill('b'), fill('c')], 0);
    const letters = (): string => {
      const size = Number(fstatx(fd).stx_size);
      const back = new Uint8Array(size);
      readvAt(fd, [back], 0);
      return Array.from({ length: size / block }, (_, i) => String.fromCharCode(back[i * block]!)).join('');
    };
    for (const [mode, offset, after] of [
      [FALLOC_FL_ZERO_RANGE, 1, 'a\0c'],
      [FALLOC_FL_COLLAPSE_RANGE, 1, 'ac'],
      [FALLOC_FL_INSERT_RANGE, 1, 'a\0c'],
      [FALLOC_FL_UNSHARE_RANGE, 0, 'a\0c'],
    ] as const) {
      try {
        fallocate(fd, mode, offset * block, block);
        expect(letters()).toBe(after);
      } catch (error) {
        expect((error as SysError).code).toBe('EOPNOTSUPP');
        // The later ones start from what the earlier ones left.
        if (mode !== FALLOC_FL_UNSHARE_RANGE) break;
      }
    }
    close(fd);
  });

  test('errors', () => {
    const fd = memfdCreate('f');
    expectSysError(() => fallocate(fd, 0, 0, 0), 'EINVAL');
    expectSysError(() => fallocate(fd, FALLOC_FL_PUNCH_HOLE, 0, 1), 'EOPNOTSUPP');
    expectSysError(() => fallocate(fd, 0, 2n ** 63n - 1n, 2), 'EFBIG');
    expect(raw.fallocate(fd, 0, -1, -1, 1, 0)).toBe(-EINVAL);
    for (const bad of [-1, 2n ** 63n, NaN]) {
      expect(() => fallocate(fd, 0, bad, 1)).toThrow(RangeError);
      expect(() => fallocate(fd, 0, 0, bad)).toThrow(RangeError);
    }
    close(fd);
  });
});

test('fsync and fdatasync', () => {
  writeFileSync(join(root, 'sync'), 'x');
  const fd = openat(AT_FDCWD, join(root, 'sync'), O_RDONLY);
  fsync(fd);
  fdatasync(fd);
  close(fd);
  expectSysError(() => fsync(fd), 'EBADF');
  expectSysError(() => fdatasync(fd), 'EBADF');
  const [a, b] = unixSocketPair();
  expectSysError(() => fsync(a), 'EINVAL');
  close(a);
  close(b);
});

test('appending goes to the end whatever the offset', () => {
  const fd = openat(AT_FDCWD, join(root, 'append'), O_CREAT | O_RDWR | O_APPEND, 0o600);
  writevAt(fd, [bytes('ab')], 0);
  writevAt(fd, [bytes('cd')], 0);
  expect(readFileSync(join(root, 'append'), 'utf8')).toBe('abcd');
  close(fd);
});
