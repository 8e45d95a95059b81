import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statfsSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  AT_EMPTY_PATH,
  AT_FDCWD,
  AT_POSITION,
  AT_SYMLINK_FOLLOW,
  close,
  copyFileRange,
  DT_DIR,
  DT_LNK,
  DT_REG,
  EINVAL,
  ENODATA,
  ENOSYS,
  EOVERFLOW,
  ERANGE,
  F_GETLK,
  F_RDLCK,
  F_SETLK,
  F_UNLCK,
  F_WRLCK,
  FS_NODUMP_FL,
  faccessat2,
  ficlone,
  fstatfs,
  fstatx,
  ftruncate,
  getFsxattr,
  getInodeFlags,
  getRecordLock,
  getxattr,
  listxattr,
  lseek,
  memfdCreate,
  nameToHandleAt,
  O_CREAT,
  O_DIRECTORY,
  O_NOFOLLOW,
  O_PATH,
  O_RDONLY,
  O_RDWR,
  O_WRONLY,
  openat,
  openByHandleAt,
  procPath,
  R_OK,
  raw,
  readDirents,
  readvAt,
  removexattr,
  SEEK_CUR,
  SEEK_SET,
  SysError,
  setFsxattr,
  setInodeFlags,
  setRecordLock,
  setxattr,
  statfs,
  syncfs,
  W_OK,
  writevAt,
  X_OK,
  XATTR_CREATE,
  XATTR_REPLACE,
} from '../src/index.js';
import { Arena, descriptorCount, expectSysError, isRoot, temporaryDirectory } from './support.js';

const root = temporaryDirectory();
const arena = new Arena();
const dir = openat(AT_FDCWD, root, O_RDONLY | O_DIRECTORY);
const bytes = (text: string): Uint8Array => Buffer.from(text);
const text = (data: Uint8Array): string => Buffer.from(data).toString();

describe('extended attributes', () => {
  writeFileSync(join(root, 'attributes'), '');
  symlinkSync('attributes', join(root, 'attributes-link'));
  const path = join(root, 'attributes');

  test('by descriptor, by path, through O_PATH and through a link', () => {
    const fd = openat(dir, 'attributes', O_RDWR);
    setxattr(fd, 'user.one', bytes('1'));
    setxattr({ path }, 'user.two', Uint8Array.of(0, 255, 0));
    const link = openat(dir, 'attributes', O_PATH);
    setxattr(procPath(link), 'user.three', new Uint8Array(0));
    setxattr({ path: join(root, 'attributes-link') }, 'user.four', bytes('4'));
    expect(text(getxattr(fd, 'user.one'))).toBe('1');
    expect(Array.from(getxattr(fd, 'user.two'))).toEqual([0, 255, 0]);
    expect(getxattr({ path }, 'user.three')).toHaveLength(0);
    expect(text(getxattr(procPath(link), 'user.four'))).toBe('4');
    const names = ['user.four', 'user.one', 'user.three', 'user.two'];
    const user = (list: Uint8Array[]): string[] =>
      list
        .map(text)
        .filter((name) => name.startsWith('user.'))
        .sort();
    expect(user(listxattr(fd))).toEqual(names);
    expect(user(listxattr({ path }))).toEqual(names);
    expect(user(listxattr({ path, follow: false }))).toEqual(names);
    expect(user(listxattr({ path: join(root, 'attributes-link'), follow: false }))).toEqual([]);
    removexattr(fd, 'user.one');
    removexattr({ path }, 'user.two');
    removexattr({ path, follow: false }, 'user.three');
    setxattr({ path, follow: false }, 'user.four', bytes('five'));
    expect(text(getxattr({ path, follow: false }, 'user.four'))).toBe('five');
    expect(user(listxattr(fd))).toEqual(['user.four']);
    expectSysError(() => getxattr(link, 'user.four'), 'EBADF');
    close(link);
    close(fd);
  });

  test('flags and errors', () => {
    const fd = openat(dir, 'attributes', O_RDWR);
    expectSysError(() => setxattr(fd, 'user.absent', bytes('x'), XATTR_REPLACE), 'ENODATA');
    setxattr(fd, 'user.made', bytes('x'), XATTR_CREATE);
    expectSysError(() => setxattr(fd, 'user.made', bytes('y'), XATTR_CREATE), 'EEXIST');
    setxattr(fd, 'user.made', bytes('z'), XATTR_REPLACE);
    expectSysError(() => setxattr(fd, 'user.made', bytes('z'), 8), 'EINVAL');
    expect(expectSysError(() => getxattr({ path }, 'user.absent'), 'ENODATA').path).toBe(path);
    expectSysError(() => removexattr(fd, 'user.absent'), 'ENODATA');
    expectSysError(() => getxattr(fd, `user.${'x'.repeat(260)}`), 'ERANGE');
    expectSysError(() => getxattr(fd, 'unknown.name'), 'EOPNOTSUPP');
    // A link itself has no attributes of users.
    expectSysError(
      () => setxattr({ path: join(root, 'attributes-link'), follow: false }, 'user.x', bytes('x')),
      'EPERM',
    );
    expect(() => getxattr(fd, 'user.a\0b')).toThrow(TypeError);
    expect(() => setxattr(fd, 'user.x', 'x' as never)).toThrow(TypeError);
    expect(() => setxattr(fd, 'user.x', new Uint8Array(65537))).toThrow(RangeError);
    // The raw call asks for the length with a size of 0, and refuses a value that does not fit.
    const name = arena.path('user.made');
    expect(raw.fgetxattr(fd, arena.id, name, arena.id, 0, 0)).toBe(1);
    setxattr(fd, 'user.made', bytes('longer'));
    expectSysError(() => {
      throw new SysError(-raw.fgetxattr(fd, arena.id, name, arena.id, 0, 3), 'fgetxattr');
    }, 'ERANGE');
    close(fd);
  });
});

