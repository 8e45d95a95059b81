import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { binding } from '../src/binding.js';
import {
  AT_FDCWD,
  close,
  EFAULT,
  EINVAL,
  ftruncate,
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_PRIVATE,
  MAP_SHARED,
  MappedMemory,
  memfdCreate,
  O_RDONLY,
  openat,
  PROT_READ,
  PROT_WRITE,
  raw,
  readvAt,
  STATX_BASIC_STATS,
  WINDOW_SIZE,
  writevAt,
} from '../src/index.js';
import { descriptorCount, expectSysError } from './support.js';

function memfd(length: number): number {
  const fd = memfdCreate('test');
  ftruncate(fd, length);
  return fd;
}

/** Mappings of this process that /proc shows for a memfd of this name. */
function mappingsOf(name: string): number {
  return readFileSync('/proc/self/maps', 'utf8')
    .split('\n')
    .filter((line) => line.includes(`/memfd:${name} `)).length;
}

test('a mapping shows the file and the file the mapping', () => {
  const fd = memfd(8192);
  using memory = MappedMemory.map(fd, 8192);
  const window = memory.windows[0]!;
  expect(memory.byteLength).toBe(8192);
  expect(memory.windows).toHaveLength(1);
  writevAt(fd, [Uint8Array.of(1, 2, 3, 4)], 4096);
  expect(Array.from(window.u8.subarray(4096, 4100))).toEqual([1, 2, 3, 4]);
  expect(window.u32[1024]).toBe(0x04030201);
  window.view.setUint16(10, 0xbeef, true);
  const back = new Uint8Array(2);
  readvAt(fd, [back], 10);
  expect(Array.from(back)).toEqual([0xef, 0xbe]);
  close(fd);
  window.u8[0] = 9;
  expect(window.u8[0]).toBe(9);
});

test('an offset maps a later part; one beyond 2^32 is exact', () => {
  const fd = memfd(2 ** 32 + 3 * 4096);
  writevAt(fd, [Uint8Array.of(42)], 2 ** 32 + 4096);
  using memory = MappedMemory.map(fd, 4096, { offset: 2 ** 32 + 4096 });
  expect(memory.windows[0]!.u8[0]).toBe(42);
  using again = MappedMemory.map(fd, 4096n, { offset: 2n ** 32n + 4096n });
  expect(again.windows[0]!.u8[0]).toBe(42);
  close(fd);
});

test('a private mapping does not write to the file, and works for a file open for reading only', () => {
  const fd = openat(AT_FDCWD, fileURLToPath(import.meta.url), O_RDONLY);
  using memory = MappedMemory.map(fd, 100, { flags: MAP_PRIVATE });
  const first = memory.windows[0]!.u8[0]!;
  memory.windows[0]!.u8[0] = first ^ 1;
  expect(readFileSync(fileURLToPath(import.meta.url))[0]).toBe(first);
  expectSysError(() => MappedMemory.map(fd, 100), 'EACCES');
  close(fd);
});

test('a sparse region of 6 GiB is covered by windows of 1 GiB', () => {
  const length = 6 * 2 ** 30 + 4096;
  const fd = memfdCreate('six');
  ftruncate(fd, length);
  const memory = MappedMemory.map(fd, length);
  expect(memory.windows.map((w) => w.byteLength)).toEqual([...Array<number>(6).fill(WINDOW_SIZE), 4096]);
  expect(memory.windows.map((w) => w.offset)).toEqual([0, 1, 2, 3, 4, 5, 6].map((i) => i * WINDOW_SIZE));
  for (const [i, window] of memory.windows.entries()) {
    window.u8[window.byteLength - 1] = i + 1;
    window.u32[0] = 0xa0 + i;
  }
  const back = new Uint8Array(5);
  for (const [i, window] of memory.windows.entries()) {
    readvAt(fd, [back], window.offset + window.byteLength - 1);
    expect(back[0]).toBe(i + 1);
    if (i < 6) expect(back[1]).toBe(0xa0 + i + 1);
  }
  // A structure across the edge of two windows, in one piece.
  const edge = memory.window(5 * WINDOW_SIZE - 8, 16);
  edge.u32[2] = 0x1234_5678;
  expect(memory.windows[5]!.u32[0]).toBe(0x1234_5678);
  expect(mappingsOf('six')).toBe(1);
  memory.unmap();
  expect(mappingsOf('six')).toBe(0);
  close(fd);
});

