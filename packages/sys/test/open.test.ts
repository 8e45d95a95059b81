import { mkdirSync, readFileSync, readlinkSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  AT_FDCWD,
  AT_SYMLINK_FOLLOW,
  addSeals,
  CLOSE_RANGE_CLOEXEC,
  close,
  dup,
  EAGAIN,
  EINVAL,
  ELOOP,
  ENOENT,
  ENXIO,
  EXDEV,
  F_DUPFD,
  F_DUPFD_CLOEXEC,
  F_GETPIPE_SZ,
  F_SEAL_SHRINK,
  F_SEAL_WRITE,
  F_SETPIPE_SZ,
  FD_CLOEXEC,
  fstatx,
  ftruncate,
  getDescriptorFlags,
  getSeals,
  getStatusFlags,
  linkat,
  MFD_ALLOW_SEALING,
  memfdCreate,
  mountId,
  O_APPEND,
  O_CLOEXEC,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_NOFOLLOW,
  O_NONBLOCK,
  O_PATH,
  O_RDONLY,
  O_RDWR,
  O_TMPFILE,
  O_WRONLY,
  OsFacts,
  OwnedFd,
  openat,
  openat2,
  openRelativeTo,
  procPath,
  RESOLVE_BENEATH,
  RESOLVE_CACHED,
  RESOLVE_IN_ROOT,
  RESOLVE_NO_MAGICLINKS,
  RESOLVE_NO_SYMLINKS,
  RESOLVE_NO_XDEV,
  raw,
  ScopedUmask,
  setDescriptorFlags,
  setStatusFlags,
  umask,
  uniqueMountId,
  writevAt,
} from '../src/index.js';
import { inChild } from './child.js';
import { Arena, descriptorCount, expectSysError, temporaryDirectory } from './support.js';

const root = temporaryDirectory();
const arena = new Arena();
writeFileSync(join(root, 'file'), 'hello');
mkdirSync(join(root, 'sub'));
symlinkSync('/file', join(root, 'absolute'));
symlinkSync('../file', join(root, 'sub', 'up'));
symlinkSync('../../../../../../etc/passwd', join(root, 'sub', 'escape'));
symlinkSync('file', join(root, 'link'));
symlinkSync('loop', join(root, 'loop'));
const dir = openat(AT_FDCWD, root, O_RDONLY | O_DIRECTORY);

function readAll(fd: number): string {
  const text = readFileSync(fd, 'utf8');
  close(fd);
  return text;
}