describe('extended attributes by directory and name', () => {
  const { id } = arena;
  const name = arena.path('user.at');
  const value = arena.reserve(64);
  const file = arena.path('attributes-at');
  const supported = raw.listxattrat(dir, id, arena.path('.'), id, value, 0) !== -ENOSYS;

  test.runIf(supported)('are set, read, listed and removed', () => {
    writeFileSync(join(root, 'attributes-at'), '');
    arena.window.u8.set(bytes('value'), value);
    expect(raw.setxattrat(dir, id, file, id, name, id, value, 5, XATTR_REPLACE)).toBe(-ENODATA);
    expect(raw.setxattrat(dir, id, file, id, name, id, value, 5, XATTR_CREATE)).toBe(0);
    expect(raw.getxattrat(dir, id, file, id, name, id, value + 8, 0)).toBe(5);
    expect(raw.getxattrat(dir, id, file, id, name, id, value + 8, 4)).toBe(-ERANGE);
    expect(raw.getxattrat(dir, id, file, id, name, id, value + 8, 8)).toBe(5);
    expect(text(arena.window.u8.slice(value + 8, value + 13))).toBe('value');
    expect(raw.listxattrat(dir, id, file, id, value, 0)).toBeGreaterThanOrEqual(8);
    expect(raw.removexattrat(dir, id, file, id, name)).toBe(0);
    expect(raw.removexattrat(dir, id, file, id, name)).toBe(-ENODATA);
  });

  test.runIf(supported)('are those of the file of an O_PATH descriptor, by its number', () => {
    const descriptor = openat(dir, 'attributes-at', O_PATH);
    const numbers = openat(AT_FDCWD, '/proc/self/fd', O_PATH);
    const number = arena.path(String(descriptor));
    expect(raw.setxattrat(numbers, id, number, id, name, id, value, 1, 0)).toBe(0);
    expect(raw.getxattrat(dir, id, file, id, name, id, value, 0)).toBe(1);
    close(numbers);
    close(descriptor);
  });
});