test('unmap detaches every buffer, withdraws every id, and is idempotent', () => {
  const fd = memfdCreate('gone');
  ftruncate(fd, 65536);
  const memory = MappedMemory.map(fd, 65536);
  const extra = memory.window(4096, 4096);
  const all = [...memory.windows, extra];
  for (const window of all) expect(raw.statxFd(fd, STATX_BASIC_STATS, window.id, 0)).toBe(0);
  memory.unmap();
  for (const window of all) {
    expect(window.buffer.byteLength).toBe(0);
    expect(window.u8.length).toBe(0);
    expect(window.u32[0]).toBeUndefined();
    expect(() => window.view.getUint8(0)).toThrow(TypeError);
    expect(raw.statxFd(fd, STATX_BASIC_STATS, window.id, 0)).toBe(-EFAULT);
  }
  expect(mappingsOf('gone')).toBe(0);
  memory.unmap();
  memory[Symbol.dispose]();
  expectSysError(() => memory.window(0, 8), 'EFAULT');
  close(fd);
});

test('an id never comes back', () => {
  const seen = new Set<number>();
  for (let i = 0; i < 2000; i++) {
    using memory = MappedMemory.anonymous(64);
    const { id } = memory.windows[0]!;
    expect(id).toBeGreaterThan(0);
    expect(id).toBeLessThanOrEqual(0x7fff_ffff);
    seen.add(id);
  }
  expect(seen.size).toBe(2000);
});

test('a slot whose generations run out is retired, not re-used with an old id', () => {
  // 2^17 - 1 generations: two slots' worth.
  const first = MappedMemory.anonymous(64);
  const { id } = first.windows[0]!;
  first.unmap();
  for (let i = 0; i < 2 ** 17 + 10; i++) {
    const result = binding.mmap(-1, 64, 0, 0, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS);
    if (typeof result === 'number') expect.fail(`mmap: ${result}`);
    const window = binding.window(result, 0, 64);
    if (typeof window === 'number') expect.fail(`window: ${window}`);
    if (window[0] === id || window[0] <= 0) expect.fail('an id came back');
    binding.munmap(result);
  }
  expect(raw.getresuid(id, 0)).toBe(-EFAULT);
});

test('anonymous memory is zeroed, page-sized parts of it usable by raw calls', () => {
  using memory = MappedMemory.anonymous(100);
  expect(memory.byteLength).toBe(100);
  expect(memory.windows[0]!.u8.every((byte) => byte === 0)).toBe(true);
  expect(memory.windows[0]!.u8.length).toBe(100);
  // The page is longer than the window: the end is the window's all the same.
  expect(raw.getresuid(memory.windows[0]!.id, 88)).toBe(0);
  expect(raw.getresuid(memory.windows[0]!.id, 89)).toBe(-EFAULT);
});

test('window() refuses what is not inside', () => {
  using memory = MappedMemory.anonymous(4096);
  for (const [offset, length] of [
    [-8, 8],
    [0, 0],
    [0, 4097],
    [4096, 1],
    [8, 4089],
    [4, 8],
    [0, NaN],
    [NaN, 8],
    [0.5, 8],
    [0, 1.5],
    [0, WINDOW_SIZE + 1],
  ] as const) {
    expect(() => memory.window(offset, length), `${offset} ${length}`).toThrow(RangeError);
  }
});

test('there are 16384 windows at once and no more', () => {
  using memory = MappedMemory.anonymous(8 * 20_000);
  const windows = [];
  const error = expectSysError(() => {
    for (let i = 0; i < 20_000; i++) windows.push(memory.window(i * 8, 8));
  }, 'ENOMEM');
  expect(error.syscall).toBe('window');
  expect(windows.length).toBeGreaterThan(16_000);
});

test('map refuses what could end the process', () => {
  const fd = memfd(4096);
  expect(() => MappedMemory.map(fd, 4096, { prot: PROT_READ })).toThrow(RangeError);
  expect(() => MappedMemory.map(fd, 0)).toThrow(RangeError);
  expect(() => MappedMemory.map(fd, -1)).toThrow(RangeError);
  expect(() => MappedMemory.map(fd, 1.5)).toThrow(RangeError);
  expect(() => MappedMemory.map(fd, 2n ** 63n)).toThrow(RangeError);
  expect(() => MappedMemory.map(fd, 4096, { offset: -4096 })).toThrow(RangeError);
  expect(() => MappedMemory.map(-1, 4096)).toThrow(RangeError);
  expectSysError(() => MappedMemory.map(fd, 4096, { flags: MAP_SHARED | MAP_FIXED }), 'EINVAL');
  expectSysError(() => MappedMemory.map(fd, 4096, { flags: 0x100 | MAP_SHARED }), 'EINVAL'); // MAP_GROWSDOWN
  expectSysError(() => MappedMemory.map(fd, 4096, { prot: PROT_READ | PROT_WRITE | 0x0100_0000 }), 'EINVAL');
  // Behind the end of the file every access would be a SIGBUS.
  expectSysError(() => MappedMemory.map(fd, 4097), 'ENXIO');
  expectSysError(() => MappedMemory.map(fd, 4096, { offset: 4096 }), 'ENXIO');
  expectSysError(() => MappedMemory.map(fd, 2 ** 53 - 1), 'ENXIO');
  expectSysError(() => MappedMemory.map(fd, 4096, { offset: 2n ** 63n - 1n }), 'ENXIO');
  expectSysError(() => MappedMemory.map(fd, 1, { offset: 1 }), 'EINVAL');
  expectSysError(() => MappedMemory.map(9999, 4096), 'EBADF');
  expectSysError(() => MappedMemory.anonymous(2 ** 50), 'ENOMEM');
  close(fd);
});

