import { setTimeout } from 'node:timers/promises';
import {
  type AttrOut,
  type Connection,
  type Context,
  type DataRange,
  type EntryOut,
  type FileSystem,
  FOPEN_DIRECT_IO,
  FUSE_ROOT_ID,
  type Name,
  type OpenIn,
  type OpenOut,
  type Outcome,
  type ReadIn,
  type WriteIn,
} from '@vfs/fuse-proto';
import { EACCES, EINTR, EIO, ENOENT, S_IFDIR, S_IFREG } from '@vfs/sys';
import { describe, expect, it } from 'vitest';
import { type FuseMount, type MountFileSystemOptions, mountFileSystem, StartError } from '../../src/index.js';
import { after } from '../support/fixture.js';
import { isMounted, mountLine, places, program, shell } from './support.js';

const FILE = 2;
const SIZE = 2 ** 40;

/** One file named "file" of endless size, whose reads and writes are up to the test. */
class OneFile implements FileSystem {
  destroyed = 0;
  connection: Connection | undefined;

  init(connection: Connection): Outcome {
    this.connection = connection;
    return 0;
  }

  destroy(): void {
    this.destroyed++;
  }

  lookup(_context: Context, parent: number, name: Name, reply: EntryOut): Outcome {
    if (parent !== FUSE_ROOT_ID || name.toString() !== 'file') return -ENOENT;
    reply.nodeid = FILE;
    this.#describe(FILE, reply.attr);
    return 0;
  }

  getattr(_context: Context, nodeid: number, _input: unknown, reply: AttrOut): Outcome {
    this.#describe(nodeid, reply.attr);
    return 0;
  }

  release: NonNullable<FileSystem['release']> = () => 0;

  open(_context: Context, _nodeid: number, _input: OpenIn, reply: OpenOut): Outcome {
    reply.open_flags = FOPEN_DIRECT_IO;
    return 0;
  }

  read(_context: Context, _nodeid: number, _input: ReadIn, _sink: DataRange): Outcome {
    return -EIO;
  }

  write(_context: Context, _nodeid: number, input: WriteIn, _source: DataRange): Outcome {
    return input.size;
  }

  #describe(nodeid: number, attr: AttrOut['attr']): void {
    attr.ino = nodeid;
    attr.mode = nodeid === FILE ? S_IFREG | 0o666 : S_IFDIR | 0o777;
    attr.nlink = 1;
    attr.size = nodeid === FILE ? SIZE : 0;
  }
}

/** Mounts it in this process. Clients are other processes, and nothing here may touch the mountpoint. */
async function mount(fs: FileSystem, options: MountFileSystemOptions = {}): Promise<FuseMount> {
  const { mountpoint } = await places();
  const result = await mountFileSystem(fs, mountpoint, options);
  after(() => void result.detach());
  return result;
}

describe('a file system that is mounted by its own process', () => {
  it('is served and unmounted', async () => {
    const fs = new OneFile();
    const mounted = await mount(fs, { source: 'a, b\\c', readOnly: true });
    expect(mountLine(mounted.path)).toMatch(/ ro,nosuid,nodev,.* - fuse\.virtiofsd a,\\040b\\134c ro,/);
    expect(await shell('stat -c "%s %F" "$1/file"', mounted.path)).toBe(`${SIZE} regular file\n`);
    expect(fs.connection?.minor).toBeGreaterThan(30);
    expect(await mounted.unmount()).toEqual({ kind: 'unmounted' });
    expect(await mounted.ended).toEqual({ kind: 'unmounted' });
    expect([fs.destroyed, isMounted(mounted.path), mounted.inFlight]).toEqual([1, false, 0]);
    expect(await mounted.unmount()).toEqual({ kind: 'unmounted' });
    expect(await mounted.detach()).toEqual({ kind: 'unmounted' });
  });

  it('is unmounted at the end of a block', async () => {
    const fs = new OneFile();
    let path: string;
    {
      await using mounted = await mount(fs, { fusermount: true, source: 'a, b\\c' });
      path = mounted.path;
      expect(mountLine(path)).toMatch(/ - fuse\.virtiofsd a,\\040b\\134c rw,/);
    }
    expect([fs.destroyed, isMounted(path)]).toEqual([1, false]);
  });

  it('can do without the checks of the kernel, and without other users', async () => {
    const mounted = await mount(new OneFile(), { defaultPermissions: false, allowOther: false });
    expect(mountLine(mounted.path)).not.toMatch(/default_permissions|allow_other/);
    await mounted.unmount();
  });

  it('says where a missing directory is', async () => {
    const { mountpoint } = await places();
    await expect(mountFileSystem(new OneFile(), `${mountpoint}/none`)).rejects.toThrow(StartError);
  });

  it.each([
    ['at once', () => -EACCES],
    ['later', () => setTimeout(10, -EACCES)],
    [
      'by an error',
      () => {
        throw Object.assign(new Error('no'), { errno: EACCES });
      },
    ],
  ])('may refuse to be mounted %s', async (_, init) => {
    const { mountpoint } = await places();
    await expect(mountFileSystem({ init }, mountpoint)).rejects.toMatchObject({ code: 'EACCES' });
    expect(isMounted(mountpoint)).toBe(false);
  });
});