describe('handles', () => {
  test('find the file again under another name, and not when it is gone', () => {
    writeFileSync(join(root, 'handled'), 'found');
    const handle = nameToHandleAt(dir, 'handled');
    expect(handle.bytes.length).toBeGreaterThan(0);
    expect(handle.mountId).toBe(fstatx(dir).stx_mnt_id);
    const fd = openat(dir, 'handled', O_PATH);
    expect(nameToHandleAt(fd, '', AT_EMPTY_PATH)).toEqual(handle);
    close(fd);
    symlinkSync('handled', join(root, 'to-handled'));
    expect(nameToHandleAt(dir, 'to-handled', AT_SYMLINK_FOLLOW)).toEqual(handle);
    expect(nameToHandleAt(dir, 'to-handled')).not.toEqual(handle);
    linkSync(join(root, 'handled'), join(root, 'renamed'));
    unlinkSync(join(root, 'handled'));
    if (isRoot) {
      const again = openByHandleAt(dir, handle, O_RDONLY);
      const back = new Uint8Array(5);
      readvAt(again, [back], 0);
      expect(text(back)).toBe('found');
      close(again);
      unlinkSync(join(root, 'renamed'));
      expectSysError(() => openByHandleAt(dir, handle, O_RDONLY), 'ESTALE');
    } else {
      expectSysError(() => openByHandleAt(dir, handle, O_RDONLY), 'EPERM');
    }
  });

  test('errors', () => {
    expectSysError(() => nameToHandleAt(dir, 'absent'), 'ENOENT');
    const proc = openat(AT_FDCWD, '/sys', O_RDONLY);
    close(proc);
    expect(() => openByHandleAt(dir, { type: 1, bytes: new Uint8Array(129) }, 0)).toThrow(RangeError);
    expect(() => openByHandleAt(dir, { type: 0.5, bytes: new Uint8Array(8) }, 0)).toThrow(RangeError);
    // The room that the place claims to have is checked against the window and the greatest length.
    const at = arena.reserve(256);
    const path = arena.path('attributes');
    const get = (room: number, place: number): number => {
      arena.window.view.setUint32(place, room, true);
      return raw.nameToHandleAt(dir, arena.id, path, arena.id, place, arena.id, 0, 0);
    };
    expect(get(0, at)).toBe(-EOVERFLOW);
    expect(arena.window.view.getUint32(at, true)).toBeGreaterThan(0);
    expect(get(129, at)).toBe(-EINVAL);
    expect(get(0xffff_ffff, at)).toBe(-EINVAL);
    expect(get(128, arena.window.byteLength - 16)).toBe(-14);
    arena.window.view.setUint32(at, 0xffff_ffff, true);
    expect(raw.openByHandleAt(dir, arena.id, at, 0)).toBe(-EINVAL);
  });
});

describe('record locks', () => {
  test('exclude another open file, not another descriptor of the same one', () => {
    const open = (): number => openat(dir, 'locked', O_CREAT | O_RDWR, 0o600);
    const a = open();
    const b = open();
    const range = { type: F_WRLCK, start: 2n ** 53n + 1n, length: 10 } as const;
    expect(setRecordLock(a, range)).toBe(true);
    expect(setRecordLock(b, range)).toBe(false);
    expect(setRecordLock(b, { type: F_WRLCK, start: 2n ** 53n + 11n, length: 0 })).toBe(true);
    expect(getRecordLock(b, { type: F_RDLCK, start: 0, length: 0 })).toEqual({ ...range, pid: -1 });
    expect(getRecordLock(a, range)).toBeUndefined();
    expect(setRecordLock(a, { ...range, type: F_UNLCK })).toBe(true);
    expect(setRecordLock(b, range, true)).toBe(true);
    expect(setRecordLock(a, { type: F_RDLCK, start: 0, length: 5 })).toBe(true);
    expect(setRecordLock(b, { type: F_RDLCK, start: 0, length: 5 })).toBe(true);
    close(b);
    expect(setRecordLock(a, range)).toBe(true);
    close(a);
  });

  test('errors', () => {
    const fd = openat(dir, 'locked', O_RDONLY);
    expectSysError(() => setRecordLock(fd, { type: F_WRLCK, start: 0, length: 1 }), 'EBADF');
    expectSysError(() => setRecordLock(fd, { type: F_RDLCK, start: 2n ** 63n - 1n, length: 2 }), 'EOVERFLOW');
    expect(() => setRecordLock(fd, { type: 3, start: 0, length: 1 })).toThrow(RangeError);
    expect(() => setRecordLock(fd, { type: F_RDLCK, start: -1, length: 1 })).toThrow(RangeError);
    expect(raw.fcntlLock(fd, 1, arena.id, 0)).toBe(-EINVAL);
    const at = arena.reserve(32);
    arena.window.u8.fill(0, at, at + 32);
    expect(raw.fcntlLock(fd, F_SETLK, arena.id, at)).toBe(0);
    expect(raw.fcntlLock(fd, F_GETLK, arena.id, at)).toBe(0);
    close(fd);
  });
});