describe('openat', () => {
  test('opens relative to a directory, close-on-exec', () => {
    const fd = openat(dir, 'file', O_RDONLY);
    expect(getDescriptorFlags(fd)).toBe(FD_CLOEXEC);
    expect(readAll(fd)).toBe('hello');
    expect(readAll(openat(dir, Buffer.from('file'), O_RDONLY))).toBe('hello');
    expect(readAll(openat(AT_FDCWD, join(root, 'file'), O_RDONLY))).toBe('hello');
  });

  test('creates with a mode under the umask', () => {
    using _ = new ScopedUmask(0o027);
    close(openat(dir, 'made', O_WRONLY | O_CREAT | O_EXCL, 0o666));
    expect(statSync(join(root, 'made')).mode & 0o7777).toBe(0o640);
    expectSysError(() => openat(dir, 'made', O_WRONLY | O_CREAT | O_EXCL, 0o666), 'EEXIST');
  });

  test('makes a file without a name (O_TMPFILE)', () => {
    const fd = openat(dir, '.', O_TMPFILE | O_RDWR, 0o600);
    expect(readlinkSync(`/proc/self/fd/${fd}`)).toContain('(deleted)');
    writevAt(fd, [Buffer.from('published')], 0);
    expect(fstatx(fd).stx_nlink).toBe(0);
    // Its name, once it is complete: whoever finds it finds all of it.
    linkat(AT_FDCWD, procPath(fd).path, dir, 'published', AT_SYMLINK_FOLLOW);
    expect(readFileSync(join(root, 'published'), 'utf8')).toBe('published');
    expect(fstatx(fd).stx_nlink).toBe(1);
    close(fd);
    const never = openat(dir, '.', O_TMPFILE | O_RDWR | O_EXCL, 0o600);
    expectSysError(() => linkat(AT_FDCWD, procPath(never).path, dir, 'never', AT_SYMLINK_FOLLOW), 'ENOENT');
    close(never);
    expectSysError(() => openat(dir, '.', O_TMPFILE | O_RDONLY, 0o600), 'EINVAL');
    expectSysError(() => openat(dir, 'file', O_TMPFILE | O_RDWR, 0o600), 'ENOTDIR');
    close(openat2(dir, '.', O_TMPFILE | O_WRONLY, 0o600, RESOLVE_BENEATH));
  });

  test('says what failed', () => {
    expect(expectSysError(() => openat(dir, 'absent', O_RDONLY), 'ENOENT')).toMatchObject({
      errno: ENOENT,
      syscall: 'openat',
      path: 'absent',
    });
    expectSysError(() => openat(dir, 'file', O_DIRECTORY), 'ENOTDIR');
    expectSysError(() => openat(dir, 'file/x', O_RDONLY), 'ENOTDIR');
    expectSysError(() => openat(dir, 'sub', O_WRONLY), 'EISDIR');
    expectSysError(() => openat(dir, 'loop', O_RDONLY), 'ELOOP');
    expectSysError(() => openat(dir, 'link', O_RDONLY | O_NOFOLLOW), 'ELOOP');
    expectSysError(() => openat(9999, 'file', O_RDONLY), 'EBADF');
    expectSysError(() => openat(dir, '', O_RDONLY), 'ENOENT');
    expectSysError(() => openat(dir, 'x'.repeat(256), O_RDONLY), 'ENAMETOOLONG');
    expectSysError(() => openat(dir, 'x/'.repeat(3000), O_RDONLY), 'ENAMETOOLONG');
    expectSysError(() => openat(dir, Buffer.alloc(5000, 0x78), O_RDONLY), 'ENAMETOOLONG');
  });

  test('refuses arguments that cannot be right before any system call', () => {
    expect(() => openat(dir, 'a\0b', O_RDONLY)).toThrow(TypeError);
    expect(() => openat(dir, Buffer.from('a\0b'), O_RDONLY)).toThrow(TypeError);
    expect(() => openat(dir, 'a\ud800', O_RDONLY)).toThrow(TypeError);
    expect(() => openat(dir, 5 as unknown as string, O_RDONLY)).toThrow(TypeError);
    const detached = new Uint8Array(4);
    structuredClone(detached.buffer, { transfer: [detached.buffer] });
    expect(() => openat(dir, detached, O_RDONLY)).toThrow(TypeError);
    for (const bad of [-1, NaN, 0.5, 2 ** 31, '3' as unknown as number]) {
      expect(() => openat(bad, 'file', O_RDONLY)).toThrow(RangeError);
      expect(() => openat(dir, 'file', bad)).toThrow(RangeError);
    }
    expect(() => openat(dir, 'file', O_CREAT, 0o10000)).toThrow(RangeError);
  });

  test('takes names that are not UTF-8, and all that are', () => {
    const name = Uint8Array.of(0xff, 0xfe, 0x41);
    close(openat(dir, name, O_CREAT | O_WRONLY, 0o600));
    close(openat(dir, name, O_RDONLY));
    close(openat(dir, 'grüße 💾', O_CREAT | O_WRONLY, 0o600));
    expect(statSync(join(root, 'grüße 💾')).isFile()).toBe(true);
  });
});

