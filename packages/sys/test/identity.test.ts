import { readdirSync, readFileSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  AT_FDCWD,
  close,
  EINVAL,
  fchmodat,
  getgroups,
  getresgid,
  getresuid,
  getrlimit,
  mkdirat,
  O_DIRECTORY,
  O_RDONLY,
  openat,
  RLIM_INFINITY,
  RLIMIT_CORE,
  RLIMIT_FSIZE,
  RLIMIT_NOFILE,
  raw,
  ScopedCredentials,
  setgroups,
  setresgid,
  setresuid,
  setrlimit,
  UNCHANGED,
} from '../src/index.js';
import { expectSysError, isRoot, temporaryDirectory } from './support.js';

const root = temporaryDirectory();
const dir = openat(AT_FDCWD, root, O_RDONLY | O_DIRECTORY);

/** The effective user and group id of every thread, by thread id. */
function threads(): Map<number, string> {
  const ids = new Map<number, string>();
  for (const tid of readdirSync('/proc/self/task')) {
    const status = readFileSync(`/proc/self/task/${tid}/status`, 'utf8');
    const uid = /^Uid:\s+\d+\s+(\d+)/m.exec(status)![1];
    const gid = /^Gid:\s+\d+\s+(\d+)/m.exec(status)![1];
    ids.set(Number(tid), `${uid}:${gid}`);
  }
  return ids;
}

test('the ids are those that the process was started with', () => {
  const uid = process.getuid!();
  const gid = process.getgid!();
  expect(getresuid()).toEqual({ real: uid, effective: process.geteuid!(), saved: uid });
  expect(getresgid()).toEqual({ real: gid, effective: process.getegid!(), saved: gid });
  const groups = process.getgroups!();
  expect(new Set([...getgroups(), gid])).toEqual(new Set([...groups, gid]));
  expect(raw.gettid()).toBe(process.pid);
});

describe.runIf(isRoot)('as root', () => {
  test('ScopedCredentials changes this thread alone, and what it makes belongs to the other', async () => {
    // Node creates the threads of its pool on first use; they must not inherit the identity.
    await readFile('/proc/self/status');
    const before = threads();
    const groups = getgroups();
    expect(before.size).toBeGreaterThan(4);
    const self = raw.gettid();
    // A directory that everybody may write to.
    mkdirat(dir, 'shared');
    fchmodat(dir, 'shared', 0o1777);
    fchmodat(AT_FDCWD, root, 0o711);
    const made = join(root, 'shared', 'made');
    {
      using _ = new ScopedCredentials({ uid: 1234, gid: 5678, groups: [42, 43] });
      mkdirat(AT_FDCWD, made);
      expect(getgroups()).toEqual([42, 43]);
      expect(getresuid()).toEqual({ real: 0, effective: 1234, saved: 0 });
      for (const [tid, ids] of threads()) expect(ids).toBe(tid === self ? '1234:5678' : before.get(tid));
      expectSysError(() => mkdirat(dir, 'not-allowed'), 'EACCES');
    }
    const { uid, gid } = statSync(made);
    expect([uid, gid]).toEqual([1234, 5678]);
    expect(threads().get(self)).toBe('0:0');
    expect(getgroups()).toEqual(groups);
    mkdirat(dir, 'allowed');
  });

  test('the thread pool does not see it', async () => {
    await readFile('/proc/self/status');
    const scope = new ScopedCredentials({ uid: 1234, gid: 5678 });
    const reads = [1, 2, 3, 4].map(() => readFile('/proc/thread-self/status', 'utf8'));
    scope[Symbol.dispose]();
    for (const status of await Promise.all(reads)) expect(status).toMatch(/^Uid:\s+0\s+0/m);
  });

  test('it is restored after a throw, and once', () => {
    expect(() => {
      using _ = new ScopedCredentials({ uid: 1234 });
      throw new Error('x');
    }).toThrow('x');
    expect(getresuid().effective).toBe(0);
    const scope = new ScopedCredentials({ gid: 77 });
    expect(getresgid().effective).toBe(77);
    scope[Symbol.dispose]();
    setresgid(UNCHANGED, 78, UNCHANGED);
    scope[Symbol.dispose]();
    expect(getresgid().effective).toBe(78);
    setresgid(UNCHANGED, 0, UNCHANGED);
  });

  test('scopes nest', () => {
    using _ = new ScopedCredentials({ gid: 10 });
    {
      using _inner = new ScopedCredentials({ gid: 20 });
      expect(getresgid().effective).toBe(20);
    }
    expect(getresgid().effective).toBe(10);
  });

  test('a failure in the middle leaves everything as it was', () => {
    const groups = getgroups();
    using _ = new ScopedCredentials({ uid: 1234 });
    // Without privilege the groups come first and fail.
    expectSysError(() => new ScopedCredentials({ uid: 1, gid: 1, groups: [1] }), 'EPERM');
    expectSysError(() => new ScopedCredentials({ uid: 1, gid: 1 }), 'EPERM');
    expectSysError(() => new ScopedCredentials({ uid: 4321 }), 'EPERM');
    expect(getresuid().effective).toBe(1234);
    expect(getresgid().effective).toBe(0);
    expect(getgroups()).toEqual(groups);
  });

  test('the plain calls', () => {
    setresgid(UNCHANGED, 5, UNCHANGED);
    expect(getresgid()).toEqual({ real: 0, effective: 5, saved: 0 });
    setresgid(UNCHANGED, 0, UNCHANGED);
    const groups = getgroups();
    setgroups([1, 2, 0xffff_fffe]);
    expect(getgroups()).toEqual([1, 2, 0xffff_fffe]);
    setgroups(Array.from({ length: 1000 }, (_, i) => i));
    expect(getgroups()).toHaveLength(1000);
    setgroups([]);
    expect(getgroups()).toEqual([]);
    setgroups(groups);
    setresuid(UNCHANGED, 99, UNCHANGED);
    expectSysError(() => setresuid(7, UNCHANGED, UNCHANGED), 'EPERM');
    setresuid(UNCHANGED, 0, UNCHANGED);
    setresuid(UNCHANGED, UNCHANGED, UNCHANGED);
  });

  test('limits may be raised', () => {
    const limit = getrlimit(RLIMIT_CORE);
    setrlimit(RLIMIT_CORE, { soft: 2n ** 53n + 1n, hard: RLIM_INFINITY });
    expect(getrlimit(RLIMIT_CORE)).toEqual({ soft: 2n ** 53n + 1n, hard: RLIM_INFINITY });
    setrlimit(RLIMIT_CORE, limit);
  });
});