describe('copyFileRange', () => {
  test('copies at offsets and at positions', () => {
    const a = memfdCreate('a');
    const b = memfdCreate('b');
    writevAt(a, [bytes('0123456789')], 2 ** 33);
    expect(copyFileRange(a, 2 ** 33 + 2, b, 2 ** 32 + 1, 5)).toBe(5);
    const back = new Uint8Array(5);
    readvAt(b, [back], 2 ** 32 + 1);
    expect(text(back)).toBe('23456');
    lseek(a, 2 ** 33, SEEK_SET);
    expect(copyFileRange(a, AT_POSITION, b, 0, 3)).toBe(3);
    expect(lseek(a, 0, SEEK_CUR)).toBe(2 ** 33 + 3);
    expect(lseek(b, 0, SEEK_CUR)).toBe(0);
    expect(copyFileRange(a, AT_POSITION, b, AT_POSITION, 0x7fff_ffff)).toBe(7);
    expect(lseek(b, 0, SEEK_CUR)).toBe(7);
    expect(copyFileRange(a, 2n ** 53n + 1n, b, 0, 5)).toBe(0);
    expectSysError(() => copyFileRange(a, 0, a, 2, 5), 'EINVAL');
    expectSysError(() => copyFileRange(a, 0, 9999, 0, 5), 'EBADF');
    expect(() => copyFileRange(a, -2, b, 0, 5)).toThrow(RangeError);
    expect(() => copyFileRange(a, 0, b, 0, 2 ** 31)).toThrow(RangeError);
    close(a);
    close(b);
  });

  test('ficlone says when the file system cannot', () => {
    const a = openat(dir, 'clone-a', O_CREAT | O_RDWR, 0o600);
    const b = openat(dir, 'clone-b', O_CREAT | O_RDWR, 0o600);
    writevAt(a, [bytes('data')], 0);
    try {
      ficlone(b, a);
      expect(readFileSync(join(root, 'clone-b'), 'utf8')).toBe('data');
    } catch (error) {
      expect((error as SysError).code).toMatch(/^(EOPNOTSUPP|EINVAL|ENOTTY)$/);
    }
    expectSysError(() => ficlone(9999, a), 'EBADF');
    close(a);
    close(b);
  });
});

test('syncfs', () => {
  syncfs(dir);
  expectSysError(() => syncfs(9999), 'EBADF');
});

test('fstatfs agrees with Node', () => {
  const theirs = statfsSync(root);
  const ours = fstatfs(dir);
  expect(ours).toMatchObject({
    f_type: theirs.type,
    f_bsize: theirs.bsize,
    f_blocks: theirs.blocks,
    f_files: theirs.files,
  });
  expect(ours.f_namelen).toBe(255);
  expectSysError(() => fstatfs(9999), 'EBADF');
  expect(statfs(root)).toMatchObject({ f_fsid: ours.f_fsid, f_type: ours.f_type, f_blocks: ours.f_blocks });
  expectSysError(() => statfs(join(root, 'absent')), 'ENOENT');
  const before = descriptorCount();
  statfs('/proc');
  expect(descriptorCount()).toBe(before);
});

