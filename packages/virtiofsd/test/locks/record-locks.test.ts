import { constants, readdirSync, writeFileSync } from 'node:fs';
import { FUSE_FLOCK_LOCKS, FUSE_POSIX_LOCKS } from '@vfs/fuse-proto';
import { F_WRLCK, getRecordLock, setRecordLock } from '@vfs/sys';
import { describe, expect, it } from 'vitest';
import { MAX_WAITING } from '../../src/passthrough/locks/lock-queue.js';
import { sharedDirectory } from '../support/fixture.js';
import { END, LockedFile, NONE, openOnHost, READ, settled, shareWithLocks, WRITE } from './support.js';

const { O_RDONLY, O_RDWR, O_WRONLY } = constants;
const A = 1;
const B = 2;
const C = 3;

describe('POSIX locks of the guest', () => {
  it('come here only if that was asked for, and the guest can', async () => {
    const off = await sharedDirectory();
    expect(off.share.agreed).toMatchObject({ posixLocks: false, flocks: false });
    writeFileSync(off.path('one'), '');
    const file = await LockedFile.open(off, 'one', O_RDWR);
    expect(await file.set(A, WRITE)).toBe('ENOSYS');
    expect(await file.flock(WRITE)).toBe('ENOSYS');
    const on = await shareWithLocks();
    expect(on.share.agreed).toMatchObject({ posixLocks: true, flocks: true });
    const old = Number(FUSE_POSIX_LOCKS | FUSE_FLOCK_LOCKS);
    const { flags } = await on.client.fuse.init({ flags: 0xffff_ffff & ~old });
    expect(flags & old).toBe(0);
    expect(on.share.agreed).toMatchObject({ posixLocks: false, flocks: false });
    expect(on.messages.join('\n')).toMatch(/does not offer record locks/);
  });

  it('keep its other processes out, and those of the host', async () => {
    const fixture = await shareWithLocks();
    const file = await LockedFile.open(fixture, 'one', O_RDWR);
    const host = openOnHost(fixture.path('one'));
    expect(await file.set(A, WRITE, 10, 19)).toBe('');
    expect(await file.set(B, READ, 19, 30)).toBe('EAGAIN');
    expect(await file.set(B, WRITE, 20, 30)).toBe('');
    expect(setRecordLock(host, { type: F_WRLCK, start: 0, length: 11 })).toBe(false);
    expect(getRecordLock(host, { type: F_WRLCK, start: 0, length: 0 })).toMatchObject({ start: 10 });
    expect(setRecordLock(host, { type: F_WRLCK, start: 31, length: 10 })).toBe(true);
    expect(await file.set(A, READ, 40, 40)).toBe('EAGAIN');
    expect(await file.set(A, NONE, 10, 14)).toBe('');
    expect(setRecordLock(host, { type: F_WRLCK, start: 10, length: 5 })).toBe(true);
    expect(setRecordLock(host, { type: F_WRLCK, start: 10, length: 6 })).toBe(false);
  });

  it('that several processes have to read are kept on the host until the last one gives them up', async () => {
    const fixture = await shareWithLocks();
    const file = await LockedFile.open(fixture, 'one', O_RDONLY);
    const host = openOnHost(fixture.path('one'));
    expect(await file.set(A, READ, 0, 9)).toBe('');
    expect(await file.set(B, READ, 5, 14)).toBe('');
    expect(await file.set(A, NONE)).toBe('');
    expect(setRecordLock(host, { type: F_WRLCK, start: 0, length: 5 })).toBe(true);
    expect(setRecordLock(host, { type: F_WRLCK, start: 5, length: 1 })).toBe(false);
    expect(await file.set(B, NONE)).toBe('');
    expect(setRecordLock(host, { type: F_WRLCK, start: 5, length: 10 })).toBe(true);
  });

  it('are told with the process that has them, or with none if it is outside', async () => {
    const fixture = await shareWithLocks();
    const file = await LockedFile.open(fixture, 'one', O_RDWR);
    await file.set(A, WRITE, 3, 6);
    expect(await file.get(B, WRITE)).toEqual({ type: WRITE, start: 3, end: 6, pid: 1000 + A });
    expect(await file.get(B, READ, 7)).toBeUndefined();
    expect(await file.get(A, WRITE)).toBeUndefined();
    const host = openOnHost(fixture.path('one'));
    setRecordLock(host, { type: F_WRLCK, start: 2n ** 62n, length: 0 });
    expect(await file.get(A, READ)).toEqual({ type: WRITE, start: 2n ** 62n, end: END, pid: 0 });
  });

  it('are exact up to the last offset', async () => {
    const fixture = await shareWithLocks();
    const file = await LockedFile.open(fixture, 'one', O_RDWR);
    expect(await file.set(A, WRITE, END - 1n, END - 1n)).toBe('');
    expect(await file.set(B, WRITE, END, END)).toBe('');
    expect(await file.set(B, WRITE, END - 1n, END)).toBe('EAGAIN');
    expect(await file.set(B, WRITE, 2n ** 53n, 2n ** 53n)).toBe('');
    expect(await file.set(A, WRITE, 2n ** 53n + 1n, 2n ** 53n + 1n)).toBe('');
    expect(await file.get(C, WRITE, 2n ** 53n + 1n, 2n ** 53n + 1n)).toMatchObject({ pid: 1000 + A });
    for (const [start, end] of [
      [5n, 4n],
      [0n, END + 1n],
      [2n ** 64n - 1n, 2n ** 64n - 1n],
    ] as const) {
      expect(await file.set(A, WRITE, start, end)).toBe('EINVAL');
      await expect(file.get(A, WRITE, start, end)).rejects.toThrow();
    }
    expect(await file.set(A, 3)).toBe('EINVAL');
  });

  it('need a descriptor that is open for them', async () => {
    const fixture = await shareWithLocks();
    const reader = await LockedFile.open(fixture, 'one', O_RDONLY);
    const writer = await LockedFile.open(fixture, 'one', O_WRONLY);
    expect(await reader.set(A, WRITE)).toBe('EBADF');
    expect(await writer.set(A, READ)).toBe('EBADF');
    // Each in turn, so that the descriptor on the host has to become a better one.
    expect(await reader.set(A, READ, 0, 4)).toBe('');
    expect(await reader.set(B, READ, 2, 6)).toBe('');
    expect(await writer.set(A, WRITE, 10, 14)).toBe('');
    const host = openOnHost(fixture.path('one'));
    for (const at of [0, 6, 14]) {
      expect(setRecordLock(host, { type: F_WRLCK, start: at, length: 1 })).toBe(false);
    }
    expect(await reader.set(C, READ, 20, 20)).toBe('');
    await fixture.client.release(reader.node, reader.fh);
    expect(await reader.set(A, NONE)).toBe('EBADF');
  });

  it('do not make a file busy that is locked to read', async () => {
    const fixture = await shareWithLocks();
    const file = await LockedFile.open(fixture, 'one', O_RDONLY);
    expect(await file.set(A, READ)).toBe('');
    const descriptors = readdirSync('/proc/self/fd').length;
    expect(await file.set(B, READ)).toBe('');
    expect(readdirSync('/proc/self/fd').length).toBe(descriptors);
  });

  it('go when their process closes any descriptor of the file, and only those', async () => {
    const fixture = await shareWithLocks();
    const file = await LockedFile.open(fixture, 'one', O_RDWR);
    const other = await LockedFile.open(fixture, 'one', O_RDONLY);
    await file.set(A, WRITE, 0, 0);
    await file.set(B, WRITE, 1, 1);
    await other.flush(A);
    expect(await file.set(C, WRITE, 0, 0)).toBe('');
    expect(await file.set(C, WRITE, 1, 1)).toBe('EAGAIN');
  });

  it('of an open file description go with the open file', async () => {
    const fixture = await shareWithLocks();
    const first = await LockedFile.open(fixture, 'one', O_RDWR);
    const second = await LockedFile.open(fixture, 'one', O_RDWR);
    // Linux numbers the open file as it numbers a process, and does not tell of its end.
    await first.set(A, WRITE);
    expect(await second.set(B, WRITE)).toBe('EAGAIN');
    await first.flush(C);
    expect(await second.set(B, WRITE)).toBe('EAGAIN');
    await first.release();
    expect(await second.set(B, WRITE)).toBe('');
  });

  it('leave neither a descriptor nor a trace', async () => {
    const fixture = await shareWithLocks();
    const { share } = fixture;
    const file = await LockedFile.open(fixture, 'one', O_RDWR);
    const descriptors = readdirSync('/proc/self/fd').length;
    const { left } = share.budget;
    await file.set(A, WRITE, 0, 4);
    await file.set(B, READ, 5, 9);
    expect(share.locks).toMatchObject({ size: 1, ranges: 2 });
    expect(share.budget.left).toBe(left - 1);
    await file.set(A, NONE);
    await file.set(B, NONE);
    expect(await file.set(C, READ, 0, 0)).toBe('');
    await file.flush(C);
    expect(share.locks).toMatchObject({ size: 0, ranges: 0 });
    expect(share.budget.left).toBe(left);
    expect(readdirSync('/proc/self/fd').length).toBe(descriptors);
    await file.set(A, WRITE);
    const waiting = file.wait(B, WRITE);
    await fixture.client.destroy();
    expect(share.locks).toMatchObject({ size: 0, ranges: 0 });
    expect(share.locks.queue.size).toBe(0);
    expect(await waiting).not.toBe('');
  });

  it('are ENOLCK when there is no descriptor for them, and the others stay', async () => {
    const fixture = await shareWithLocks(5);
    const one = await LockedFile.open(fixture, 'one', O_RDWR);
    const two = await LockedFile.open(fixture, 'two', O_RDWR);
    expect(await one.set(A, WRITE)).toBe('');
    expect(await two.set(A, WRITE)).toBe('ENOLCK');
    expect(await one.set(B, READ)).toBe('EAGAIN');
    expect(await one.set(A, NONE)).toBe('');
    expect(await two.set(A, WRITE)).toBe('');
  });
});

