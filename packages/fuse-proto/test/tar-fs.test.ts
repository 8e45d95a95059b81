/** The tar example over archives that tar(1) itself has written. */
import { execFileSync } from 'node:child_process';
import {
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { members, TarError } from '../examples/tar/archive.js';
import { TarFs } from '../examples/tar/tar-fs.js';
import * as fuse from '../src/index.js';
import { concat, text } from './support.js';

const source = mkdtempSync(join(tmpdir(), 'fuse-tar-'));
const LONG = `${'d'.repeat(120)}/${'e'.repeat(120)}`;
const binary = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 7) % 251);

beforeAll(() => {
  mkdirSync(join(source, 'dir/empty'), { recursive: true });
  mkdirSync(join(source, LONG), { recursive: true });
  writeFileSync(join(source, 'hello.txt'), 'hello tar\n', { mode: 0o640 });
  writeFileSync(join(source, 'dir/binary'), binary);
  writeFileSync(join(source, LONG, 'Ünïcode name'), 'deep');
  writeFileSync(join(source, 'nothing'), '');
  symlinkSync('../hello.txt', join(source, 'dir/link'));
  symlinkSync(`/${'t'.repeat(150)}`, join(source, 'long-link'));
  linkSync(join(source, 'hello.txt'), join(source, 'same.txt'));
  utimesSync(join(source, 'nothing'), 1_000_000_000.5, 1_234_567_890.25);
});

afterAll(() => rmSync(source, { recursive: true }));

const pack = (format: string) =>
  execFileSync('tar', ['-c', `--format=${format}`, '--sort=name', '-C', source, '.'], { maxBuffer: 1 << 26 });

async function serve(archive: Uint8Array) {
  const session = new fuse.Session(new TarFs(archive));
  const client = new fuse.FuseClient(fuse.connect(session));
  await client.init({ flags: 0xffff });
  const walk = async (path: string) => {
    let node: fuse.U64 = 1;
    for (const name of path.split('/').filter(Boolean)) node = (await client.lookup(node, name)).nodeid;
    return node;
  };
  return { client, walk };
}

describe.each(['gnu', 'pax', 'posix'])('an archive in %s format', (format) => {
  test('has every file with its content and attributes', async () => {
    const { client, walk } = await serve(pack(format));
    for (const path of [
      '.',
      'hello.txt',
      'dir',
      'dir/binary',
      'dir/link',
      'nothing',
      `${LONG}/Ünïcode name`,
    ]) {
      const real = lstatSync(join(source, path));
      const { attr } = await client.getattr(await walk(path === '.' ? '' : path));
      expect(attr).toMatchObject({ mode: real.mode, uid: real.uid, gid: real.gid, nlink: real.nlink });
      expect(attr.mtime).toBe(Math.floor(real.mtimeMs / 1000));
      if (real.isFile()) expect(attr.size).toBe(real.size);
    }
    const deep = await walk(`${LONG}/Ünïcode name`);
    expect(text(await client.read(deep, { size: 100 }))).toBe('deep');
    const data = await walk('dir/binary');
    await client.open(data, { flags: 0 });
    expect(await client.read(data, { size: 1 << 20 })).toEqual(binary);
    expect(await client.read(data, { offset: 99_990, size: 100 })).toEqual(binary.subarray(99_990));
    expect((await client.read(data, { offset: 2n ** 63n - 1n, size: 100 })).length).toBe(0);
    await client.release(data);
    expect((await client.statfs(1)).files).toBeGreaterThan(9);
  });

  test('has links of both kinds', async () => {
    const { client, walk } = await serve(pack(format));
    expect(text(await client.readlink(await walk('dir/link')))).toBe('../hello.txt');
    expect(text(await client.readlink(await walk('long-link')))).toBe(`/${'t'.repeat(150)}`);
    expect(await walk('same.txt')).toBe(await walk('hello.txt'));
    await expect(client.readlink(1)).rejects.toMatchObject({ errno: fuse.EINVAL });
  });

  test('is listed', async () => {
    const { client, walk } = await serve(pack(format));
    await client.opendir(1);
    const plus = await client.readdirplus(1, { size: 65536 });
    const found = plus.map(({ name }) => text(name));
    expect(found.slice(0, 2)).toEqual(['.', '..']);
    expect(found.slice(2).sort()).toEqual(
      ['dir', 'hello.txt', 'long-link', 'nothing', 'same.txt', 'd'.repeat(120)].sort(),
    );
    for (const { name, entry } of plus.slice(2)) expect(entry.nodeid).toBe(await walk(text(name)));
    const pieces: string[] = [];
    for (let offset: fuse.U64 = 0; ; ) {
      const entries = await client.readdir(1, { offset, size: 160 });
      if (entries.length === 0) break;
      pieces.push(...entries.map(({ name }) => text(name)));
      offset = entries.at(-1)!.off;
    }
    expect(pieces).toEqual(found);
    await client.releasedir(1);
  });
});

test('pax keeps fractions of seconds', async () => {
  const { client, walk } = await serve(pack('pax'));
  const { attr } = await client.getattr(await walk('nothing'));
  expect([attr.mtime, attr.mtimensec]).toEqual([1_234_567_890, 250_000_000]);
});