describe('openat2', () => {
  const at = (path: string, resolve: number, flags = O_RDONLY): number =>
    raw.openat2(dir, arena.id, arena.path(path), flags | O_CLOEXEC, 0, resolve);

  test('knows every rule for the resolution', () => {
    expectSysError(() => openat2(dir, 'link', O_RDONLY, 0, RESOLVE_NO_SYMLINKS), 'ELOOP');
    expect(at('link', RESOLVE_NO_SYMLINKS)).toBe(-ELOOP);
    expect(at('../', RESOLVE_BENEATH)).toBe(-EXDEV);
    expect(at('absolute', RESOLVE_BENEATH)).toBe(-EXDEV);
    expect(readAll(at('absolute', RESOLVE_IN_ROOT))).toBe('hello');
    expect(readAll(at('sub/../../../file', RESOLVE_IN_ROOT))).toBe('hello');
    const proc = openat(AT_FDCWD, '/proc/self/fd', O_RDONLY | O_DIRECTORY);
    expect(raw.openat2(proc, arena.id, arena.path(String(dir)), O_CLOEXEC, 0, RESOLVE_NO_MAGICLINKS)).toBe(
      -ELOOP,
    );
    close(proc);
    const slash = openat(AT_FDCWD, '/', O_PATH);
    expect(raw.openat2(slash, arena.id, arena.path('proc/self'), O_CLOEXEC, 0, RESOLVE_NO_XDEV)).toBe(-EXDEV);
    close(slash);
    expect(readAll(at('file', RESOLVE_CACHED))).toBe('hello');
    // What is surely not in the cache.
    writeFileSync(join(root, 'sub', 'uncached'), '');
    expect([-EAGAIN, -ENOENT]).toContain(at('never-looked-up/at/all', RESOLVE_CACHED));
    expect(at('file', 0x4000_0000)).toBe(-EINVAL);
  });

  test('passes a mode only for a new file', () => {
    using _ = new ScopedUmask(0);
    close(openat2(dir, 'file', O_RDONLY, 0o644));
    close(openat2(dir, 'made2', O_WRONLY | O_CREAT, 0o751));
    expect(statSync(join(root, 'made2')).mode & 0o7777).toBe(0o751);
    expect(raw.openat2(dir, arena.id, arena.path('file'), O_RDONLY, 0o644, 0)).toBe(-EINVAL);
  });

  test('openRelativeTo treats the directory as the root', () => {
    expect(readAll(openRelativeTo(dir, '/file', O_RDONLY))).toBe('hello');
    expect(readAll(openRelativeTo(dir, '../../file', O_RDONLY))).toBe('hello');
    expectSysError(() => openRelativeTo(dir, 'absolute', O_RDONLY), 'ELOOP');
    expectSysError(() => openRelativeTo(dir, 'sub/escape/x', O_RDONLY), 'ENOENT');
    expectSysError(() => openRelativeTo(dir, '/etc/passwd', O_RDONLY), 'ENOENT');
    const fd = openRelativeTo(dir, 'made3', O_CREAT | O_WRONLY, 0o170644);
    expect(getDescriptorFlags(fd)).toBe(FD_CLOEXEC);
    expect(statSync(join(root, 'made3')).mode & 0o7777 & ~0o644).toBe(0);
    close(fd);
    const link = openRelativeTo(dir, 'link', O_PATH);
    expect(readlinkSync(`/proc/self/fd/${link}`)).toBe(join(root, 'link'));
    close(link);
  });

  test('OsFacts has it, and asks only once', () => {
    const facts = OsFacts.probe();
    expect(facts.hasOpenat2).toBe(true);
    expect(OsFacts.probe()).toBe(facts);
    // The other facts are what the calls themselves answer.
    expect(facts.hasResolveCached).toBe(at('file', RESOLVE_CACHED, O_PATH) !== -EINVAL);
    expect(facts.hasMountId).toBe(mountId(dir, 'file') !== undefined);
    expect(facts.hasUniqueMountId).toBe(uniqueMountId(dir, 'file') !== undefined);
  });

  test('OsFacts under a filter that forbids openat2', () => {
    const facts = inChild((sys) => {
      const actions = { openat2: { errno: sys.EPERM } };
      sys.loadSeccomp(sys.seccompProgram({ allow: [], otherwise: 'allow', actions }));
      return sys.OsFacts.probe();
    });
    expect(facts).toMatchObject({ hasOpenat2: false, hasResolveCached: false, hasMountId: true });
  });
});