describe('waiting for POSIX locks', () => {
  it('holds nobody up, and is first come, first served', async () => {
    const fixture = await shareWithLocks();
    const file = await LockedFile.open(fixture, 'one', O_RDWR);
    const order: string[] = [];
    await file.set(A, WRITE);
    const b = file.wait(B, WRITE).then((result) => order.push(`B${result}`));
    const c = file.wait(C, WRITE).then((result) => order.push(`C${result}`));
    await settled(fixture);
    expect(order).toEqual([]);
    await file.set(A, NONE);
    await b;
    await settled(fixture);
    expect(order).toEqual(['B']);
    await file.flush(B);
    await c;
    expect(order).toEqual(['B', 'C']);
  });

  it('ends when a stronger lock becomes a weaker one, for all who can go on', async () => {
    const fixture = await shareWithLocks();
    const file = await LockedFile.open(fixture, 'one', O_RDWR);
    await file.set(A, WRITE);
    const waiting = [file.wait(B, READ), file.wait(C, READ)];
    await file.set(A, READ);
    expect(await Promise.all(waiting)).toEqual(['', '']);
  });

  it('ends when somebody on the host gives a lock up, and nobody tells', async () => {
    const fixture = await shareWithLocks();
    const file = await LockedFile.open(fixture, 'one', O_RDWR);
    const host = openOnHost(fixture.path('one'));
    setRecordLock(host, { type: F_WRLCK, start: 0, length: 0 });
    expect(await file.set(A, READ)).toBe('EAGAIN');
    const waiting = file.wait(A, READ);
    await settled(fixture);
    expect(fixture.share.locks.queue.size).toBe(1);
    setRecordLock(host, { type: NONE, start: 0, length: 0 });
    expect(await waiting).toBe('');
  });

  it('ends with EINTR when the process is interrupted, and the lock is not taken', async () => {
    const fixture = await shareWithLocks();
    const file = await LockedFile.open(fixture, 'one', O_RDWR);
    await file.set(A, WRITE);
    const waiting = file.wait(B, WRITE, 0, END, 4242);
    await settled(fixture);
    await fixture.client.fuse.interrupt(4242);
    expect(await waiting).toBe('EINTR');
    await file.set(A, NONE);
    expect(await file.get(C, WRITE)).toBeUndefined();
    expect(fixture.share.locks.queue.size).toBe(0);
  });

  it('ends with the handle', async () => {
    const fixture = await shareWithLocks();
    const file = await LockedFile.open(fixture, 'one', O_RDWR);
    const other = await LockedFile.open(fixture, 'one', O_RDWR);
    await file.set(A, WRITE);
    const waiting = other.wait(B, WRITE);
    await settled(fixture);
    await other.release();
    expect(await waiting).toBe('EBADF');
  });

  it('is EDEADLK for whoever would close a circle, over files and any number of processes', async () => {
    const fixture = await shareWithLocks();
    const one = await LockedFile.open(fixture, 'one', O_RDWR);
    const two = await LockedFile.open(fixture, 'two', O_RDWR);
    await one.set(A, WRITE, 0, 0);
    await two.set(B, WRITE, 0, 0);
    await one.set(C, WRITE, 5, 5);
    const b = one.wait(B, WRITE, 0, 0);
    const c = two.wait(C, READ, 0, 0);
    await settled(fixture);
    expect(await one.wait(A, READ, 0, 9)).toBe('EDEADLK');
    expect(await two.wait(A, READ, 0, 0)).toBe('EDEADLK');
    // Without waiting it is what it always is.
    expect(await two.set(A, READ, 0, 0)).toBe('EAGAIN');
    await one.set(A, NONE);
    expect(await b).toBe('');
    await two.set(B, NONE);
    expect(await c).toBe('');
  });

  it(`is ENOLCK for more than ${MAX_WAITING}, so that those who have the locks can still be heard`, async () => {
    const fixture = await shareWithLocks();
    const file = await LockedFile.open(fixture, 'one', O_RDWR);
    await file.set(A, READ);
    const waiting = Array.from({ length: MAX_WAITING }, (_, i) => file.wait(10 + i, WRITE, i, i));
    await settled(fixture);
    expect(await file.wait(B, WRITE)).toBe('ENOLCK');
    await file.set(A, NONE);
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['']));
  });
});
