import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  AT_FDCWD,
  close,
  dup,
  flock,
  LOCK_EX,
  LOCK_NB,
  LOCK_SH,
  LOCK_UN,
  O_RDONLY,
  O_RDWR,
  openat,
  PidFile,
  readPidFile,
  spawn,
} from '../src/index.js';
import { inChild } from './child.js';
import { descriptorCount, expectSysError, temporaryDirectory } from './support.js';

const root = temporaryDirectory();

describe('flock', () => {
  test('shared and exclusive, by open file', () => {
    const path = join(root, 'lock');
    writeFileSync(path, '');
    const [a, b] = [openat(AT_FDCWD, path, O_RDONLY), openat(AT_FDCWD, path, O_RDONLY)];
    const copy = dup(a);
    expect(flock(a, LOCK_SH)).toBe(true);
    expect(flock(b, LOCK_SH | LOCK_NB)).toBe(true);
    expect(flock(b, LOCK_EX | LOCK_NB)).toBe(false);
    flock(b, LOCK_UN);
    expect(flock(copy, LOCK_EX | LOCK_NB)).toBe(true);
    expect(flock(b, LOCK_SH | LOCK_NB)).toBe(false);
    close(a);
    expect(flock(b, LOCK_SH | LOCK_NB)).toBe(false);
    close(copy);
    expect(flock(b, LOCK_EX | LOCK_NB)).toBe(true);
    expectSysError(() => flock(b, 0), 'EINVAL');
    close(b);
    expectSysError(() => flock(b, LOCK_EX), 'EBADF');
    expect(() => flock(-1, LOCK_EX)).toThrow(RangeError);
    expect(() => flock(0, 16)).toThrow(RangeError);
  });
});

describe('PidFile', () => {
  test('holds the pid, its permissions, and the lock', () => {
    const before = descriptorCount();
    const path = join(root, 'a.pid');
    const file = PidFile.acquire(path);
    expect(readFileSync(path, 'utf8')).toBe(`${process.pid}\n`);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readPidFile(path)).toBe(process.pid);
    expect(expectSysError(() => PidFile.acquire(path), 'EAGAIN').path).toBe(path);
    const code = inChild((sys, path) => {
      try {
        sys.PidFile.acquire(path);
        return 'acquired';
      } catch (error) {
        return (error as { code: string }).code;
      }
    }, path);
    expect(code).toBe('EAGAIN');
    expect(readFileSync(path, 'utf8')).toBe(`${process.pid}\n`);
    file.remove();
    file.remove();
    expect(existsSync(path)).toBe(false);
    expect(descriptorCount()).toBe(before);
  });

  test('takes over what a dead process left, of any length', () => {
    const path = join(root, 'b.pid');
    writeFileSync(path, '123456789012345\nmore\n');
    using _ = PidFile.acquire(path, { pid: 7 });
    expect(readFileSync(path, 'utf8')).toBe('7\n');
  });

  test('dispose leaves the file and gives up the lock', () => {
    const path = join(root, 'c.pid');
    {
      using _ = PidFile.acquire(path);
    }
    expect(existsSync(path)).toBe(true);
    PidFile.acquire(path, { mode: 0o644 }).remove();
  });

  test('a child that inherits the descriptor keeps the lock', () => {
    const path = join(root, 'd.pid');
    const file = PidFile.acquire(path);
    {
      using _ = spawn({ file: '/bin/sleep', args: ['1000'], fds: [0, 1, 2, file.fd] });
      file.close();
      expectSysError(() => PidFile.acquire(path), 'EAGAIN');
    }
    PidFile.acquire(path).close();
  });

  test("somebody else's file is not removed", () => {
    const path = join(root, 'e.pid');
    const file = PidFile.acquire(path);
    renameSync(path, `${path}.old`);
    const other = PidFile.acquire(path);
    file.remove();
    expect(existsSync(path)).toBe(true);
    other.remove();
    expect(existsSync(path)).toBe(false);
  });

  test('a file that is removed by another between open and lock is not the one', () => {
    const path = join(root, 'f.pid');
    const files = Array.from({ length: 50 }, () => {
      const file = PidFile.acquire(path);
      rmSync(path);
      return file;
    });
    const last = PidFile.acquire(path);
    expect(readPidFile(path)).toBe(process.pid);
    last.remove();
    for (const file of files) file.remove();
  });

  test('links, directories, missing directories', () => {
    symlinkSync('/etc/passwd', join(root, 'link'));
    mkdirSync(join(root, 'directory'));
    expectSysError(() => PidFile.acquire(join(root, 'link')), 'ELOOP');
    expectSysError(() => PidFile.acquire(join(root, 'directory')), 'EISDIR');
    expectSysError(() => PidFile.acquire(join(root, 'missing', 'x')), 'ENOENT');
    expect(() => PidFile.acquire('a\0b')).toThrow(TypeError);
    expect(() => PidFile.acquire(join(root, 'x'), { pid: 0 })).toThrow(RangeError);
    expect(existsSync(join(root, 'x'))).toBe(false);
  });

  test('what names no pid', () => {
    const path = join(root, 'g.pid');
    expect(readPidFile(path)).toBeUndefined();
    for (const [text, pid] of [
      ['', undefined],
      ['x', undefined],
      ['0\n', undefined],
      ['-1\n', undefined],
      ['12\n34\n', undefined],
      ['12345678901\n', undefined],
      ['12', 12],
      ['12\n', 12],
    ] as const) {
      writeFileSync(path, text);
      expect(readPidFile(path), text).toBe(pid);
    }
    expect(readPidFile(root)).toBeUndefined();
    const fd = openat(AT_FDCWD, path, O_RDWR);
    close(fd);
  });
});
