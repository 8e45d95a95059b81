import {
  FuseClient as Client,
  type DirectoryEntry,
  type DirectoryEntryPlus,
  FATTR_FH,
  FATTR_SIZE,
  ReplyError,
  type SetattrIn,
  type Transport,
  type U64,
} from '@vfs/fuse-proto';
import { errnoName } from '@vfs/sys';

export type { Transport };

/** An entry of a directory; READDIRPLUS adds what it looked up. */
export type Listed = Omit<DirectoryEntry, 'name'> &
  Partial<Pick<DirectoryEntryPlus, 'entry'>> & { readonly name: string };

const text = new TextEncoder();
const ALL = 0xffff_ffff;

/**
 * The guest's side for tests of what a file system does: positional arguments, names and data as text, and errors
 * that are named after their errno. What is rarely needed is done with {@link fuse}.
 */
export class FuseClient {
  readonly fuse: Client;
  uid = 0;
  gid = 0;

  constructor(transport: Transport) {
    this.fuse = new Client(transport);
  }

  /** A request of any shape. */
  call(opcode: number, nodeid: U64, parts: Uint8Array[], room?: number) {
    return this.#ask((fuse) => fuse.request(opcode, nodeid, parts, room));
  }

  /** Offers everything but the given flags. */
  init(without = 0n) {
    const flags = Number(BigInt(ALL) & ~without);
    const flags2 = Number(BigInt(ALL) & ~(without >> 32n));
    return this.#ask((fuse) => fuse.init({ flags, flags2 }));
  }

  destroy() {
    return this.#ask((fuse) => fuse.destroy());
  }

  lookup(parent: U64, name: string | Uint8Array) {
    return this.#ask((fuse) => fuse.lookup(parent, name));
  }

  /** Follows names from the root; without any forgetting. */
  async walk(...names: string[]) {
    let id: U64 = 1;
    for (const name of names) id = (await this.lookup(id, name)).nodeid;
    return id;
  }

  forget(nodeid: U64, nlookup: U64 = 1) {
    return this.#ask((fuse) => fuse.forget(nodeid, nlookup));
  }

  batchForget(...nodes: [nodeid: U64, nlookup: U64][]) {
    return this.#ask((fuse) => fuse.batch_forget(nodes.map(([nodeid, nlookup]) => ({ nodeid, nlookup }))));
  }

