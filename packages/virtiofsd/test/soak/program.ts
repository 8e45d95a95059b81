import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FUSE_LK_FLOCK } from '@vfs/fuse-proto';
import { F_RDLCK, F_UNLCK, F_WRLCK, O_CREAT, O_RDWR } from '@vfs/sys';
import { expect } from 'vitest';
import { Random } from '../fuzz/engine/source.js';
import type { FuseClient } from '../support/fuse-client.js';

const MOST_FILES = 24;
const LARGEST = 256 * 1024;
const PIECE = 64 * 1024;
const MOST_OWED = 100;
/** The last byte that a lock can have. */
const END = 2n ** 63n - 1n;
const SEEK_DATA = 3;
const ATTRIBUTE = 'user.soak';

/** What a file should be. */
interface Expected {
  content: Buffer;
  attribute?: string;
}

/** Stops a program between two operations: resolves with false when the session ends. */
export type Gate = () => Promise<boolean>;

/**
 * A program of the guest that works in a directory of its own and knows what must be there: everything it reads is compared with
 * everything that was answered, in this session or in one before.
 */
export class Program {
  readonly directory: string;
  readonly files = new Map<string, Expected>();
  /** Operations that were answered as they should be. */
  operations = 0;
  /** Names that an operation was working on when the connection broke: nothing is known of them. */
  readonly #unsure = new Set<string>();
  readonly #random: Random;
  readonly #owner: number;
  #client!: FuseClient;
  #parent = 0;
  /** Lookups that are still to be forgotten. */
  #owed: [nodeid: number | bigint, nlookup: number][] = [];
  #names = 0;

  constructor(directory: string, seed: number) {
    this.directory = directory;
    this.#owner = seed;
    this.#random = new Random(seed);
  }

