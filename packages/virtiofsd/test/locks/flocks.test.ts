import { constants } from 'node:fs';
import { FUSE_RELEASE_FLOCK_UNLOCK } from '@vfs/fuse-proto';
import { flock, LOCK_EX, LOCK_NB, LOCK_UN } from '@vfs/sys';
import { describe, expect, it } from 'vitest';
import { LockedFile, NONE, openOnHost, READ, settled, shareWithLocks, WRITE } from './support.js';

const { O_RDONLY, O_RDWR } = constants;

describe('flock(2) of the guest', () => {
  it('is between open files and with the host, and goes with the open file', async () => {
    const fixture = await shareWithLocks();
    const one = await LockedFile.open(fixture, 'one', O_RDONLY);
    const other = await LockedFile.open(fixture, 'one', O_RDONLY);
    const host = openOnHost(fixture.path('one'), 'r');
    expect(await one.flock(READ)).toBe('');
    expect(await other.flock(READ)).toBe('');
    expect(flock(host, LOCK_EX | LOCK_NB)).toBe(false);
    expect(await other.flock(NONE)).toBe('');
    expect(await one.flock(WRITE)).toBe('');
    expect(await other.flock(READ)).toBe('EAGAIN');
    await one.release(FUSE_RELEASE_FLOCK_UNLOCK);
    expect(flock(host, LOCK_EX | LOCK_NB)).toBe(true);
    expect(await other.flock(READ)).toBe('EAGAIN');
    expect(await other.flock(7)).toBe('EINVAL');
  });

  it('waits for others in the guest and on the host', async () => {
    const fixture = await shareWithLocks();
    const one = await LockedFile.open(fixture, 'one', O_RDWR);
    const other = await LockedFile.open(fixture, 'one', O_RDWR);
    const host = openOnHost(fixture.path('one'));
    await one.flock(WRITE);
    const waiting = other.flock(WRITE, true);
    await settled(fixture);
    await one.release(FUSE_RELEASE_FLOCK_UNLOCK);
    expect(await waiting).toBe('');
    await other.flock(NONE);
    expect(flock(host, LOCK_EX | LOCK_NB)).toBe(true);
    const again = other.flock(READ, true);
    await settled(fixture);
    flock(host, LOCK_UN);
    expect(await again).toBe('');
  });
});