test('what is not there is remembered as absent; what is there cannot be changed', async () => {
  const { client, walk } = await serve(pack('gnu'));
  expect(await client.lookup(1, 'absent')).toMatchObject({ nodeid: 0, entry_valid: 365 * 86400 });
  const file = await walk('hello.txt');
  await expect(client.lookup(file, 'x')).rejects.toMatchObject({ errno: fuse.ENOTDIR });
  await expect(client.open(file, { flags: 1 })).rejects.toMatchObject({ errno: fuse.EROFS });
  await expect(client.open(1)).rejects.toMatchObject({ errno: fuse.EISDIR });
  await expect(client.opendir(file)).rejects.toMatchObject({ errno: fuse.ENOTDIR });
  await expect(client.getattr(999)).rejects.toMatchObject({ errno: fuse.ESTALE });
  await expect(client.unlink(1, 'hello.txt')).rejects.toMatchObject({ errno: fuse.ENOSYS });
  await expect(client.getxattr(file, 'user.a', 10)).rejects.toMatchObject({ errno: fuse.ENODATA });
  expect((await client.listxattr(file, 0)).length).toBe(0);
});

describe('a written archive', () => {
  const encoder = new TextEncoder();
  const padded = (data: Uint8Array) => concat(data, new Uint8Array(-data.length & 511));

  /** A member with a right checksum. */
  function member(name: string, type: string, data = '', change: (header: Uint8Array) => void = () => {}) {
    const header = new Uint8Array(512);
    const put = (offset: number, value: string) => header.set(encoder.encode(value), offset);
    put(0, name);
    put(100, '0000644\0');
    put(108, '0000001\0');
    put(116, '0000002\0');
    put(124, `${data.length.toString(8).padStart(11, '0')}\0`);
    put(136, '00000000012\0');
    put(156, type);
    put(257, 'ustar\0');
    change(header);
    put(148, '        ');
    const sum = header.reduce((total, byte) => total + byte, 0);
    put(148, `${sum.toString(8).padStart(6, '0')}\0 `);
    return concat(header, padded(encoder.encode(data)));
  }

  test('may leave directories out, repeat names, and carry attributes', async () => {
    const { client, walk } = await serve(
      concat(
        member('a/b/file', '0', 'old'),
        member('pax', 'x', '29 SCHILY.xattr.user.x=value\n'),
        member('a/b/file', '0', 'new'),
        member('device', '3', '', (header) => header.set(encoder.encode('0000001\x000000003\0'), 329)),
        new Uint8Array(1024),
      ),
    );
    const file = await walk('a/b/file');
    expect(text(await client.read(file, { size: 10 }))).toBe('new');
    expect(text(await client.getxattr(file, 'user.x', 0))).toBe('value');
    expect(text(await client.listxattr(file, 0))).toBe('user.x\0');
    expect((await client.getattr(await walk('a'))).attr).toMatchObject({ mode: 0o040755, nlink: 3 });
    expect((await client.getattr(await walk('device'))).attr).toMatchObject({ mode: 0o020644, rdev: 0x103 });
  });

  test('has numbers in binary too, negative ones in two’s complement', () => {
    const old = member('old', '0', '', (header) => header.fill(0xff, 136, 148).set([0xfe], 147));
    expect([...members(old)][0]?.mtime).toBe(-2);
    const big = member('big', '0', '', (header) => header.set([0x80, 0, 0, 0, 0, 0x12, 0x34, 0x56], 108));
    expect([...members(big)][0]?.uid).toBe(0x123456);
  });

  /** A pax record, its length put in front. */
  function record(key: string, value: string): string {
    const rest = ` ${key}=${value}\n`;
    const digits = String(rest.length + String(rest.length).length).length;
    return `${rest.length + digits}${rest}`;
  }

  const withRecord = (key: string, value: string) =>
    concat(member('pax', 'x', record(key, value)), member('file', '0'));

  test('has times with fractions, before 1970 too', () => {
    const time = (value: string) => {
      const { mtime, mtimensec } = [...members(withRecord('mtime', value))][0]!;
      return [mtime, mtimensec];
    };
    expect(time('12.25')).toEqual([12, 250_000_000]);
    expect(time('-1.5')).toEqual([-2, 500_000_000]);
    expect(time('-0.25')).toEqual([-1, 750_000_000]);
    expect(time('-3')).toEqual([-3, 0]);
    expect(time('1.123456789999')).toEqual([1, 123_456_789]);
  });

  test('may have names of any length', () => {
    const long = 'x'.repeat(300_000);
    expect([...members(withRecord('linkpath', long))][0]?.link).toBe(long);
  });

  test.each<[string, Uint8Array]>([
    ['a time that is none', withRecord('mtime', 'yesterday')],
    ['a time beyond all numbers', withRecord('mtime', '1e300')],
    ['a user that is none', withRecord('uid', 'root')],
    ['a user of more than 32 bits', withRecord('uid', '4294967296')],
    ['a size that is none', withRecord('size', '1.5')],
    ['a wrong checksum', concat(member('a', '0'), new Uint8Array(512).fill(1))],
    ['a member that is cut off', member('a', '0', 'x'.repeat(600)).subarray(0, 1024)],
    ['an unknown type', member('a', 'S')],
    ['a path that leads out', member('../a', '0')],
    ['a link to nothing', member('a', '1')],
    ['a number that is none', member('a', '0', '', (header) => header.set(encoder.encode('12z'), 100))],
    ['a number that is too large', member('a', '0', '', (header) => header.fill(0xff, 124, 136))],
    ['a malformed record', member('a', 'x', '99 path=x\n')],
    ['a record without end', member('a', 'x', 'path')],
  ])('is refused with %s', (_, archive) => {
    expect(() => new TarFs(archive)).toThrow(TarError);
  });
});