  /** Works until the gate says that it is enough. Rejects when the connection breaks, or when something is not as it should be. */
  async run(client: FuseClient, gate: Gate): Promise<void> {
    this.#client = client;
    this.#owed = [];
    this.#parent = Number((await client.lookup(1, this.directory)).nodeid);
    for (const name of this.#unsure) {
      await client.unlink(this.#parent, name).catch(unless('ENOENT'));
      this.files.delete(name);
      this.#unsure.delete(name);
    }
    while (await gate()) {
      await this.#one();
      this.operations++;
    }
  }

  /** Compares everything with what the host has. */
  check(path: string): void {
    const names = readdirSync(path).filter((name) => name.startsWith('file-') && !this.#unsure.has(name));
    const known = [...this.files.keys()].filter((name) => !this.#unsure.has(name));
    expect(names.sort()).toEqual(known.sort());
    for (const name of known) {
      const same = readFileSync(join(path, name)).equals(this.files.get(name)!.content);
      expect(same, `${path}/${name} as it was written`).toBe(true);
    }
  }

  async #one(): Promise<void> {
    const name = this.#some();
    if (name === undefined || (this.files.size < MOST_FILES && this.#random.oneIn(10))) return this.#create();
    await this.#random.pick(OPERATIONS).call(this, name);
    if (this.#owed.length > MOST_OWED) await this.#client.batchForget(...this.#owed.splice(0));
  }

  async #create(): Promise<void> {
    const name = `file-${this.#names++}`;
    await this.#touching([name], async () => {
      const { nodeid, fh } = await this.#client.create(this.#parent, name, O_RDWR | O_CREAT);
      this.#owed.push([nodeid, 1]);
      const content = this.#bytes(this.#random.below(LARGEST));
      await this.#writeAll(nodeid, fh, 0, content);
      if (this.#random.oneIn(10)) await this.#client.fsync(nodeid, fh);
      await this.#close(nodeid, fh);
      this.files.set(name, { content });
    });
  }

  async read(name: string): Promise<void> {
    const { content } = this.files.get(name)!;
    await this.#opened(name, async (nodeid, fh) => {
      const from = this.#random.below(content.length + 1);
      const length = this.#random.below(PIECE * 2);
      const read = await this.#client.read(nodeid, fh, from, length);
      expect(read.equals(content.subarray(from, from + length)), `${name} from ${from}`).toBe(true);
    });
  }

  async readAll(name: string): Promise<void> {
    const { content } = this.files.get(name)!;
    await this.#opened(name, async (nodeid, fh) => {
      for (let at = 0; at <= content.length; at += PIECE) {
        const read = await this.#client.read(nodeid, fh, at, PIECE);
        expect(read.equals(content.subarray(at, at + PIECE)), `${name} from ${at}`).toBe(true);
      }
    });
  }

  async overwrite(name: string): Promise<void> {
    const expected = this.files.get(name)!;
    await this.#touching([name], () =>
      this.#opened(name, async (nodeid, fh) => {
        const from = this.#random.below(expected.content.length + 1);
        const data = this.#bytes(Math.min(this.#random.below(PIECE * 2), LARGEST - from));
        await this.#writeAll(nodeid, fh, from, data);
        if (this.#random.oneIn(10)) await this.#client.fsync(nodeid, fh, 1);
        const content = Buffer.alloc(Math.max(expected.content.length, from + data.length));
        expected.content.copy(content);
        data.copy(content, from);
        expected.content = content;
      }),
    );
  }

  async truncate(name: string): Promise<void> {
    const expected = this.files.get(name)!;
    const size = this.#random.below(LARGEST);
    await this.#touching([name], () =>
      this.#opened(name, async (nodeid, fh) => {
        expect((await this.#client.truncate(nodeid, fh, size)).size).toBe(size);
        const content = Buffer.alloc(size);
        expected.content.copy(content);
        expected.content = content;
      }),
    );
  }

  async attributes(name: string): Promise<void> {
    const { content } = this.files.get(name)!;
    const { size, nlink } = await this.#client.getattr(await this.#lookup(name));
    expect([size, nlink]).toEqual([content.length, 1]);
    await this.#client.statfs(1);
  }

  /** Over another file, or to a new name. */
  async rename(name: string): Promise<void> {
    const target = this.#random.oneIn(2) ? this.#some()! : `file-${this.#names++}`;
    if (target === name) return;
    await this.#touching([name, target], async () => {
      await this.#client.rename(this.#parent, name, this.#parent, target);
      this.files.set(target, this.files.get(name)!);
      this.files.delete(name);
    });
  }

  async link(name: string): Promise<void> {
    await this.#touching([name, 'other-name'], async () => {
      const node = await this.#lookup(name);
      const other = await this.#client.link(node, this.#parent, 'other-name');
      this.#owed.push([other.nodeid, 1]);
      expect([other.nodeid, other.attr.nlink]).toEqual([node, 2]);
      await this.#client.unlink(this.#parent, 'other-name');
    });
  }

  async symlink(name: string): Promise<void> {
    await this.#touching(['symlink'], async () => {
      const { nodeid } = await this.#client.symlink(this.#parent, 'symlink', name);
      this.#owed.push([nodeid, 1]);
      expect(await this.#client.readlink(nodeid)).toBe(name);
      await this.#client.unlink(this.#parent, 'symlink');
    });
  }

  async unlink(name: string): Promise<void> {
    await this.#touching([name], async () => {
      await this.#client.unlink(this.#parent, name);
      this.files.delete(name);
    });
  }

  /** A file that is deleted while it is open. */
  async unlinkOpen(name: string): Promise<void> {
    const { content } = this.files.get(name)!;
    await this.#touching([name], () =>
      this.#opened(name, async (nodeid, fh) => {
        await this.#client.unlink(this.#parent, name);
        this.files.delete(name);
        const read = await this.#client.read(nodeid, fh, 0, PIECE);
        expect(read.equals(content.subarray(0, PIECE)), `${name}, which has no name any more`).toBe(true);
      }),
    );
  }

  /** Directories come and go with what is in them; a broken connection may leave some, which nobody minds. */
  async directories(): Promise<void> {
    const name = `directory-${this.#names++}`;
    const { nodeid } = await this.#client.mkdir(this.#parent, name);
    this.#owed.push([nodeid, 1]);
    for (let i = 0; i < 20; i++)
      this.#owed.push([(await this.#client.mknod(nodeid, `n${i}`, 0o100644)).nodeid, 1]);
    const listed = await this.#client.list(nodeid, 'readdirplus', 1024);
    for (const { entry } of listed) if (entry && entry.nodeid !== 0) this.#owed.push([entry.nodeid, 1]);
    expect(listed.length).toBe(22);
    for (let i = 0; i < 20; i++) await this.#client.unlink(nodeid, `n${i}`);
    await this.#client.rename(this.#parent, name, this.#parent, `${name}-too`);
    await this.#client.rmdir(this.#parent, `${name}-too`);
  }

  async list(): Promise<void> {
    const listed = await this.#client.list(this.#parent, this.#random.oneIn(2) ? 'readdir' : 'readdirplus');
    for (const { entry } of listed) if (entry && entry.nodeid !== 0) this.#owed.push([entry.nodeid, 1]);
    const names = listed.map((each) => each.name).filter((each) => each.startsWith('file-'));
    expect(names.sort()).toEqual([...this.files.keys()].sort());
  }

  async xattrs(name: string): Promise<void> {
    const expected = this.files.get(name)!;
    await this.#touching([name], async () => {
      const node = await this.#lookup(name);
      if (expected.attribute !== undefined) {
        expect(await this.#client.getxattr(node, ATTRIBUTE)).toBe(expected.attribute);
        expect(await this.#client.listxattr(node)).toContain(ATTRIBUTE);
      }
      if (expected.attribute !== undefined && this.#random.oneIn(3)) {
        await this.#client.removexattr(node, ATTRIBUTE);
        delete expected.attribute;
      } else {
        const value = `${this.#names}`.repeat(1 + this.#random.below(50));
        await this.#client.setxattr(node, ATTRIBUTE, value);
        expected.attribute = value;
      }
    });
  }

  async locks(name: string): Promise<void> {
    const { fuse } = this.#client;
    const owner = this.#owner * 2;
    await this.#opened(name, async (nodeid, fh) => {
      const range = { start: 0, end: 99, pid: 1 };
      await fuse.setlk(nodeid, { fh, owner, lk: { ...range, type: F_WRLCK } });
      const seen = await fuse.getlk(nodeid, { fh, owner: owner + 1, lk: { ...range, type: F_RDLCK } });
      expect([seen.lk.type, seen.lk.start, seen.lk.end]).toEqual([F_WRLCK, 0, 99]);
      await fuse.setlk(nodeid, { fh, owner, lk: { ...range, type: F_UNLCK } });
      for (const type of [F_WRLCK, F_UNLCK]) {
        await fuse.setlk(nodeid, { fh, owner, lk_flags: FUSE_LK_FLOCK, lk: { type, start: 0, end: END } });
      }
    });
  }

  async copy(name: string): Promise<void> {
    const target = `file-${this.#names++}`;
    await this.#touching([target], () =>
      this.#opened(name, async (from, fh) => {
        const { content } = this.files.get(name)!;
        const to = await this.#client.create(this.#parent, target, O_RDWR | O_CREAT);
        this.#owed.push([to.nodeid, 1]);
        for (let at = 0; at < content.length; ) {
          at += await this.#client.fuse.copy_file_range(from, {
            fh_in: fh,
            off_in: at,
            nodeid_out: to.nodeid,
            fh_out: to.fh,
            off_out: at,
            len: content.length - at,
          });
        }
        await this.#close(to.nodeid, to.fh);
        this.files.set(target, { content: Buffer.from(content) });
        if (this.files.size > MOST_FILES) await this.unlink(name);
      }),
    );
  }

  async space(name: string): Promise<void> {
    const expected = this.files.get(name)!;
    await this.#touching([name], () =>
      this.#opened(name, async (nodeid, fh) => {
        const size = Math.max(expected.content.length, PIECE);
        await this.#client.fallocate(nodeid, fh, 0, 0, size);
        const content = Buffer.alloc(size);
        expected.content.copy(content);
        expected.content = content;
        expect(await this.#client.lseek(nodeid, fh, 0, SEEK_DATA)).toBeLessThanOrEqual(size);
      }),
    );
  }

  /** What an operation may change; if it fails, nothing is known of these names. */
  async #touching(names: readonly string[], action: () => Promise<void>): Promise<void> {
    for (const name of names) this.#unsure.add(name);
    await action();
    for (const name of names) this.#unsure.delete(name);
  }

  async #opened(name: string, action: (nodeid: number, fh: number | bigint) => Promise<void>): Promise<void> {
    const nodeid = await this.#lookup(name);
    const { fh } = await this.#client.open(nodeid, O_RDWR);
    await action(nodeid, fh);
    await this.#close(nodeid, fh);
  }

  async #close(nodeid: number | bigint, fh: number | bigint): Promise<void> {
    await this.#client.flush(nodeid, fh);
    await this.#client.release(nodeid, fh);
  }

  async #lookup(name: string): Promise<number> {
    const { nodeid } = await this.#client.lookup(this.#parent, name);
    this.#owed.push([nodeid, 1]);
    return Number(nodeid);
  }

  async #writeAll(nodeid: number | bigint, fh: number | bigint, from: number, data: Buffer): Promise<void> {
    for (let at = 0; at < data.length; at += PIECE) {
      const piece = data.subarray(at, at + PIECE);
      expect(await this.#client.write(nodeid, fh, from + at, piece)).toBe(piece.length);
    }
  }

  #some(): string | undefined {
    return this.files.size === 0 ? undefined : this.#random.pick([...this.files.keys()]);
  }

  #bytes(length: number): Buffer {
    return Buffer.alloc(length, `${this.directory} ${this.#names} ${this.#random.u32()} `);
  }
}

/** How often each is done, in parts of all. */
const OPERATIONS = Object.entries({
  read: 6,
  readAll: 3,
  overwrite: 4,
  truncate: 1,
  attributes: 4,
  rename: 2,
  link: 1,
  symlink: 1,
  unlink: 1,
  unlinkOpen: 1,
  directories: 1,
  list: 2,
  xattrs: 2,
  locks: 2,
  copy: 1,
  space: 1,
} satisfies Partial<Record<keyof Program, number>>).flatMap(([name, times]) =>
  Array.from({ length: times }, () => Program.prototype[name as 'read']),
);

function unless(code: string): (error: Error) => void {
  return (error) => {
    if (error.message !== code) throw error;
  };
}