test('the binding refuses foreign handles and arguments', () => {
  const foreign = {} as never;
  expect(() => binding.munmap(foreign)).toThrow(TypeError);
  expect(() => binding.window(foreign, 0, 8)).toThrow(TypeError);
  expect(() => binding.unwatch(foreign)).toThrow(TypeError);
  const handle = binding.mmap(-1, 4096, 0, 0, 3, MAP_PRIVATE | MAP_ANONYMOUS);
  if (typeof handle === 'number') expect.fail(`mmap: ${handle}`);
  expect(() => binding.unwatch(handle as never)).toThrow(TypeError);
  for (const [offset, length] of [
    [0, 4097],
    [4096, 1],
    [-8, 8],
    [1, 8],
    [NaN, 8],
    [0, NaN],
    [Infinity, 8],
    [0, Infinity],
    [0, 2 ** 40],
  ] as const) {
    expect(binding.window(handle, offset, length)).toBe(-EINVAL);
  }
  expect(binding.window(handle, '0' as never, 8)).toBe(-EINVAL);
  expect(binding.mmap('x' as never, 4096, 0, 0, 3, 34)).toBe(-EINVAL);
  expect(binding.mmap(-1, NaN, 0, 0, 3, 34)).toBe(-EINVAL);
  expect(binding.munmap(handle)).toBe(0);
});

test('descriptors are not leaked, and the mapping does not need its own', () => {
  const before = descriptorCount();
  for (let i = 0; i < 100; i++) {
    const fd = memfd(4096);
    const memory = MappedMemory.map(fd, 4096);
    close(fd);
    memory.unmap();
  }
  expect(descriptorCount()).toBe(before);
});

test('a mapping that nobody can reach is unmapped', () => {
  const script = `
    const load = require('node-gyp-build');
    const sys = load(${JSON.stringify(fileURLToPath(new URL('..', import.meta.url)))});
    const fs = require('node:fs');
    const count = () => fs.readFileSync('/proc/self/maps', 'utf8').split('\\n').filter((l) => l.includes('/dev/zero')).length;
    const ids = [];
    for (let i = 0; i < 50; i++) {
      const mapping = sys.mmap(-1, 4096, 0, 0, 3, 1 | 32);
      ids.push(sys.window(mapping, 0, 4096)[0]);
    }
    let kept = sys.window(sys.mmap(-1, 4096, 0, 0, 3, 1 | 32), 0, 4096);
    (async () => {
      const before = count();
      for (let i = 0; i < 10 && count() > 1; i++) { gc(); await new Promise((r) => setTimeout(r, 10)); }
      // Adjacent mappings may be one line; what a buffer keeps is still there and usable.
      kept[1] && (new Uint8Array(kept[1])[0] = 1);
      const stale = ids.filter((id) => sys.raw.getresuid(id, 0) === 0).length;
      console.log(JSON.stringify({ before: before > 0, after: count(), stale, kept: sys.raw.getresuid(kept[0], 0) }));
    })();
  `;
  const output = execFileSync(process.execPath, ['--expose-gc', '-e', script], {
    encoding: 'utf8',
    cwd: fileURLToPath(new URL('..', import.meta.url)),
  });
  expect(JSON.parse(output)).toEqual({ before: true, after: 1, stale: 0, kept: 0 });
});

test('a buffer that somebody transferred does not dangle after unmap', () => {
  const memory = MappedMemory.anonymous(4096);
  const window = memory.windows[0]!;
  window.u8[0] = 77;
  const { buffer } = window;
  const moved =
    'transfer' in buffer ? (buffer as ArrayBuffer & { transfer(): ArrayBuffer }).transfer() : buffer;
  memory.unmap();
  // Either detached or zeroed memory; never a fault.
  expect(moved.byteLength === 0 ? 0 : new Uint8Array(moved)[0]).toBe(0);
  expect(raw.getresuid(window.id, 0)).toBe(-EFAULT);
});
