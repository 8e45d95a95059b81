import { expect, test } from 'vitest';
import { check, EAGAIN, ENOENT, errnoName, SysError } from '../src/index.js';

test('errnoName knows every number and prefers the name of the kernel', () => {
  expect(errnoName(2)).toBe('ENOENT');
  expect(errnoName(11)).toBe('EAGAIN');
  expect(errnoName(35)).toBe('EDEADLK');
  expect(errnoName(95)).toBe('EOPNOTSUPP');
  expect(errnoName(133)).toBe('EHWPOISON');
  expect(errnoName(524)).toBe('E524');
});

test('check passes values through and throws for -errno', () => {
  expect(check(0, 'x')).toBe(0);
  expect(check(7, 'x')).toBe(7);
  expect(() => check(-EAGAIN, 'read')).toThrow(SysError);
});

test('a SysError says what failed', () => {
  const error = new SysError(ENOENT, 'openat', '/nowhere');
  expect(error).toMatchObject({
    errno: 2,
    code: 'ENOENT',
    syscall: 'openat',
    path: '/nowhere',
    name: 'SysError',
  });
  expect(error.message).toBe("ENOENT: openat '/nowhere'");
  expect(new SysError(ENOENT, 'read').path).toBeUndefined();
  expect(error).toBeInstanceOf(Error);
});

test('instanceof accepts a SysError of another copy of the package and nothing else', () => {
  const other = Object.assign(new Error('ENOENT: x'), {
    name: 'SysError',
    errno: 2,
    code: 'ENOENT',
    syscall: 'x',
  });
  expect(other).toBeInstanceOf(SysError);
  expect(new Error('x')).not.toBeInstanceOf(SysError);
  expect({ name: 'SysError', errno: 2, syscall: 'x' }).not.toBeInstanceOf(SysError);
});
