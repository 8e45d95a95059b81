import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  AT_EMPTY_PATH,
  AT_FDCWD,
  AT_REMOVEDIR,
  AT_SYMLINK_FOLLOW,
  close,
  DT_DIR,
  DT_REG,
  EBADF,
  EINVAL,
  ENOENT,
  ENOTDIR,
  linkat,
  mkdirat,
  mknodat,
  O_DIRECTORY,
  O_NOFOLLOW,
  O_PATH,
  O_RDONLY,
  openat,
  RENAME_EXCHANGE,
  RENAME_NOREPLACE,
  RENAME_WHITEOUT,
  raw,
  readlinkat,
  renameat2,
  S_IFCHR,
  S_IFDIR,
  S_IFIFO,
  S_IFREG,
  S_IFSOCK,
  ScopedUmask,
  symlinkat,
  unlinkat,
} from '../src/index.js';
import { Arena, expectSysError, isRoot, temporaryDirectory } from './support.js';

const root = temporaryDirectory();
const arena = new Arena();
const dir = openat(AT_FDCWD, root, O_RDONLY | O_DIRECTORY);
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

test('mkdirat', () => {
  using _ = new ScopedUmask(0o022);
  mkdirat(dir, 'made', 0o1777);
  expect(statSync(join(root, 'made')).mode & 0o7777).toBe(0o1755);
  expectSysError(() => mkdirat(dir, 'made'), 'EEXIST');
  expectSysError(() => mkdirat(dir, 'a/b'), 'ENOENT');
  expectSysError(() => mkdirat(9999, 'x'), 'EBADF');
  expect(() => mkdirat(dir, 'x', 0o10000)).toThrow(RangeError);
});

test('mknodat', () => {
  using _ = new ScopedUmask(0);
  mknodat(dir, 'fifo', S_IFIFO | 0o640);
  expect(lstatSync(join(root, 'fifo')).isFIFO()).toBe(true);
  mknodat(dir, 'socket', S_IFSOCK | 0o600);
  expect(lstatSync(join(root, 'socket')).isSocket()).toBe(true);
  mknodat(dir, 'regular', S_IFREG | 0o604);
  expect(lstatSync(join(root, 'regular')).mode).toBe(S_IFREG | 0o604);
  expectSysError(() => mknodat(dir, 'fifo', S_IFIFO | 0o600), 'EEXIST');
  // The kernel makes directories only with mkdir.
  expectSysError(() => mknodat(dir, 'directory', S_IFDIR | 0o700), 'EPERM');
  if (isRoot) {
    mknodat(dir, 'null', S_IFCHR | 0o600, 0x103);
    expect(lstatSync(join(root, 'null')).rdev).toBe(0x103);
    mknodat(dir, 'big', S_IFCHR | 0o600, 0xffff_ffff);
    expect(lstatSync(join(root, 'big')).rdev).toBeGreaterThan(0);
  } else {
    expectSysError(() => mknodat(dir, 'null', S_IFCHR | 0o600, 0x103), 'EPERM');
  }
  expect(raw.mknodat(dir, arena.id, arena.path('high'), S_IFCHR, 0, 1)).toBe(-EINVAL);
  expect(() => mknodat(dir, 'x', 0o200000)).toThrow(RangeError);
  expect(() => mknodat(dir, 'x', S_IFCHR, -1)).toThrow(RangeError);
});

test('symlinkat and readlinkat', () => {
  symlinkat('some/where', dir, 'link');
  expect(readlinkSync(join(root, 'link'))).toBe('some/where');
  expect(text(readlinkat(dir, 'link'))).toBe('some/where');
  const target = Uint8Array.of(0xff, 0x80);
  symlinkat(target, dir, Buffer.from('binary'));
  expect(Array.from(readlinkat(dir, 'binary'))).toEqual([0xff, 0x80]);
  symlinkat('x'.repeat(4095), dir, 'long');
  expect(readlinkat(dir, 'long')).toHaveLength(4095);
  const fd = openat(dir, 'link', O_PATH | O_NOFOLLOW);
  expect(text(readlinkat(fd, ''))).toBe('some/where');
  close(fd);
  expectSysError(() => symlinkat('x', dir, 'link'), 'EEXIST');
  expectSysError(() => symlinkat('', dir, 'empty'), 'ENOENT');
  expectSysError(() => symlinkat('x'.repeat(4096), dir, 'longer'), 'ENAMETOOLONG');
  expect(expectSysError(() => readlinkat(dir, 'absent'), 'ENOENT').path).toBe('absent');
  expectSysError(() => readlinkat(dir, 'made'), 'EINVAL');
  // The raw call clips to the size it is given and touches nothing behind it.
  const out = arena.reserve(16);
  arena.window.u8.fill(0xaa, out, out + 16);
  expect(raw.readlinkat(dir, arena.id, arena.path('link'), arena.id, out, 4)).toBe(4);
  expect(arena.text(out, 4)).toBe('some');
  expect(arena.window.u8[out + 4]).toBe(0xaa);
  expect(raw.readlinkat(dir, arena.id, arena.path('link'), arena.id, out, 0)).toBe(-EINVAL);
});

