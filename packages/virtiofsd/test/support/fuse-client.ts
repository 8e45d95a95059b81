import {
  AttrOut,
  BatchForgetIn,
  CreateIn,
  Dirent,
  EntryOut,
  FallocateIn,
  FlushIn,
  ForgetIn,
  ForgetOne,
  FsyncIn,
  FUSE_BATCH_FORGET,
  FUSE_CREATE,
  FUSE_DESTROY,
  FUSE_FALLOCATE,
  FUSE_FLUSH,
  FUSE_FORGET,
  FUSE_FSYNC,
  FUSE_FSYNCDIR,
  FUSE_GETATTR,
  FUSE_INIT,
  FUSE_LINK,
  FUSE_LOOKUP,
  FUSE_LSEEK,
  FUSE_MKDIR,
  FUSE_MKNOD,
  FUSE_NAME_OFFSET,
  FUSE_OPEN,
  FUSE_OPENDIR,
  FUSE_READ,
  FUSE_READDIR,
  FUSE_READDIRPLUS,
  FUSE_READLINK,
  FUSE_RELEASE,
  FUSE_RELEASEDIR,
  FUSE_RENAME,
  FUSE_RENAME2,
  FUSE_RMDIR,
  FUSE_SETATTR,
  FUSE_STATFS,
  FUSE_SYMLINK,
  FUSE_UNLINK,
  FUSE_WRITE,
  GetattrIn,
  InHeader,
  InitIn,
  InitOut,
  Kstatfs,
  LinkIn,
  LseekIn,
  LseekOut,
  MkdirIn,
  MknodIn,
  OpenIn,
  OpenOut,
  OutHeader,
  ReadIn,
  ReleaseIn,
  Rename2In,
  RenameIn,
  SetattrIn,
  type U64,
  WriteIn,
  WriteOut,
} from '@vfs/fuse-proto';
import { errnoName } from '@vfs/sys';
import { decode, encode } from './structures.js';

/** Carries a request to the file system: the bytes of the reply, none if there is none. */
export type Transport = (request: Uint8Array, room: number) => Promise<Uint8Array>;

/** An entry of a directory, as READDIR and READDIRPLUS list it. */
export interface Listed {
  readonly name: string;
  readonly ino: U64;
  readonly off: U64;
  readonly type: number;
  /** READDIRPLUS only. */
  readonly entry?: ReturnType<typeof entry>;
}

const HEADER = 16;
const text = new TextEncoder();

/** A name as the protocol has it. */
export const nul = (name: string | Uint8Array): Uint8Array =>
  Buffer.concat([typeof name === 'string' ? text.encode(name) : name, Buffer.alloc(1)]);

/**
 * The guest's side of FUSE for tests: a method per operation, which returns plain objects and throws an Error
 * named after the errno.
 */
export class FuseClient {
  uid = 0;
  gid = 0;
  #unique = 0;
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Sends a request of any shape; `error` is −errno. */
  async send(opcode: number, nodeid: U64, parts: Uint8Array[], room = 8192) {
    this.#unique += 2;
    const sent = this.#unique;
    const body = Buffer.concat(parts);
    const { uid, gid } = this;
    const header = { len: 40 + body.length, opcode, unique: sent, nodeid, uid, gid, pid: 1 };
    const reply = await this.#transport(Buffer.concat([encode(InHeader, header), body]), room);
    if (reply.length === 0) return undefined;
    const { len, error, unique } = decode(OutHeader, reply);
    if (unique !== sent || len !== reply.length) throw new Error('this is the reply to something else');
    return { error, body: reply.slice(HEADER) };
  }

  /** Sends a request; the body of its reply. */
  async call(opcode: number, nodeid: U64, parts: Uint8Array[], room?: number): Promise<Uint8Array> {
    const reply = await this.send(opcode, nodeid, parts, room);
    if (!reply) throw new Error('no reply');
    if (reply.error !== 0) throw new Error(errnoName(-reply.error));
    return reply.body;
  }