describe('descriptors', () => {
  test('close and dup', () => {
    const before = descriptorCount();
    const fd = memfdCreate('x');
    const second = dup(fd);
    expect(second).not.toBe(fd);
    expect(getDescriptorFlags(second)).toBe(FD_CLOEXEC);
    close(fd);
    expectSysError(() => close(fd), 'EBADF');
    close({ fd: second });
    expectSysError(() => dup(second), 'EBADF');
    expect(descriptorCount()).toBe(before);
  });

  test('dup3 replaces', () => {
    const a = memfdCreate('a');
    const b = memfdCreate('b');
    expect(raw.dup3(a, b, O_CLOEXEC)).toBe(b);
    expect(readlinkSync(`/proc/self/fd/${b}`)).toContain('memfd:a');
    expect(raw.dup3(a, a, 0)).toBe(-EINVAL);
    close(a);
    close(b);
  });

  test('OwnedFd closes once', () => {
    const before = descriptorCount();
    const owned = new OwnedFd(memfdCreate('owned'));
    ftruncate(owned, 10);
    owned.close();
    owned[Symbol.dispose]();
    expect(owned.fd).toBe(-1);
    expect(() => ftruncate(owned, 1)).toThrow(RangeError);
    const released = new OwnedFd(memfdCreate('released'));
    const fd = released.release();
    released.close();
    close(fd);
    expect(descriptorCount()).toBe(before);
    expect(() => new OwnedFd(-1)).toThrow(RangeError);
  });

  test('flags', () => {
    const fd = openat(dir, 'file', O_RDWR);
    setDescriptorFlags(fd, 0);
    expect(getDescriptorFlags(fd)).toBe(0);
    setStatusFlags(fd, O_APPEND | O_NONBLOCK);
    expect(getStatusFlags(fd) & (O_RDWR | O_APPEND | O_NONBLOCK)).toBe(O_RDWR | O_APPEND | O_NONBLOCK);
    const high = raw.fcntl(fd, F_DUPFD, 700);
    expect(high).toBeGreaterThanOrEqual(700);
    const higher = raw.fcntl(fd, F_DUPFD_CLOEXEC, 700);
    expect(higher).toBeGreaterThan(high);
    for (const each of [fd, high, higher]) close(each);
    expectSysError(() => getStatusFlags(9999), 'EBADF');
  });

  test('closeRange and cloexecFrom', () => {
    const fd = memfdCreate('range');
    const high = [0, 1, 2].map(() => raw.fcntl(fd, F_DUPFD, 900));
    const [a, b, c] = high as [number, number, number];
    expect(high.map(getDescriptorFlags)).toEqual([0, 0, 0]);
    expect(raw.closeRange(b, b, CLOSE_RANGE_CLOEXEC)).toBe(0);
    expect(high.map(getDescriptorFlags)).toEqual([0, FD_CLOEXEC, 0]);
    expect(raw.cloexecFrom(c)).toBe(0);
    expect(high.map(getDescriptorFlags)).toEqual([0, FD_CLOEXEC, FD_CLOEXEC]);
    expect(raw.closeRange(a, c, 0)).toBe(0);
    for (const each of high) expectSysError(() => getDescriptorFlags(each), 'EBADF');
    expect(raw.closeRange(c, a, 0)).toBe(-EINVAL);
    expect(raw.closeRange(a, c, 0x4000_0000)).toBe(-EINVAL);
    close(fd);
  });

  test('pipes and their size', () => {
    const at = arena.reserve(8);
    expect(raw.pipe2(arena.id, at, O_CLOEXEC)).toBe(0);
    const [reader, writer] = arena.window.i32.subarray(at / 4, at / 4 + 2);
    expect(raw.fcntl(reader!, F_GETPIPE_SZ, 0)).toBeGreaterThan(0);
    expect(raw.fcntl(reader!, F_SETPIPE_SZ, 8192)).toBe(8192);
    close(reader!);
    close(writer!);
    expect(raw.pipe2(arena.id, at, 0x7fff_ffff)).toBe(-EINVAL);
  });

  test('a FIFO without a reader', () => {
    expect(raw.mknodat(dir, arena.id, arena.path('fifo'), 0o010600, 0, 0)).toBe(0);
    expect(raw.openat(dir, arena.id, arena.path('fifo'), O_WRONLY | O_NONBLOCK, 0)).toBe(-ENXIO);
  });
});

describe('memfd', () => {
  test('seals', () => {
    const fd = memfdCreate('sealed', MFD_ALLOW_SEALING);
    expect(getSeals(fd)).toBe(0);
    ftruncate(fd, 100);
    addSeals(fd, F_SEAL_SHRINK);
    addSeals(fd, F_SEAL_WRITE);
    expect(getSeals(fd)).toBe(F_SEAL_SHRINK | F_SEAL_WRITE);
    expectSysError(() => ftruncate(fd, 50), 'EPERM');
    close(fd);
    const unsealable = memfdCreate('unsealable');
    expectSysError(() => addSeals(unsealable, F_SEAL_SHRINK), 'EPERM');
    close(unsealable);
    expectSysError(() => getSeals(dir), 'EINVAL');
  });

  test('names', () => {
    expectSysError(() => memfdCreate('x'.repeat(250)), 'EINVAL');
    expect(() => memfdCreate('a\0')).toThrow(TypeError);
    expectSysError(() => memfdCreate('x', 0x4000_0000), 'EINVAL');
  });
});

describe('umask', () => {
  test('returns the previous one', () => {
    const previous = umask(0o77);
    expect(umask(previous)).toBe(0o77);
    for (const bad of [-1, 0o1000, NaN]) expect(() => umask(bad)).toThrow(RangeError);
  });

  test('ScopedUmask restores, also after a throw, and once', () => {
    const original = umask(0o22);
    try {
      expect(() => {
        using scope = new ScopedUmask(0o77);
        expect(scope.previous).toBe(0o22);
        throw new Error('x');
      }).toThrow('x');
      expect(umask(0o22)).toBe(0o22);
      const scope = new ScopedUmask(0o77);
      scope[Symbol.dispose]();
      umask(0o11);
      scope[Symbol.dispose]();
      expect(umask(0o22)).toBe(0o11);
    } finally {
      umask(original);
    }
  });
});