test('linkat', () => {
  writeFileSync(join(root, 'one'), '1');
  linkat(dir, 'one', dir, 'two');
  expect(lstatSync(join(root, 'two')).nlink).toBe(2);
  symlinkat('one', dir, 'to-one');
  linkat(dir, 'to-one', dir, 'link-itself');
  expect(lstatSync(join(root, 'link-itself')).isSymbolicLink()).toBe(true);
  linkat(dir, 'to-one', dir, 'three', AT_SYMLINK_FOLLOW);
  expect(lstatSync(join(root, 'three')).nlink).toBe(3);
  if (isRoot) {
    const fd = openat(dir, 'one', O_PATH);
    linkat(fd, '', dir, 'four', AT_EMPTY_PATH);
    expect(lstatSync(join(root, 'four')).nlink).toBe(4);
    close(fd);
  }
  expect(expectSysError(() => linkat(dir, 'one', dir, 'two'), 'EEXIST').path).toBe('two');
  expectSysError(() => linkat(dir, 'made', dir, 'directory'), 'EPERM');
  expectSysError(() => linkat(dir, 'absent', dir, 'x'), 'ENOENT');
  expectSysError(() => linkat(dir, 'one', dir, 'x', 0x10), 'EINVAL');
});

test('unlinkat', () => {
  writeFileSync(join(root, 'gone'), '');
  unlinkat(dir, 'gone');
  expectSysError(() => unlinkat(dir, 'gone'), 'ENOENT');
  mkdirSync(join(root, 'full'));
  writeFileSync(join(root, 'full', 'x'), '');
  expectSysError(() => unlinkat(dir, 'full'), 'EISDIR');
  expectSysError(() => unlinkat(dir, 'full', AT_REMOVEDIR), 'ENOTEMPTY');
  unlinkat(dir, 'full/x');
  unlinkat(dir, 'full', AT_REMOVEDIR);
  expectSysError(() => unlinkat(dir, 'one', AT_REMOVEDIR), 'ENOTDIR');
  expectSysError(() => unlinkat(dir, 'one', 0x1), 'EINVAL');
});

test('renameat2', () => {
  const write = (name: string): void => writeFileSync(join(root, name), name);
  const read = (name: string): string => readFileSync(join(root, name), 'utf8');
  write('a');
  write('b');
  renameat2(dir, 'a', dir, 'b');
  expect(read('b')).toBe('a');
  write('c');
  expect(expectSysError(() => renameat2(dir, 'b', dir, 'c', RENAME_NOREPLACE), 'EEXIST').path).toBe('b');
  renameat2(dir, 'b', dir, 'c', RENAME_EXCHANGE);
  expect([read('b'), read('c')]).toEqual(['c', 'a']);
  if (isRoot) {
    renameat2(dir, 'b', dir, 'd', RENAME_WHITEOUT);
    expect(lstatSync(join(root, 'b')).isCharacterDevice()).toBe(true);
    expect(lstatSync(join(root, 'b')).rdev).toBe(0);
  }
  expectSysError(() => renameat2(dir, 'absent', dir, 'c', RENAME_EXCHANGE), 'ENOENT');
  expectSysError(() => renameat2(dir, 'c', dir, 'd', RENAME_EXCHANGE | RENAME_NOREPLACE), 'EINVAL');
  expectSysError(() => renameat2(dir, 'c', dir, 'made'), 'EISDIR');
  expectSysError(() => renameat2(9999, 'c', dir, 'x'), 'EBADF');
});

test('getdents64', () => {
  mkdirSync(join(root, 'list'));
  for (let i = 0; i < 300; i++) writeFileSync(join(root, 'list', `entry-${i}`), '');
  mkdirSync(join(root, 'list', 'directory'));
  const fd = openat(dir, 'list', O_RDONLY | O_DIRECTORY);
  const out = arena.reserve(4096);
  const seen = new Map<string, number>();
  const { view, u8 } = arena.window;
  for (;;) {
    const size = raw.getdents64(fd, arena.id, out, 4096);
    if (size === 0) break;
    expect(size).toBeGreaterThan(0);
    for (let at = out; at < out + size; at += view.getUint16(at + 16, true)) {
      seen.set(arena.text(at + 19, u8.indexOf(0, at + 19) - at - 19), u8[at + 18]!);
    }
  }
  expect([...seen.keys()].sort()).toEqual(['.', '..', ...readdirSync(join(root, 'list'))].sort());
  expect(seen.get('directory')).toBe(DT_DIR);
  expect(seen.get('entry-7')).toBe(DT_REG);
  expect(raw.lseek(fd, 0, 0, 0, arena.id, out)).toBe(0);
  expect(raw.getdents64(fd, arena.id, out, 8)).toBe(-EINVAL);
  close(fd);
  expect(raw.getdents64(fd, arena.id, out, 4096)).toBe(-EBADF);
  const file = openat(dir, 'one', O_RDONLY);
  expect(raw.getdents64(file, arena.id, out, 4096)).toBe(-ENOTDIR);
  close(file);
  // A directory that was removed while open.
  mkdirSync(join(root, 'removed'));
  const removed = openat(dir, 'removed', O_RDONLY | O_DIRECTORY);
  unlinkat(dir, 'removed', AT_REMOVEDIR);
  expect(raw.getdents64(removed, arena.id, out, 4096)).toBe(-ENOENT);
  close(removed);
});