  async init(flags = 0xffff_ffff, flags2 = 0xffff_ffff) {
    const input = encode(InitIn, { major: 7, minor: 38, max_readahead: 131072, flags, flags2 });
    return decode(InitOut, await this.call(FUSE_INIT, 0, [input])).toObject();
  }

  async destroy(): Promise<void> {
    await this.send(FUSE_DESTROY, 0, []);
  }

  async lookup(parent: U64, name: string | Uint8Array) {
    return entry(await this.call(FUSE_LOOKUP, parent, [nul(name)]));
  }

  /** Follows names from the root; without any forgetting. */
  async walk(...names: string[]) {
    let id: U64 = 1;
    for (const name of names) id = (await this.lookup(id, name)).nodeid;
    return id;
  }

  async forget(nodeid: U64, nlookup: U64 = 1): Promise<void> {
    await this.send(FUSE_FORGET, nodeid, [encode(ForgetIn, { nlookup })]);
  }

  async batchForget(...nodes: [nodeid: U64, nlookup: U64][]): Promise<void> {
    const ones = nodes.map(([nodeid, nlookup]) => encode(ForgetOne, { nodeid, nlookup }));
    await this.send(FUSE_BATCH_FORGET, 0, [encode(BatchForgetIn, { count: nodes.length }), ...ones]);
  }

  async getattr(nodeid: U64) {
    const body = await this.call(FUSE_GETATTR, nodeid, [encode(GetattrIn, {})]);
    return decode(AttrOut, body).attr.toObject();
  }

  async setattr(nodeid: U64, values: Parameters<SetattrIn['assign']>[0]) {
    const body = await this.call(FUSE_SETATTR, nodeid, [encode(SetattrIn, values)]);
    return decode(AttrOut, body).attr.toObject();
  }

  async readlink(nodeid: U64): Promise<string> {
    return Buffer.from(await this.call(FUSE_READLINK, nodeid, [])).toString();
  }

  async symlink(parent: U64, name: string, target: string) {
    return entry(await this.call(FUSE_SYMLINK, parent, [nul(name), nul(target)]));
  }

  async mknod(parent: U64, name: string, mode: number, rdev = 0) {
    return entry(await this.call(FUSE_MKNOD, parent, [encode(MknodIn, { mode, rdev }), nul(name)]));
  }

  async mkdir(parent: U64, name: string, mode = 0o755) {
    return entry(await this.call(FUSE_MKDIR, parent, [encode(MkdirIn, { mode }), nul(name)]));
  }

  async unlink(parent: U64, name: string): Promise<void> {
    await this.call(FUSE_UNLINK, parent, [nul(name)]);
  }

  async rmdir(parent: U64, name: string): Promise<void> {
    await this.call(FUSE_RMDIR, parent, [nul(name)]);
  }

  async rename(parent: U64, name: string, newdir: U64, newName: string): Promise<void> {
    await this.call(FUSE_RENAME, parent, [encode(RenameIn, { newdir }), nul(name), nul(newName)]);
  }

  async rename2(parent: U64, name: string, newdir: U64, newName: string, flags: number): Promise<void> {
    await this.call(FUSE_RENAME2, parent, [encode(Rename2In, { newdir, flags }), nul(name), nul(newName)]);
  }

  async link(oldnodeid: U64, parent: U64, name: string) {
    return entry(await this.call(FUSE_LINK, parent, [encode(LinkIn, { oldnodeid }), nul(name)]));
  }

  async open(nodeid: U64, flags = 0) {
    return decode(OpenOut, await this.call(FUSE_OPEN, nodeid, [encode(OpenIn, { flags })])).toObject();
  }

  async create(parent: U64, name: string, flags: number, mode = 0o644) {
    const body = await this.call(FUSE_CREATE, parent, [encode(CreateIn, { flags, mode }), nul(name)]);
    return { ...entry(body), fh: decode(OpenOut, body, EntryOut.SIZE).fh };
  }

