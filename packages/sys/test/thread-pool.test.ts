import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import {
  AT_FDCWD,
  close,
  EBADF,
  ECANCELED,
  EFAULT,
  EINVAL,
  ENOENT,
  eventfd,
  eventfdWrite,
  ftruncate,
  MappedMemory,
  memfdCreate,
  RWF_NOWAIT,
  raw,
  SegmentList,
  STATX_OFFSETS,
  STATX_SIZE,
  ThreadPool,
  writevAt,
} from '../src/index.js';
import { Arena, descriptorCount, expectSysError, until } from './support.js';

const arena = new Arena();
const root = fileURLToPath(new URL('..', import.meta.url));

/** Threads of this process that belong to a pool. */
function poolThreads(): number {
  return readdirSync('/proc/self/task').filter((tid) => {
    try {
      return readFileSync(`/proc/self/task/${tid}/comm`, 'utf8') === 'vfs-sys\n';
    } catch {
      return false;
    }
  }).length;
}

describe('ThreadPool', () => {
  test('runs calls and gives their results', async () => {
    using pool = new ThreadPool();
    const fd = memfdCreate('pool');
    expect(await pool.run('ftruncate', fd, 4096, 1)).toBe(0);
    const out = arena.reserve(256);
    expect(await pool.run('statxFd', fd, STATX_SIZE, arena.id, out)).toBe(0);
    expect(arena.window.view.getBigUint64(out + STATX_OFFSETS.stx_size, true)).toBe(2n ** 32n + 4096n);
    expect(await pool.run('openat', AT_FDCWD, arena.id, arena.path('/absent/x'), 0, 0)).toBe(-ENOENT);
    expect(await pool.run('fsync', fd)).toBe(0);
    expect(await pool.run('fsync', 9999)).toBe(-EBADF);
    expect(await pool.run('statxFd', fd, 0, 12345, 0)).toBe(-EFAULT);
    close(fd);
  });

  test('moves data between files and memory', async () => {
    using pool = new ThreadPool();
    const fd = memfdCreate('pool');
    writevAt(fd, [Uint8Array.from({ length: 1000 }, (_, i) => i)], 2 ** 32);
    const list = new SegmentList(2);
    list.add(arena.window, 0x1_0000, 400);
    list.add(arena.window, 0x1_1000, 600);
    const call = ['preadv2', fd, list.tableWindow, list.tableOffset, 2, 0, 1000, 0, 1, 0] as const;
    expect(await pool.run(...call)).toBe(1000);
    expect(arena.window.u8[0x1_0000 + 399]).toBe(399 & 255);
    expect(arena.window.u8[0x1_1000 + 599]).toBe(999 & 255);
    close(fd);
  });

  test('a thousand calls all get their own result, in more batches than one', async () => {
    using pool = new ThreadPool({ threads: 3 });
    const fds = Array.from({ length: 1000 }, (_, i) => (i % 3 === 0 ? eventfd(0) : 10_000 + i));
    const results = await Promise.all(fds.map((fd) => pool.run('eventfdWrite', fd, fd)));
    expect(results).toEqual(fds.map((fd) => (fd >= 10_000 ? -EBADF : 0)));
    for (const fd of fds.filter((fd) => fd < 10_000)) {
      expect(raw.eventfdRead(fd, arena.id, 0)).toBe(0);
      expect(arena.window.u32[0]).toBe(fd);
      close(fd);
    }
    expect(pool.outstanding).toBe(0);
  });

  test('a call that blocks holds up neither the event loop nor the other threads', async () => {
    using pool = new ThreadPool({ threads: 2 });
    const fd = eventfd(0);
    let result: number | undefined;
    pool.submit('eventfdRead', [fd, arena.id, 8], (value) => {
      result = value;
    });
    expect(await pool.run('schedYield')).toBe(0);
    expect(result).toBeUndefined();
    expect(pool.outstanding).toBe(1);
    eventfdWrite(fd, 3);
    await until(() => result !== undefined);
    expect(result).toBe(0);
    expect(arena.window.u32[2]).toBe(3);
    close(fd);
  });

  describe('calls that are attempted first', () => {
    /** Reads the counter of an eventfd to one of eight places; without a try it waits for the counter to be raised. */
    function readCounter(pool: ThreadPool, fd: number, place: number): Promise<number> {
      const list = new SegmentList(1);
      list.add(arena.window, 0x2_0000 + 8 * place, 8);
      lists.push(list);
      const args = [fd, list.tableWindow, list.tableOffset, 1, 0, 8, -1, -1, 0];
      return new Promise((resolve) => pool.submit('preadv2', args, resolve, RWF_NOWAIT));
    }
    const lists: SegmentList[] = [];
    const counterAt = (place: number): number => arena.window.u32[(0x2_0000 >> 2) + 2 * place]!;

    test('do not wait where they need not, and are made where they must', async () => {
      using pool = new ThreadPool({ threads: 3 });
      const fds = Array.from({ length: 8 }, (_, i) => eventfd(i % 2 === 0 ? i + 1 : 0));
      const results = fds.map((fd, place) => readCounter(pool, fd, place));
      for (const place of [0, 2, 4, 6]) {
        expect(await results[place]).toBe(8);
        expect(counterAt(place)).toBe(place + 1);
      }
      expect(pool.outstanding).toBe(4);
      for (const place of [1, 3, 5, 7]) eventfdWrite(fds[place]!, 100 + place);
      expect(await Promise.all(results)).toEqual(Array(8).fill(8));
      for (const place of [1, 3, 5, 7]) expect(counterAt(place)).toBe(100 + place);
      for (const fd of fds) close(fd);
    });

    test('have an error that is none of waiting at once', async () => {
      using pool = new ThreadPool({ threads: 1 });
      expect(await readCounter(pool, 9999, 0)).toBe(-EBADF);
    });

    test('that hang keep neither each other nor other calls from the threads that are left', async () => {
      using pool = new ThreadPool({ threads: 6 });
      const fds = Array.from({ length: 5 }, () => eventfd(0));
      const results = fds.map((fd, place) => readCounter(pool, fd, place));
      // When this is answered, all of them have been attempted, as they came before it.
      expect(await pool.run('schedYield')).toBe(0);
      // The last one is the first to be answered: each of the others has a thread, and hangs.
      eventfdWrite(fds[4]!, 7);
      expect(await results[4]).toBe(8);
      expect(await pool.run('schedYield')).toBe(0);
      expect(pool.outstanding).toBe(4);
      for (const fd of fds.slice(0, 4)) eventfdWrite(fd, 1);
      expect(await Promise.all(results)).toEqual(Array(5).fill(8));
      for (const fd of fds) close(fd);
    });

    test('do not wait for calls that hang and cannot be attempted', async () => {
      using pool = new ThreadPool({ threads: 5 });
      const hung = Array.from({ length: 3 }, () => eventfd(0));
      const others = hung.map((fd, i) => pool.run('eventfdRead', fd, arena.id, 0x3_0000 + 8 * i));
      const fds = Array.from({ length: 8 }, () => eventfd(0));
      const results = fds.map((fd, place) => readCounter(pool, fd, place));
      expect(await pool.run('schedYield')).toBe(0);
      for (const fd of fds) eventfdWrite(fd, 1);
      expect(await Promise.all(results)).toEqual(Array(8).fill(8));
      expect(pool.outstanding).toBe(3);
      for (const fd of hung) eventfdWrite(fd, 1);
      expect(await Promise.all(others)).toEqual([0, 0, 0]);
      for (const fd of [...hung, ...fds]) close(fd);
    });

    test('are canceled by close, wherever they are, and no thread is left', async () => {
      await until(() => poolThreads() === 0);
      const pool = new ThreadPool({ threads: 2 });
      const fds = Array.from({ length: 5 }, () => eventfd(0));
      const results = fds.map((fd, place) => readCounter(pool, fd, place));
      pool.flush();
      await new Promise((resolve) => setTimeout(resolve, 20));
      pool.close();
      expect(await Promise.all(results)).toEqual(Array(5).fill(-ECANCELED));
      for (const fd of fds) eventfdWrite(fd, 1);
      await until(() => poolThreads() === 0);
      for (const fd of fds) close(fd);
    });

    test('many of them, ready and not, all get their own result', async () => {
      using pool = new ThreadPool({ threads: 8 });
      const fds = Array.from({ length: 32 }, () => eventfd(0));
      for (let round = 0; round < 300; round++) {
        const results = fds.map((fd, place) => {
          if ((place + round) % 3 !== 0) eventfdWrite(fd, round * 32 + place + 1);
          return readCounter(pool, fd, place);
        });
        pool.flush();
        for (const [place, fd] of fds.entries()) {
          if ((place + round) % 3 === 0) eventfdWrite(fd, round * 32 + place + 1);
        }
        expect(await Promise.all(results)).toEqual(Array(32).fill(8));
        for (const place of fds.keys()) expect(counterAt(place)).toBe(round * 32 + place + 1);
        lists.length = 0;
      }
      for (const fd of fds) close(fd);
    });
  });

  test('says once when the results that were there have been handed out', async () => {
    const seen: number[] = [];
    let results = 0;
    using pool = new ThreadPool({ threads: 1, afterResults: () => seen.push(results) });
    for (let i = 0; i < 5; i++) pool.submit('schedYield', [], () => results++);
    await until(() => results === 5 && seen.at(-1) === 5);
    expect(seen.length).toBeLessThanOrEqual(5);
  });

  test('refuses calls whose effect belongs to a thread, and a wrong number of arguments, for themselves alone', async () => {
    using pool = new ThreadPool();
    const results = await Promise.all([
      pool.run('setresuid', -1, -1, -1),
      pool.run('schedYield'),
      pool.run('umask', 0),
      (pool.run as (name: string, ...args: number[]) => Promise<number>).call(pool, 'fsync'),
      (pool.run as (name: string, ...args: number[]) => Promise<number>).call(pool, 'fsync', 1, 2),
    ]);
    expect(results).toEqual([-EINVAL, 0, -EINVAL, -EINVAL, -EINVAL]);
    const done = (): void => {};
    expect(() => pool.submit('nothing' as 'fsync', [1], done)).toThrow(RangeError);
    expect(() => pool.submit('fsync', Array(10).fill(1), done)).toThrow(RangeError);
    expect(() => pool.submit('fsync', [1], undefined as never)).toThrow(TypeError);
    for (const threads of [0, 257, 1.5, NaN]) expect(() => new ThreadPool({ threads })).toThrow(RangeError);
  });

  test('close cancels what is outstanding, and no descriptor or thread is left', async () => {
    await until(() => poolThreads() === 0);
    const before = descriptorCount();
    const fd = eventfd(0);
    const pool = new ThreadPool({ threads: 2 });
    await pool.run('schedYield');
    await until(() => poolThreads() === 2);
    const results = Array.from({ length: 10 }, () => pool.run('eventfdRead', fd, arena.id, 16));
    pool.flush();
    pool.close();
    pool.close();
    expect(await Promise.all(results)).toEqual(Array(10).fill(-ECANCELED));
    expectSysError(() => pool.submit('fsync', [fd], () => {}), 'ECANCELED');
    // The two that had begun end when their calls do.
    await until(() => {
      eventfdWrite(fd, 1);
      return poolThreads() === 0;
    });
    close(fd);
    await until(() => descriptorCount() <= before);
  });

  test('memory that is unmapped while a call uses it stays addressable until the call is over', async () => {
    await until(() => poolThreads() === 0);
    using pool = new ThreadPool({ threads: 1 });
    const file = memfdCreate('in-flight');
    // So large that nothing else comes to lie at the same addresses.
    ftruncate(file, 2 ** 30);
    const memory = MappedMemory.map(file, 2 ** 30);
    const { id } = memory.windows[0]!;
    const fd = eventfd(0);
    const addresses = (): string[] =>
      readFileSync('/proc/self/maps', 'utf8')
        .split('\n')
        .filter((line) => line.includes('/memfd:in-flight'));
    const range = addresses()[0]!.split(' ')[0]!;
    const first = pool.run('eventfdRead', fd, id, 0);
    const second = pool.run('eventfdRead', fd, id, 0);
    pool.flush();
    // Let the thread get into the first call.
    await new Promise((resolve) => setTimeout(resolve, 50));
    memory.unmap();
    expect(addresses()).toEqual([]);
    const [begin, end] = range.split('-').map((text) => BigInt(`0x${text}`)) as [bigint, bigint];
    const covered = (): boolean =>
      readFileSync('/proc/self/maps', 'utf8')
        .split('\n')
        .some((line) => {
          const [from, to] = line
            .split(' ')[0]!
            .split('-')
            .map((text) => BigInt(`0x${text || '0'}`));
          return from !== undefined && to !== undefined && from <= begin && end <= to;
        });
    expect(covered()).toBe(true);
    eventfdWrite(fd, 1);
    expect(await first).toBe(0);
    // It began after the window was withdrawn.
    expect(await second).toBe(-EFAULT);
    await until(() => !covered());
    close(fd);
    close(file);
  });

  test('many maps, unmaps and calls at once', async () => {
    using pool = new ThreadPool({ threads: 4 });
    const fd = memfdCreate('churn');
    ftruncate(fd, 65536);
    let good = 0;
    let late = 0;
    for (let round = 0; round < 200; round++) {
      const memory = MappedMemory.map(fd, 65536);
      const { id } = memory.windows[0]!;
      const results = Array.from({ length: 20 }, (_, i) => pool.run('statxFd', fd, STATX_SIZE, id, i * 256));
      pool.flush();
      if (round % 2 === 0) memory.unmap();
      for (const result of await Promise.all(results)) {
        if (result === 0) good++;
        else if (result === -EFAULT) late++;
        else expect.fail(`result ${result}`);
      }
      memory.unmap();
    }
    expect(good + late).toBe(4000);
    expect(good).toBeGreaterThanOrEqual(2000);
    close(fd);
  });

  test('a callback that throws does not keep the others from their results', async () => {
    const errors: unknown[] = [];
    const others = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.once('uncaughtException', (error) => errors.push(error));
    using pool = new ThreadPool();
    let results = 0;
    pool.submit('schedYield', [], () => {
      throw new Error('from a callback');
    });
    pool.submit('schedYield', [], () => results++);
    await until(() => results === 1 && errors.length === 1);
    for (const listener of others) process.on('uncaughtException', listener);
    expect((errors[0] as Error).message).toBe('from a callback');
  });

  test('a pool ends with its environment', async () => {
    const code = `
      const sys = require('${root}node_modules/node-gyp-build')(${JSON.stringify(root)});
      const handle = sys.poolOpen(1);
      require('node:worker_threads').parentPort.postMessage(typeof handle);`;
    const worker = new Worker(code, { eval: true });
    const exit = new Promise((resolve) => worker.once('exit', resolve));
    expect(await new Promise((resolve) => worker.once('message', resolve))).toBe('object');
    await exit;
    await until(() => poolThreads() === 0);
  });

  test('a worker that ends while a call blocks does not hang', async () => {
    const fd = eventfd(0);
    const code = `
      const { parentPort } = require('node:worker_threads');
      const sys = require('${root}node_modules/node-gyp-build')(${JSON.stringify(root)});
      const mapping = sys.mmap(-1, 4096, 0, 0, 3, 34);
      const [id, buffer] = sys.window(mapping, 0, 4096);
      const pool = sys.poolOpen(2);
      const position = Object.keys(sys.raw).indexOf('eventfdRead');
      new Int32Array(buffer).set([7, position, 0, 3, ${fd}, id, 1024]);
      parentPort.postMessage(sys.poolSubmit(pool, id, 0, 1));
      setTimeout(() => {}, 100000);`;
    const worker = new Worker(code, { eval: true });
    expect(await new Promise((resolve) => worker.once('message', resolve))).toBe(0);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await worker.terminate();
    expect(poolThreads()).toBeGreaterThan(0);
    eventfdWrite(fd, 1);
    await until(() => poolThreads() === 0);
    close(fd);
  });
});