  async getattr(nodeid: U64) {
    return (await this.#ask((fuse) => fuse.getattr(nodeid))).attr;
  }

  async setattr(nodeid: U64, values: Parameters<SetattrIn['assign']>[0]) {
    return (await this.#ask((fuse) => fuse.setattr(nodeid, values))).attr;
  }

  /** Truncates through a handle. */
  truncate(nodeid: U64, fh: U64, size: U64) {
    return this.setattr(nodeid, { valid: FATTR_FH | FATTR_SIZE, fh, size });
  }

  async readlink(nodeid: U64) {
    return Buffer.from(await this.#ask((fuse) => fuse.readlink(nodeid))).toString();
  }

  symlink(parent: U64, name: string, target: string) {
    return this.#ask((fuse) => fuse.symlink(parent, name, target));
  }

  mknod(parent: U64, name: string, mode: number, rdev = 0) {
    return this.#ask((fuse) => fuse.mknod(parent, name, { mode, rdev }));
  }

  mkdir(parent: U64, name: string, mode = 0o755) {
    return this.#ask((fuse) => fuse.mkdir(parent, name, { mode }));
  }

  unlink(parent: U64, name: string) {
    return this.#ask((fuse) => fuse.unlink(parent, name));
  }

  rmdir(parent: U64, name: string) {
    return this.#ask((fuse) => fuse.rmdir(parent, name));
  }

  /** With flags it is RENAME2. */
  rename(parent: U64, name: string, newdir: U64, newName: string, flags = 0) {
    return this.#ask((fuse) => fuse.rename(parent, name, newdir, newName, flags));
  }

  link(oldnodeid: U64, parent: U64, name: string) {
    return this.#ask((fuse) => fuse.link(oldnodeid, parent, name));
  }

  open(nodeid: U64, flags = 0) {
    return this.#ask((fuse) => fuse.open(nodeid, { flags }));
  }

  async create(parent: U64, name: string, flags: number, mode = 0o644) {
    const { entry, open } = await this.#ask((fuse) => fuse.create(parent, name, { flags, mode }));
    return { ...entry, fh: open.fh };
  }

  async read(nodeid: U64, fh: U64, offset: U64, size: number) {
    return Buffer.from(await this.#ask((fuse) => fuse.read(nodeid, { fh, offset, size })));
  }

  write(
    nodeid: U64,
    fh: U64,
    offset: U64,
    data: string | Uint8Array,
    flags: { flags?: number; write_flags?: number } = {},
  ) {
    const bytes = typeof data === 'string' ? text.encode(data) : data;
    return this.#ask((fuse) => fuse.write(nodeid, bytes, { fh, offset, ...flags }));
  }

  flush(nodeid: U64, fh: U64) {
    return this.#ask((fuse) => fuse.flush(nodeid, { fh }));
  }

  release(nodeid: U64, fh: U64) {
    return this.#ask((fuse) => fuse.release(nodeid, { fh }));
  }

  fsync(nodeid: U64, fh: U64, fsync_flags = 0) {
    return this.#ask((fuse) => fuse.fsync(nodeid, { fh, fsync_flags }));
  }

  async opendir(nodeid: U64) {
    return (await this.#ask((fuse) => fuse.opendir(nodeid))).fh;
  }

  releasedir(nodeid: U64, fh: U64) {
    return this.#ask((fuse) => fuse.releasedir(nodeid, { fh }));
  }

  fsyncdir(nodeid: U64, fh: U64) {
    return this.#ask((fuse) => fuse.fsyncdir(nodeid, { fh }));
  }

  async readdir(nodeid: U64, fh: U64, offset: U64 = 0, size = 4096): Promise<Listed[]> {
    return (await this.#ask((fuse) => fuse.readdir(nodeid, { fh, offset, size }))).map(withText);
  }

  async readdirplus(nodeid: U64, fh: U64, offset: U64 = 0, size = 4096): Promise<Listed[]> {
    return (await this.#ask((fuse) => fuse.readdirplus(nodeid, { fh, offset, size }))).map(withText);
  }

  /** Opens a directory, lists it to the end, and closes it. */
  async list(nodeid: U64, how: 'readdir' | 'readdirplus' = 'readdir', size = 4096): Promise<Listed[]> {
    const fh = await this.opendir(nodeid);
    const all: Listed[] = [];
    for (;;) {
      const some: Listed[] = await this[how](nodeid, fh, all.at(-1)?.off ?? 0, size);
      if (some.length === 0) break;
      all.push(...some);
    }
    await this.releasedir(nodeid, fh);
    return all;
  }

  setxattr(nodeid: U64, name: string | Uint8Array, value: string | Uint8Array, flags = 0) {
    const bytes = typeof value === 'string' ? text.encode(value) : value;
    return this.#ask((fuse) => fuse.setxattr(nodeid, name, bytes, flags));
  }

  /** The value; without a size, its length is asked for first. */
  async getxattr(nodeid: U64, name: string | Uint8Array, size = 0) {
    return Buffer.from(await this.#ask((fuse) => fuse.getxattr(nodeid, name, size))).toString('latin1');
  }

  /** The names, sorted. */
  async listxattr(nodeid: U64, size = 0) {
    const list = Buffer.from(await this.#ask((fuse) => fuse.listxattr(nodeid, size))).toString('latin1');
    return list.split('\0').slice(0, -1).sort();
  }

  removexattr(nodeid: U64, name: string | Uint8Array) {
    return this.#ask((fuse) => fuse.removexattr(nodeid, name));
  }

  statfs(nodeid: U64) {
    return this.#ask((fuse) => fuse.statfs(nodeid));
  }

  lseek(nodeid: U64, fh: U64, offset: U64, whence: number) {
    return this.#ask((fuse) => fuse.lseek(nodeid, { fh, offset, whence }));
  }

  fallocate(nodeid: U64, fh: U64, mode: number, offset: U64, length: U64) {
    return this.#ask((fuse) => fuse.fallocate(nodeid, { fh, mode, offset, length }));
  }

  async #ask<T>(request: (fuse: Client) => Promise<T>): Promise<T> {
    this.fuse.credentials = { uid: this.uid, gid: this.gid };
    try {
      return await request(this.fuse);
    } catch (error) {
      throw error instanceof ReplyError ? new Error(errnoName(error.errno)) : error;
    }
  }
}

function withText<T extends DirectoryEntry>(entry: T): Omit<T, 'name'> & { name: string } {
  return { ...entry, name: Buffer.from(entry.name).toString() };
}