  async read(nodeid: U64, fh: U64, offset: U64, size: number): Promise<Buffer> {
    const input = encode(ReadIn, { fh, offset, size });
    return Buffer.from(await this.call(FUSE_READ, nodeid, [input], HEADER + size));
  }

  async write(
    nodeid: U64,
    fh: U64,
    offset: U64,
    data: string | Uint8Array,
    flags: { flags?: number; write_flags?: number } = {},
  ): Promise<number> {
    const bytes = typeof data === 'string' ? text.encode(data) : data;
    const input = encode(WriteIn, { fh, offset, size: bytes.length, ...flags });
    return decode(WriteOut, await this.call(FUSE_WRITE, nodeid, [input, bytes])).size;
  }

  async flush(nodeid: U64, fh: U64): Promise<void> {
    await this.call(FUSE_FLUSH, nodeid, [encode(FlushIn, { fh })]);
  }

  async release(nodeid: U64, fh: U64): Promise<void> {
    await this.call(FUSE_RELEASE, nodeid, [encode(ReleaseIn, { fh })]);
  }

  async fsync(nodeid: U64, fh: U64, fsync_flags = 0): Promise<void> {
    await this.call(FUSE_FSYNC, nodeid, [encode(FsyncIn, { fh, fsync_flags })]);
  }

  async opendir(nodeid: U64): Promise<U64> {
    return decode(OpenOut, await this.call(FUSE_OPENDIR, nodeid, [encode(OpenIn, {})])).fh;
  }

  async releasedir(nodeid: U64, fh: U64): Promise<void> {
    await this.call(FUSE_RELEASEDIR, nodeid, [encode(ReleaseIn, { fh })]);
  }

  async fsyncdir(nodeid: U64, fh: U64): Promise<void> {
    await this.call(FUSE_FSYNCDIR, nodeid, [encode(FsyncIn, { fh })]);
  }

  async readdir(nodeid: U64, fh: U64, offset: U64 = 0, size = 4096): Promise<Listed[]> {
    const input = encode(ReadIn, { fh, offset, size });
    const body = await this.call(FUSE_READDIR, nodeid, [input], HEADER + size);
    return listed(body, 0);
  }

  async readdirplus(nodeid: U64, fh: U64, offset: U64 = 0, size = 4096): Promise<Listed[]> {
    const input = encode(ReadIn, { fh, offset, size });
    const body = await this.call(FUSE_READDIRPLUS, nodeid, [input], HEADER + size);
    return listed(body, EntryOut.SIZE);
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

  async statfs(nodeid: U64) {
    return decode(Kstatfs, await this.call(FUSE_STATFS, nodeid, [])).toObject();
  }

  async lseek(nodeid: U64, fh: U64, offset: U64, whence: number): Promise<U64> {
    const input = encode(LseekIn, { fh, offset, whence });
    return decode(LseekOut, await this.call(FUSE_LSEEK, nodeid, [input])).offset;
  }

  async fallocate(nodeid: U64, fh: U64, mode: number, offset: U64, length: U64): Promise<void> {
    await this.call(FUSE_FALLOCATE, nodeid, [encode(FallocateIn, { fh, mode, offset, length })]);
  }
}

function entry(body: Uint8Array) {
  const view = decode(EntryOut, body);
  return { ...view.toObject(), attr: view.attr.toObject() };
}

function listed(body: Uint8Array, entrySize: number): Listed[] {
  const result: Listed[] = [];
  for (let at = 0; at < body.length; ) {
    const { ino, off, type, namelen } = decode(Dirent, body, at + entrySize);
    const start = at + entrySize + FUSE_NAME_OFFSET;
    const name = Buffer.from(body.subarray(start, start + namelen)).toString();
    const plus = entrySize > 0 ? { entry: entry(body.subarray(at)) } : {};
    result.push({ name, ino, off, type, ...plus });
    at += Math.ceil((entrySize + FUSE_NAME_OFFSET + namelen) / 8) * 8;
  }
  return result;
}