test('faccessat2', () => {
  writeFileSync(join(root, 'plain'), '', { mode: 0o600 });
  faccessat2(dir, 'plain', R_OK | W_OK);
  expect(expectSysError(() => faccessat2(dir, 'plain', X_OK), 'EACCES').path).toBe('plain');
  expectSysError(() => faccessat2(dir, 'absent', 0), 'ENOENT');
  expectSysError(() => faccessat2(dir, 'plain', 0, 1), 'EINVAL');
  expect(() => faccessat2(dir, 'plain', 8)).toThrow(RangeError);
});

describe('inode flags', () => {
  test('are set and read back', () => {
    const fd = openat(dir, 'flagged', O_CREAT | O_WRONLY, 0o600);
    const before = getInodeFlags(fd);
    setInodeFlags(fd, before | FS_NODUMP_FL);
    expect(getInodeFlags(fd) & FS_NODUMP_FL).toBe(FS_NODUMP_FL);
    const extended = getFsxattr(fd);
    expect(extended.fsx_xflags & 0x80).toBe(0x80); // FS_XFLAG_NODUMP
    setFsxattr(fd, { ...extended, fsx_xflags: extended.fsx_xflags & ~0x80 });
    expect(getInodeFlags(fd) & FS_NODUMP_FL).toBe(0);
    close(fd);
  });

  test('errors', () => {
    expectSysError(() => getInodeFlags(9999), 'EBADF');
    expectSysError(() => setInodeFlags(9999, 0), 'EBADF');
    expectSysError(() => getFsxattr(9999), 'EBADF');
    const path = openat(dir, 'flagged', O_PATH);
    expectSysError(() => getInodeFlags(path), 'EBADF');
    close(path);
    expect(() => setInodeFlags(dir, -1)).toThrow(RangeError);
  });
});

describe('readDirents', () => {
  test('lists everything with its type, more than one buffer', () => {
    mkdirSync(join(root, 'list'));
    mkdirSync(join(root, 'list', 'directory'));
    symlinkSync('x', join(root, 'list', 'link'));
    for (let i = 0; i < 2000; i++) writeFileSync(join(root, 'list', `file-${'x'.repeat(30)}-${i}`), '');
    const fd = openat(dir, 'list', O_RDONLY | O_DIRECTORY);
    const entries = [...readDirents(fd)];
    expect(entries.map((entry) => text(entry.name)).sort()).toEqual(
      ['.', '..', ...readdirSync(join(root, 'list'))].sort(),
    );
    const type = (name: string): number => entries.find((entry) => text(entry.name) === name)!.type;
    expect([type('directory'), type('link'), type(`file-${'x'.repeat(30)}-7`)]).toEqual([
      DT_DIR,
      DT_LNK,
      DT_REG,
    ]);
    expect(entries.find((entry) => text(entry.name) === '.')!.ino).toBe(fstatx(fd).stx_ino);
    expect([...readDirents(fd)]).toEqual([]);
    // From the middle: an offset leads to the entry after it.
    const middle = entries[100]!;
    lseek(fd, middle.off, SEEK_SET);
    expect(readDirents(fd).next().value).toEqual(entries[101]);
    close(fd);
  });

  test('frees its memory when left early, and fails as the call does', () => {
    const fd = openat(dir, 'list', O_RDONLY | O_DIRECTORY);
    for (const entry of readDirents(fd)) if (entry.type === DT_REG) break;
    close(fd);
    const file = openat(dir, 'plain', O_RDONLY | O_NOFOLLOW);
    ftruncate(openat(dir, 'plain', O_WRONLY), 0);
    expectSysError(() => [...readDirents(file)], 'ENOTDIR');
    close(file);
    expectSysError(() => [...readDirents(file)], 'EBADF');
  });
});
