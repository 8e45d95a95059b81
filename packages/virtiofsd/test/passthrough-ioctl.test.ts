import { execFileSync } from 'node:child_process';
import { chownSync, writeFileSync } from 'node:fs';
import type { U64 } from '@vfs/fuse-proto';
import { FS_APPEND_FL, FS_NOATIME_FL, FS_NODUMP_FL } from '@vfs/sys';
import { describe, expect, it } from 'vitest';
import { type Fixture, sharedDirectory } from './support/fixture.js';

const GETFLAGS = 0x8008_6601;
const SETFLAGS = 0x4008_6602;
const GETFLAGS32 = 0x8004_6601;
const SETFLAGS32 = 0x4004_6602;
const FSGETXATTR = 0x801c_581f;
const FSSETXATTR = 0x401c_5820;
const FICLONE = 0x4004_9409;
const TCGETS = 0x5401;
const FSXATTR = 28;

const isRoot = process.getuid?.() === 0;

/** A file that the guest has open. */
interface OpenFile extends Fixture {
  readonly node: U64;
  readonly fh: U64;
}

async function openFile(): Promise<OpenFile> {
  const fixture = await sharedDirectory();
  writeFileSync(fixture.path('file'), '');
  const { nodeid: node } = await fixture.client.lookup(1, 'file');
  const { fh } = await fixture.client.open(node);
  return { ...fixture, node, fh };
}

/** Makes an ioctl with words as its argument: the words it gives back, or the errno. */
async function ioctl(file: OpenFile, cmd: number, words: number[], out_size = 0, uid = 0): Promise<unknown> {
  const argument = new Uint8Array(Uint32Array.from(words).buffer);
  const { fuse } = file.client;
  fuse.credentials = { uid, gid: uid };
  try {
    const { output } = await fuse.ioctl(file.node, { fh: file.fh, cmd, out_size }, argument);
    return [...new Uint32Array(output.buffer.slice(output.byteOffset, output.byteOffset + output.length))];
  } catch (error) {
    return (error as { errno: number }).errno;
  }
}

const [EPERM, EBADF, EINVAL, ENOTTY] = [1, 9, 22, 25];

function hostFlags(file: OpenFile): string {
  return execFileSync('lsattr', ['-d', file.path('file')], { encoding: 'utf8' }).split(' ')[0]!;
}

describe('ioctls of the guest', () => {
  it('read and change flags of files, in both sizes of the request', async () => {
    const file = await openFile();
    const [flags] = (await ioctl(file, GETFLAGS, [], 4)) as [number];
    expect(await ioctl(file, SETFLAGS, [flags | FS_NODUMP_FL])).toEqual([]);
    expect(hostFlags(file)).toContain('d');
    expect(await ioctl(file, GETFLAGS32, [], 4)).toEqual([flags | FS_NODUMP_FL]);
    expect(await ioctl(file, SETFLAGS32, [flags | FS_NOATIME_FL])).toEqual([]);
    expect(hostFlags(file)).toMatch(/^[^d]*A[^d]*$/);
  });

  it('read and change them in the form of XFS', async () => {
    const FS_XFLAG_NODUMP = 0x80;
    const file = await openFile();
    const words = (await ioctl(file, FSGETXATTR, [], FSXATTR)) as number[];
    expect(words).toHaveLength(FSXATTR / 4);
    words[0]! |= FS_XFLAG_NODUMP;
    expect(await ioctl(file, FSSETXATTR, words)).toEqual([]);
    expect(hostFlags(file)).toContain('d');
  });

  it('that are not on the list are ENOTTY', async () => {
    const file = await openFile();
    for (const cmd of [FICLONE, TCGETS, 0, 0xffff_ffff]) {
      expect(await ioctl(file, cmd, [0, 0, 0, 0], 64)).toBe(ENOTTY);
    }
  });

  it('with too little room or argument are EINVAL, on what is not open EBADF', async () => {
    const file = await openFile();
    expect(await ioctl(file, GETFLAGS, [], 2)).toBe(EINVAL);
    expect(await ioctl(file, SETFLAGS, [])).toBe(EINVAL);
    expect(await ioctl(file, FSGETXATTR, [], 24)).toBe(EINVAL);
    expect(await ioctl(file, FSSETXATTR, [0, 0])).toBe(EINVAL);
    expect(await ioctl({ ...file, fh: 12345 }, GETFLAGS, [], 4)).toBe(EBADF);
  });

  it.skipIf(!isRoot)(
    'change a file for its owner and for root only, as guests before Linux 5.13 do not check',
    async () => {
      const file = await openFile();
      chownSync(file.path('file'), 1234, 1234);
      const [flags] = (await ioctl(file, GETFLAGS, [], 4, 4321)) as [number];
      expect(await ioctl(file, SETFLAGS, [flags | FS_NODUMP_FL], 0, 4321)).toBe(EPERM);
      expect(await ioctl(file, SETFLAGS, [flags | FS_NODUMP_FL], 0, 1234)).toEqual([]);
      expect(await ioctl(file, SETFLAGS, [flags | FS_APPEND_FL], 0, 1234)).toBe(EPERM);
      expect(hostFlags(file)).toMatch(/^[^a]*d[^a]*$/);
      const words = (await ioctl(file, FSGETXATTR, [], FSXATTR, 1234)) as number[];
      expect(await ioctl(file, FSSETXATTR, [words[0]! | 0x8, ...words.slice(1)], 0, 1234)).toBe(EPERM);
      // To newer guests, which have checked, an idmapped mount gives no user at all.
      expect(await ioctl(file, SETFLAGS, [flags], 0, 0xffff_ffff)).toEqual([]);
    },
  );
});
