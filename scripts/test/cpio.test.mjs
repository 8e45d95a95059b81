// @ts-check
import { execFileSync } from 'node:child_process';
import { lstatSync, mkdtempSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cpio, S_IFDIR, S_IFLNK, S_IFREG } from '../lib/cpio.mjs';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vfs-cpio-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('an archive is what the cpio program of busybox unpacks', () => {
  const archive = cpio([
    { name: 'folder', mode: S_IFDIR | 0o755 },
    { name: 'folder/odd-length', mode: S_IFREG | 0o640, data: Buffer.from('12345') },
    { name: 'folder/empty', mode: S_IFREG | 0o600 },
    { name: 'link', mode: S_IFLNK | 0o777, data: Buffer.from('folder/odd-length') },
  ]);
  execFileSync('busybox', ['cpio', '-i'], {
    cwd: folder,
    input: archive,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  expect(lstatSync(join(folder, 'folder')).isDirectory()).toBe(true);
  expect(readFileSync(join(folder, 'link'), 'utf8')).toBe('12345');
  expect(lstatSync(join(folder, 'folder/odd-length')).mode & 0o777).toBe(0o640);
  expect(lstatSync(join(folder, 'folder/empty')).size).toBe(0);
  expect(readlinkSync(join(folder, 'link'))).toBe('folder/odd-length');
});

test('headers, names and data each end on a multiple of four bytes', () => {
  for (let length = 0; length < 5; length += 1) {
    const archive = cpio([{ name: 'x'.repeat(length + 1), mode: S_IFREG, data: new Uint8Array(length) }]);
    expect(archive.length % 4).toBe(0);
    expect(archive.indexOf('070701', 6) % 4).toBe(0);
  }
});