describe('requests that wait', () => {
  it('are many at a time, each with memory of its own', async () => {
    const fs = new OneFile();
    let most = 0;
    const waiting: (() => void)[] = [];
    fs.read = (_context, _nodeid, input, sink) =>
      new Promise((resolve) => {
        waiting.push(() => {
          sink.copyFrom(Buffer.alloc(sink.length, Number(input.offset) / 65_536));
          resolve(sink.length);
        });
        most = Math.max(most, waiting.length);
        if (waiting.length === 40) for (const answer of waiting.splice(0).reverse()) answer();
      });
    const mounted = await mount(fs);
    const output = await shell(
      `for i in $(seq 40); do
         dd if="$1/file" bs=65536 skip=$i count=1 2>/dev/null | od -An -tu1 -w65536 | tr -s ' ' '\\n' | sort -u | tail -1 &
       done; wait`,
      mounted.path,
    );
    expect(most).toBe(40);
    expect(
      output
        .trim()
        .split('\n')
        .map(Number)
        .sort((a, b) => a - b),
    ).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
    await mounted.unmount();
  });

  it('are not more than allowed, and the others are served later', async () => {
    const fs = new OneFile();
    const waiting: (() => void)[] = [];
    let served = 0;
    fs.read = (_context, _nodeid, _input, sink) =>
      new Promise((resolve) => {
        waiting.push(() => {
          served++;
          sink.copyFrom(new Uint8Array(sink.length));
          resolve(sink.length);
        });
      });
    const mounted = await mount(fs, { maxInFlight: 4 });
    const clients = shell(
      'for i in $(seq 12); do dd if="$1/file" bs=4096 count=1 2>/dev/null | wc -c & done; wait',
      mounted.path,
    );
    while (served < 12) {
      while (waiting.length < Math.min(4, 12 - served)) await setTimeout(10);
      await setTimeout(50);
      expect([waiting.length, mounted.inFlight]).toEqual([
        Math.min(4, 12 - served),
        Math.min(4, 12 - served),
      ]);
      waiting.shift()!();
    }
    expect((await clients).trim().split('\n')).toEqual(Array(12).fill('4096'));
    await mounted.unmount();
  });

  it('are told when whoever asked is killed', async () => {
    const fs = new OneFile();
    let canceled = false;
    let released = false;
    fs.release = () => {
      released = true;
      return 0;
    };
    fs.read = (context) =>
      new Promise((resolve) => {
        context.onCancel = () => {
          canceled = context.canceled;
          resolve(-EINTR);
        };
      });
    const mounted = await mount(fs);
    const { status } = await program('timeout', '-s', 'KILL', '0.5', 'cat', `${mounted.path}/file`);
    expect(status).not.toBe(0);
    while (!canceled) await setTimeout(10);
    // Until then the file is open, and the mount in use.
    while (!released) await setTimeout(10);
    expect(await mounted.unmount()).toEqual({ kind: 'unmounted' });
  });

  it('do not keep a mount from being detached, nor do their late results matter', async () => {
    const fs = new OneFile();
    let answer: (() => void) | undefined;
    fs.read = (_context, _nodeid, _input, sink) =>
      new Promise((resolve) => {
        answer = () => {
          sink.copyFrom(new Uint8Array(sink.length));
          resolve(sink.length);
        };
      });
    const mounted = await mount(fs);
    const client = program('cat', `${mounted.path}/file`);
    while (!answer) await setTimeout(10);
    expect(await mounted.detach()).toEqual({ kind: 'detached' });
    expect((await client).stderr).toMatch(/not connected|aborted/);
    answer();
    await setTimeout(10);
    expect([fs.destroyed, isMounted(mounted.path)]).toEqual([1, false]);
  });
});

describe('sizes', () => {
  it.each([4096, 65_536, 1 << 20, 8 << 20])('follow the max_write of the file system: %i', async (size) => {
    const fs = new OneFile();
    let largest = 0;
    let total = 0;
    fs.init = (connection) => {
      connection.max_write = size;
      return 0;
    };
    fs.write = (_context, _nodeid, input, source) => {
      largest = Math.max(largest, input.size);
      total += source.length;
      const bytes = new Uint8Array(source.length);
      source.copyTo(bytes);
      return bytes.every((byte) => byte === 120) ? source.length : -EIO;
    };
    const mounted = await mount(fs);
    await shell(
      'head -c 4194304 /dev/zero | tr "\\0" x | dd of="$1/file" bs=4M iflag=fullblock conv=notrunc',
      mounted.path,
    );
    expect(total).toBe(4 << 20);
    expect(largest).toBeLessThanOrEqual(size);
    expect(largest).toBeGreaterThanOrEqual(Math.min(size, 128 << 10));
    await mounted.unmount();
  });

  it('of reads are bounded as asked', async () => {
    const fs = new OneFile();
    const sizes = new Set<number>();
    fs.read = (_context, _nodeid, input, sink) => {
      sizes.add(input.size);
      sink.copyFrom(new Uint8Array(sink.length));
      return sink.length;
    };
    const mounted = await mount(fs, { maxRead: 16_384 });
    await shell('dd if="$1/file" of=/dev/null bs=1M count=1', mounted.path);
    expect([...sizes]).toEqual([16_384]);
    await mounted.unmount();
  });
});

describe('what is wrong with a file system', () => {
  it('ends with the request', async () => {
    const fs = new OneFile();
    const messages: string[] = [];
    const note = (message: string) => void messages.push(message);
    fs.read = () => {
      throw new Error('a defect');
    };
    const mounted = await mount(fs, { log: { error: note, warn: note, info: () => {}, debug: () => {} } });
    expect((await program('cat', `${mounted.path}/file`)).stderr).toContain('Input/output error');
    expect((await program('stat', `${mounted.path}/file`)).status).toBe(0);
    expect(messages).toEqual([expect.stringContaining('a defect')]);
    await mounted.unmount();
  });
});
