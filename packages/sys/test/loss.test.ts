import { describe, expect, test } from 'vitest';
import {
  close,
  ftruncate,
  LossWatcher,
  MappedMemory,
  memfdCreate,
  raw,
  SegmentList,
  WINDOW_SIZE,
} from '../src/index.js';
import { runInChild } from './child.js';
import { descriptorCount, until } from './support.js';

const SIZE = 1 << 20;

function mapped(size = SIZE): { fd: number; memory: MappedMemory } {
  const fd = memfdCreate('lost');
  ftruncate(fd, size);
  return { fd, memory: MappedMemory.map(fd, size) };
}

describe('a mapping whose file is truncated', () => {
  test('is zeros where it was touched, says so, and takes nobody down with it', async () => {
    let told = 0;
    using _watcher = new LossWatcher(() => told++);
    const { fd, memory } = mapped();
    const { fd: otherFd, memory: other } = mapped();
    const { u8 } = memory.windows[0]!;
    u8.fill(7);
    other.windows[0]!.u8.fill(9);
    ftruncate(fd, 0);
    expect(memory.lost).toBe(false);
    expect(u8[SIZE / 2]).toBe(0);
    expect(memory.lost).toBe(true);
    u8[SIZE - 1] = 5;
    expect([u8[SIZE - 1], u8[0]]).toEqual([5, 0]);
    await until(() => told > 0);
    expect(told).toBe(1);
    expect([other.lost, other.windows[0]!.u8[1]]).toEqual([false, 9]);
    memory.unmap();
    other.unmap();
    for (const descriptor of [fd, otherFd]) close(descriptor);
  });

  test('is replaced as a whole, also beyond the first window, and for atomic operations', () => {
    const { fd, memory } = mapped(WINDOW_SIZE + 8192);
    ftruncate(fd, 4096);
    const [first, second] = memory.windows;
    first!.u32[0] = 77;
    expect(Atomics.add(second!.i32, 1024, 3)).toBe(0);
    expect([Atomics.load(second!.i32, 1024), first!.u32[0], memory.lost]).toEqual([3, 0, true]);
    memory.unmap();
    close(fd);
  });

  test('makes a system call on it fail, or not, but never the process', () => {
    const { fd, memory } = mapped();
    ftruncate(fd, 0);
    const list = new SegmentList(1);
    list.add(memory.windows[0]!, 0, 4096);
    const source = memfdCreate('source');
    ftruncate(source, 4096);
    const result = raw.preadv2(source, list.tableWindow, list.tableOffset, 1, 0, 4096, 0, 0, 0);
    expect([-14, 4096]).toContain(result);
    memory.unmap();
    for (const descriptor of [fd, source]) close(descriptor);
  });

  test('is guarded again and again, with no descriptor left over', () => {
    const before = descriptorCount();
    for (let i = 0; i < 5000; i++) {
      const { fd, memory } = mapped(4096);
      ftruncate(fd, 0);
      expect(memory.windows[0]!.u8[9]).toBe(0);
      expect(memory.lost).toBe(true);
      memory.unmap();
      close(fd);
    }
    expect(descriptorCount()).toBe(before);
  });
});

describe('a watcher of losses', () => {
  test('hears nothing after it is closed, and leaves no descriptor', async () => {
    const before = descriptorCount();
    let told = 0;
    const watcher = new LossWatcher(() => told++);
    watcher.close();
    watcher.close();
    const { fd, memory } = mapped();
    ftruncate(fd, 0);
    expect(memory.windows[0]!.u8[0]).toBe(0);
    await new Promise((resolve) => setImmediate(resolve));
    expect(told).toBe(0);
    memory.unmap();
    close(fd);
    await until(() => descriptorCount() <= before);
  });

  test('is one of 256 at most', async () => {
    const before = descriptorCount();
    const watchers = Array.from({ length: 256 }, () => new LossWatcher(() => {}));
    expect(() => new LossWatcher(() => {})).toThrow('EMFILE');
    for (const watcher of watchers) watcher.close();
    new LossWatcher(() => {}).close();
    await until(() => descriptorCount() <= before);
  });
});

describe('a SIGBUS of another origin', () => {
  test('ends the process as ever', () => {
    const { signal } = runInChild((sys) => {
      const fd = sys.memfdCreate('lost');
      sys.ftruncate(fd, 4096);
      sys.MappedMemory.map(fd, 4096);
      process.kill(process.pid, 'SIGBUS');
      return new Promise<void>((resolve) => setTimeout(resolve, 10_000));
    });
    expect(signal).toBe('SIGBUS');
  });
});