test('another identity is refused without privilege', () => {
  using _ = new ScopedCredentials(isRoot ? { uid: 65534, gid: 65534 } : {});
  expectSysError(() => new ScopedCredentials({ uid: 4321 }), 'EPERM');
  expectSysError(() => setresgid(4321, 4321, 4321), 'EPERM');
  expectSysError(() => setgroups([4321]), 'EPERM');
});

test('ids out of range are refused', () => {
  for (const bad of [-2, 0xffff_ffff, NaN, 0.5]) {
    expect(() => setresuid(bad, UNCHANGED, UNCHANGED)).toThrow(RangeError);
    expect(() => setresgid(UNCHANGED, bad, UNCHANGED)).toThrow(RangeError);
    expect(() => new ScopedCredentials({ uid: bad })).toThrow(RangeError);
  }
  for (const bad of [-1, 0xffff_ffff, NaN]) expect(() => setgroups([bad])).toThrow(RangeError);
});

describe('limits', () => {
  test('are those that the kernel shows', () => {
    const line = /^Max open files\s+(\d+)\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))!;
    expect(getrlimit(RLIMIT_NOFILE)).toEqual({ soft: Number(line[1]), hard: Number(line[2]) });
    expect(getrlimit(RLIMIT_NOFILE, process.pid)).toEqual(getrlimit(RLIMIT_NOFILE));
    expect(getrlimit(RLIMIT_FSIZE).soft).toBe(RLIM_INFINITY);
  });

  test('can be lowered and restored, and hold', () => {
    const limit = getrlimit(RLIMIT_NOFILE);
    const fd = openat(AT_FDCWD, '/', O_RDONLY);
    setrlimit(RLIMIT_NOFILE, { soft: fd, hard: limit.hard });
    expectSysError(() => openat(AT_FDCWD, '/', O_RDONLY), 'EMFILE');
    setrlimit(RLIMIT_NOFILE, limit);
    expect(getrlimit(RLIMIT_NOFILE)).toEqual(limit);
    close(fd);
  });

  test('errors', () => {
    expectSysError(() => getrlimit(99), 'EINVAL');
    expectSysError(() => getrlimit(RLIMIT_NOFILE, 0x7fff_ffff), 'ESRCH');
    expectSysError(() => setrlimit(RLIMIT_NOFILE, { soft: 2, hard: 1 }), 'EINVAL');
    expect(() => setrlimit(RLIMIT_NOFILE, { soft: -1, hard: 1 })).toThrow(RangeError);
    expect(() => setrlimit(RLIMIT_NOFILE, { soft: 2 ** 53, hard: RLIM_INFINITY })).toThrow(RangeError);
    expect(() => getrlimit(-1)).toThrow(RangeError);
    expect(raw.prlimit(0, 99, 0, 0, 0, 0)).toBe(-EINVAL);
    expect(raw.prlimit(0, RLIMIT_NOFILE, 0, 0, 0, 0)).toBe(0);
  });
});
