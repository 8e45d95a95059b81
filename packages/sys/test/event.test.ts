import { spawn } from 'node:child_process';
import { readdirSync, readlinkSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { describe, expect, test } from 'vitest';
import {
  AT_FDCWD,
  close,
  EAGAIN,
  EBADF,
  EFD_NONBLOCK,
  EFD_SEMAPHORE,
  EINVAL,
  eventfd,
  eventfdRead,
  eventfdWrite,
  O_RDONLY,
  openat,
  POLLHUP,
  POLLIN,
  POLLNVAL,
  POLLOUT,
  poll,
  raw,
  unixSocketPair,
  WATCH_READABLE,
  WATCH_WRITABLE,
  Watcher,
} from '../src/index.js';
import { Arena, descriptorCount, expectSysError, until } from './support.js';

const arena = new Arena();
const out = arena.reserve(8);

describe('eventfd', () => {
  test('counts', () => {
    const fd = eventfd(3, EFD_NONBLOCK);
    eventfdWrite(fd, 4);
    eventfdWrite(fd);
    expect(eventfdRead(fd)).toBe(8);
    expect(eventfdRead(fd)).toBeUndefined();
    expect(raw.eventfdRead(fd, arena.id, out)).toBe(-EAGAIN);
    eventfdWrite(fd, 0xffff_ffff);
    eventfdWrite(fd, 0xffff_ffff);
    expect(eventfdRead(fd)).toBe(2 * 0xffff_ffff);
    expect(raw.eventfdWrite(fd, 7)).toBe(0);
    expect(raw.eventfdRead(fd, arena.id, out)).toBe(0);
    expect(arena.window.view.getBigUint64(out, true)).toBe(7n);
    close(fd);
  });

  test('as a semaphore', () => {
    const fd = eventfd(2, EFD_NONBLOCK | EFD_SEMAPHORE);
    expect([eventfdRead(fd), eventfdRead(fd), eventfdRead(fd)]).toEqual([1, 1, undefined]);
    close(fd);
  });

  test('errors', () => {
    expectSysError(() => eventfd(0, 0x4000_0000), 'EINVAL');
    expectSysError(() => eventfdWrite(9999), 'EBADF');
    expectSysError(() => eventfdRead(9999), 'EBADF');
    expect(raw.eventfdWrite(9999, 1)).toBe(-EBADF);
    expect(raw.eventfd(0, -1)).toBe(-EINVAL);
    for (const bad of [-1, 2 ** 32, NaN]) {
      expect(() => eventfd(bad)).toThrow(RangeError);
      expect(() => eventfdWrite(1, bad)).toThrow(RangeError);
    }
    const directory = openat(AT_FDCWD, '/', O_RDONLY);
    expect(raw.eventfdRead(directory, arena.id, out)).toBeLessThan(0);
    close(directory);
  });
});

describe('poll', () => {
  test('answers what holds', () => {
    const fd = eventfd(0);
    expect(poll(fd, POLLIN | POLLOUT, 0)).toBe(POLLOUT);
    expect(poll(fd, POLLIN, 0)).toBe(0);
    eventfdWrite(fd);
    expect(poll(fd, POLLIN)).toBe(POLLIN);
    close(fd);
    expect(poll(fd, POLLIN)).toBe(POLLNVAL);
    const [a, b] = unixSocketPair();
    close(b);
    expect(poll(a, POLLIN) & (POLLIN | POLLHUP)).toBe(POLLIN | POLLHUP);
    close(a);
    expect(() => poll(0, POLLIN, -2)).toThrow(RangeError);
    expect(() => poll(0, -1)).toThrow(RangeError);
  });

  test('is not cut short or drawn out by signals', async () => {
    let signals = 0;
    process.on('SIGUSR2', () => signals++);
    const child = spawn('/bin/sh', ['-c', `while kill -USR2 ${process.pid}; do sleep 0.02; done`]);
    try {
      await until(() => signals > 0);
      const fd = eventfd(0);
      const begin = performance.now();
      expect(poll(fd, POLLIN, 300)).toBe(0);
      const took = performance.now() - begin;
      expect(took).toBeGreaterThanOrEqual(295);
      expect(took).toBeLessThan(2000);
      close(fd);
    } finally {
      child.kill('SIGKILL');
      await new Promise((resolve) => child.on('exit', resolve));
    }
  });
});

test('schedYield', () => expect(raw.schedYield()).toBe(0));

test('cpuPause returns, also for a count that is none', () => {
  for (const count of [0, 1, 1000, -1]) expect(raw.cpuPause(count)).toBe(0);
});

describe('Watcher', () => {
  test('calls back while the descriptor is readable', async () => {
    const fd = eventfd(0, EFD_NONBLOCK);
    const calls: [number, number, unknown][] = [];
    const watcher = new Watcher(fd, WATCH_READABLE, (events, error) =>
      calls.push([events, error, eventfdRead(fd)]),
    );
    eventfdWrite(fd, 5);
    await until(() => calls.length === 1);
    eventfdWrite(fd, 6);
    await until(() => calls.length === 2);
    expect(calls).toEqual([
      [WATCH_READABLE, 0, 5],
      [WATCH_READABLE, 0, 6],
    ]);
    watcher.close();
    eventfdWrite(fd, 7);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(calls).toHaveLength(2);
    watcher.close();
    watcher.ref();
    watcher.unref();
    close(fd);
  });

  test('is level-triggered', async () => {
    const fd = eventfd(1);
    let calls = 0;
    using _ = new Watcher(fd, WATCH_READABLE, () => calls++);
    await until(() => calls > 5);
    close(fd);
  });

  test('tells writable from readable', async () => {
    const [a, b] = unixSocketPair();
    let seen = 0;
    const watcher = new Watcher(a, WATCH_READABLE | WATCH_WRITABLE, (events) => {
      seen |= events;
    });
    await until(() => seen === WATCH_WRITABLE);
    raw.sendmsg(b, arena.id, 0, 1, arena.id, 0, 0, 0);
    await until(() => seen === (WATCH_READABLE | WATCH_WRITABLE));
    watcher.close();
    close(a);
    close(b);
  });

  test('a hang-up is readable', async () => {
    const [a, b] = unixSocketPair();
    let events = 0;
    const watcher = new Watcher(a, WATCH_READABLE, (e) => {
      events = e;
    });
    close(b);
    await until(() => events === WATCH_READABLE);
    watcher.close();
    close(a);
  });

  test('an error condition is reported once, with an errno', async () => {
    const at = arena.reserve(8);
    raw.pipe2(arena.id, at, 0);
    const [reader, writer] = arena.window.i32.slice(at / 4, at / 4 + 2) as unknown as [number, number];
    const errors: number[] = [];
    const watcher = new Watcher(writer, WATCH_READABLE, (_events, error) => errors.push(error));
    close(reader);
    await until(() => errors.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(errors).toEqual([EBADF]);
    watcher.close();
    close(writer);
  });

  test('may be closed by its own callback, and by another one in the same turn', async () => {
    const a = eventfd(1);
    const b = eventfd(1);
    const watchers: Watcher[] = [];
    let calls = 0;
    const callback = (): void => {
      calls++;
      for (const watcher of watchers) watcher.close();
    };
    watchers.push(new Watcher(a, WATCH_READABLE, callback), new Watcher(b, WATCH_READABLE, callback));
    await until(() => calls > 0);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(calls).toBe(1);
    close(a);
    close(b);
  });

  test('survives the closing of its descriptor, and a new file under the same number', async () => {
    const first = eventfd(0, EFD_NONBLOCK);
    let calls = 0;
    const watcher = new Watcher(first, WATCH_READABLE, () => calls++);
    close(first);
    const second = eventfd(1, EFD_NONBLOCK);
    expect(second).toBe(first);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(calls).toBe(0);
    const other = new Watcher(second, WATCH_READABLE, () => calls++);
    await until(() => calls > 0);
    other.close();
    watcher.close();
    close(second);
  });

  test('its descriptor is closed with it', async () => {
    const fd = eventfd(0);
    const count = (): number =>
      readdirSync('/proc/self/fd').filter((n) => {
        try {
          return readlinkSync(`/proc/self/fd/${n}`) === 'anon_inode:[eventfd]';
        } catch {
          return false;
        }
      }).length;
    const before = count();
    for (let i = 0; i < 50; i++) new Watcher(fd, WATCH_READABLE, () => {}).close();
    const open = Array.from({ length: 20 }, () => new Watcher(fd, WATCH_READABLE, () => {}));
    for (const watcher of open) watcher[Symbol.dispose]();
    // Those of earlier tests may go at the same time.
    await until(() => count() <= before);
    close(fd);
  });

  test('refuses what cannot be watched', () => {
    const before = descriptorCount();
    const callback = (): void => {};
    const directory = openat(AT_FDCWD, '/', O_RDONLY);
    expectSysError(() => new Watcher(directory, WATCH_READABLE, callback), 'EPERM');
    close(directory);
    expectSysError(() => new Watcher(9999, WATCH_READABLE, callback), 'EBADF');
    expect(() => new Watcher(-1, WATCH_READABLE, callback)).toThrow(RangeError);
    expect(() => new Watcher(0, 0, callback)).toThrow(RangeError);
    expect(() => new Watcher(0, 4, callback)).toThrow(RangeError);
    expect(() => new Watcher(0, WATCH_READABLE, null as never)).toThrow(TypeError);
    expect(descriptorCount()).toBe(before);
  });
});
