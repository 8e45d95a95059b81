import * as op from '../abi/opcodes.js';
import type { U64 } from '../abi/u64.js';
import { type AnyView, decode, encode, type ViewClass } from '../abi/view.js';
import * as abi from '../abi/views.js';
import { MalformedReplyError, ReplyError } from '../errors.js';
import { opcodeName } from '../operations/table.js';
import { BufferExchange } from '../segments.js';
import type { Session } from '../session.js';
import { type DirectoryEntry, type DirectoryEntryPlus, decodeDirents, decodeDirentsPlus } from './listing.js';
import { concat, decodeReply, encodeRequest, nameBytes, type RequestHeader } from './message.js';

/** Carries a request, with room for a reply of `room` bytes, and brings the reply; an empty one means none. */
export type Transport = (request: Uint8Array, room: number) => Promise<Uint8Array>;

/** A transport to a session in the same process. */
export function connect(session: Session): Transport {
  return (request, room) => {
    const exchange = new BufferExchange(request, room);
    session.dispatch(exchange);
    return exchange.replied;
  };
}

type Values<V extends AnyView> = Parameters<V['assign']>[0];
type Objects<V extends AnyView> = ReturnType<V['toObject']>;
type NameLike = string | Uint8Array;

/** Who the client says it is; 0 where nothing is given. */
export interface Credentials {
  readonly uid?: number;
  readonly gid?: number;
  readonly pid?: number;
}

/** Room for replies whose size the client does not choose, in bytes. */
const ROOM = 4096 + abi.OutHeader.SIZE;

/**
 * The kernel's side of the protocol, for tests, benchmarks and tools: one method per operation, with the
 * arguments in the kernel's own structures (fields left out are 0) and the reply's structure as the result.
 *
 * All methods reject with {@link ReplyError} if the server fails the request, and with
 * {@link MalformedReplyError} if the reply is not what the protocol prescribes.
 */
export class FuseClient {
  /** Sent with every request from now on. */
  credentials: Credentials = {};
  readonly #transport: Transport;
  // As Linux does: even numbers, odd ones are left to INTERRUPT.
  #unique = 2;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * Sends any request. `header` may overrule what the client would say; `room` is what the reply may take.
   * Resolves with the payload.
   */
  async request(
    opcode: number,
    nodeid: U64,
    body: readonly Uint8Array[] = [],
    room = ROOM,
    header: RequestHeader = {},
  ): Promise<Uint8Array> {
    const unique = header.unique ?? this.#next();
    const bytes = encodeRequest(opcode, { ...this.credentials, nodeid, ...header, unique }, ...body);
    const { error, payload } = decodeReply(await this.#transport(bytes, room), unique);
    if (error !== 0) throw new ReplyError(opcodeName(opcode), -error);
    return payload;
  }

  /** Sends a request that has no reply. @throws MalformedReplyError if there is one nevertheless */
  async post(opcode: number, nodeid: U64, ...body: readonly Uint8Array[]): Promise<void> {
    const bytes = encodeRequest(opcode, { ...this.credentials, nodeid, unique: this.#next() }, ...body);
    const reply = await this.#transport(bytes, 0);
    if (reply.length !== 0) throw new MalformedReplyError(`a reply to ${opcodeName(opcode)}`);
  }

  /** Version 7.38 and no flags, unless given. */
  init(values: Values<abi.InitIn> = {}): Promise<Objects<abi.InitOut>> {
    const input = encode(abi.InitIn, { major: 7, minor: 38, max_readahead: 131072, ...values });
    return this.#ask(op.FUSE_INIT, 0, abi.InitOut, [input]);
  }

  async destroy(): Promise<void> {
    await this.request(op.FUSE_DESTROY, 0);
  }

  /** Asks to cut short the request that has the id `unique`. */
  interrupt(unique: U64): Promise<void> {
    return this.post(op.FUSE_INTERRUPT, 0, encode(abi.InterruptIn, { unique }));
  }

  lookup(parent: U64, name: NameLike): Promise<Objects<abi.EntryOut>> {
    return this.#ask(op.FUSE_LOOKUP, parent, abi.EntryOut, [nameBytes(name)]);
  }

  forget(nodeid: U64, nlookup: U64): Promise<void> {
    return this.post(op.FUSE_FORGET, nodeid, encode(abi.ForgetIn, { nlookup }));
  }

  batch_forget(items: readonly { nodeid: U64; nlookup: U64 }[]): Promise<void> {
    const head = encode(abi.BatchForgetIn, { count: items.length });
    return this.post(op.FUSE_BATCH_FORGET, 0, head, ...items.map((item) => encode(abi.ForgetOne, item)));
  }

  getattr(nodeid: U64, values: Values<abi.GetattrIn> = {}): Promise<Objects<abi.AttrOut>> {
    return this.#ask(op.FUSE_GETATTR, nodeid, abi.AttrOut, [encode(abi.GetattrIn, values)]);
  }

  setattr(nodeid: U64, values: Values<abi.SetattrIn>): Promise<Objects<abi.AttrOut>> {
    return this.#ask(op.FUSE_SETATTR, nodeid, abi.AttrOut, [encode(abi.SetattrIn, values)]);
  }

  readlink(nodeid: U64): Promise<Uint8Array> {
    return this.request(op.FUSE_READLINK, nodeid);
  }

  symlink(parent: U64, name: NameLike, target: NameLike): Promise<Objects<abi.EntryOut>> {
    return this.#ask(op.FUSE_SYMLINK, parent, abi.EntryOut, [nameBytes(name), nameBytes(target)]);
  }

  mknod(parent: U64, name: NameLike, values: Values<abi.MknodIn>): Promise<Objects<abi.EntryOut>> {
    return this.#ask(op.FUSE_MKNOD, parent, abi.EntryOut, [encode(abi.MknodIn, values), nameBytes(name)]);
  }

  mkdir(parent: U64, name: NameLike, values: Values<abi.MkdirIn>): Promise<Objects<abi.EntryOut>> {
    return this.#ask(op.FUSE_MKDIR, parent, abi.EntryOut, [encode(abi.MkdirIn, values), nameBytes(name)]);
  }

  async unlink(parent: U64, name: NameLike): Promise<void> {
    await this.request(op.FUSE_UNLINK, parent, [nameBytes(name)]);
  }

  async rmdir(parent: U64, name: NameLike): Promise<void> {
    await this.request(op.FUSE_RMDIR, parent, [nameBytes(name)]);
  }

  /** RENAME without flags, else RENAME2, as the kernel does. */
  async rename(parent: U64, name: NameLike, newdir: U64, newName: NameLike, flags = 0): Promise<void> {
    const names = [nameBytes(name), nameBytes(newName)];
    if (flags === 0) {
      await this.request(op.FUSE_RENAME, parent, [encode(abi.RenameIn, { newdir }), ...names]);
    } else {
      await this.request(op.FUSE_RENAME2, parent, [encode(abi.Rename2In, { newdir, flags }), ...names]);
    }
  }

  link(oldnodeid: U64, newParent: U64, newName: NameLike): Promise<Objects<abi.EntryOut>> {
    const body = [encode(abi.LinkIn, { oldnodeid }), nameBytes(newName)];
    return this.#ask(op.FUSE_LINK, newParent, abi.EntryOut, body);
  }

  open(nodeid: U64, values: Values<abi.OpenIn> = {}): Promise<Objects<abi.OpenOut>> {
    return this.#ask(op.FUSE_OPEN, nodeid, abi.OpenOut, [encode(abi.OpenIn, values)]);
  }

  create(parent: U64, name: NameLike, values: Values<abi.CreateIn>): Promise<Created> {
    return this.#create(op.FUSE_CREATE, parent, name, values);
  }

  tmpfile(parent: U64, values: Values<abi.CreateIn>): Promise<Created> {
    return this.#create(op.FUSE_TMPFILE, parent, '/', values);
  }

  read(nodeid: U64, values: Values<abi.ReadIn>): Promise<Uint8Array> {
    const room = (values.size ?? 0) + abi.OutHeader.SIZE;
    return this.request(op.FUSE_READ, nodeid, [encode(abi.ReadIn, values)], room);
  }

  /** Resolves with how many bytes were written. */
  async write(nodeid: U64, data: Uint8Array, values: Values<abi.WriteIn> = {}): Promise<number> {
    const body = [encode(abi.WriteIn, { size: data.length, ...values }), data];
    return (await this.#ask(op.FUSE_WRITE, nodeid, abi.WriteOut, body)).size;
  }

  async flush(nodeid: U64, values: Values<abi.FlushIn> = {}): Promise<void> {
    await this.request(op.FUSE_FLUSH, nodeid, [encode(abi.FlushIn, values)]);
  }

  async release(nodeid: U64, values: Values<abi.ReleaseIn> = {}): Promise<void> {
    await this.request(op.FUSE_RELEASE, nodeid, [encode(abi.ReleaseIn, values)]);
  }

  async fsync(nodeid: U64, values: Values<abi.FsyncIn> = {}): Promise<void> {
    await this.request(op.FUSE_FSYNC, nodeid, [encode(abi.FsyncIn, values)]);
  }

  opendir(nodeid: U64, values: Values<abi.OpenIn> = {}): Promise<Objects<abi.OpenOut>> {
    return this.#ask(op.FUSE_OPENDIR, nodeid, abi.OpenOut, [encode(abi.OpenIn, values)]);
  }

  /** One READDIR; an empty list is the end. */
  async readdir(nodeid: U64, values: Values<abi.ReadIn> = {}): Promise<DirectoryEntry[]> {
    return decodeDirents(await this.#list(op.FUSE_READDIR, nodeid, values));
  }

  /** One READDIRPLUS; an empty list is the end. */
  async readdirplus(nodeid: U64, values: Values<abi.ReadIn> = {}): Promise<DirectoryEntryPlus[]> {
    return decodeDirentsPlus(await this.#list(op.FUSE_READDIRPLUS, nodeid, values));
  }

  async releasedir(nodeid: U64, values: Values<abi.ReleaseIn> = {}): Promise<void> {
    await this.request(op.FUSE_RELEASEDIR, nodeid, [encode(abi.ReleaseIn, values)]);
  }

  async fsyncdir(nodeid: U64, values: Values<abi.FsyncIn> = {}): Promise<void> {
    await this.request(op.FUSE_FSYNCDIR, nodeid, [encode(abi.FsyncIn, values)]);
  }

  statfs(nodeid: U64): Promise<Objects<abi.Kstatfs>> {
    return this.#ask(op.FUSE_STATFS, nodeid, abi.Kstatfs, []);
  }

  statx(nodeid: U64, values: Values<abi.StatxIn> = {}): Promise<Objects<abi.StatxOut>> {
    return this.#ask(op.FUSE_STATX, nodeid, abi.StatxOut, [encode(abi.StatxIn, values)]);
  }

  async syncfs(nodeid: U64): Promise<void> {
    await this.request(op.FUSE_SYNCFS, nodeid, [encode(abi.SyncfsIn, {})]);
  }

  async access(nodeid: U64, mask: number): Promise<void> {
    await this.request(op.FUSE_ACCESS, nodeid, [encode(abi.AccessIn, { mask })]);
  }

  async lseek(nodeid: U64, values: Values<abi.LseekIn>): Promise<U64> {
    return (await this.#ask(op.FUSE_LSEEK, nodeid, abi.LseekOut, [encode(abi.LseekIn, values)])).offset;
  }

  async fallocate(nodeid: U64, values: Values<abi.FallocateIn>): Promise<void> {
    await this.request(op.FUSE_FALLOCATE, nodeid, [encode(abi.FallocateIn, values)]);
  }

  /** Resolves with how many bytes were copied. */
  async copy_file_range(nodeid: U64, values: Values<abi.CopyFileRangeIn>): Promise<number> {
    const body = [encode(abi.CopyFileRangeIn, values)];
    return (await this.#ask(op.FUSE_COPY_FILE_RANGE, nodeid, abi.WriteOut, body)).size;
  }

  /** The short form of the request, as without FUSE_SETXATTR_EXT. */
  async setxattr(nodeid: U64, name: NameLike, value: Uint8Array, flags = 0): Promise<void> {
    const input = encode(abi.SetxattrIn, { size: value.length, flags }).subarray(0, 8);
    await this.request(op.FUSE_SETXATTR, nodeid, [input, nameBytes(name), value]);
  }

  /** The value, of at most `size` bytes; with 0 its length is asked for first. */
  getxattr(nodeid: U64, name: NameLike, size: number): Promise<Uint8Array> {
    return this.#attribute(op.FUSE_GETXATTR, nodeid, size, [nameBytes(name)]);
  }

  /** The names, each with a NUL behind, of at most `size` bytes together; with 0 their length is asked for first. */
  listxattr(nodeid: U64, size: number): Promise<Uint8Array> {
    return this.#attribute(op.FUSE_LISTXATTR, nodeid, size, []);
  }

  async removexattr(nodeid: U64, name: NameLike): Promise<void> {
    await this.request(op.FUSE_REMOVEXATTR, nodeid, [nameBytes(name)]);
  }

  getlk(nodeid: U64, values: Values<abi.LkIn>): Promise<Objects<abi.LkOut>> {
    return this.#ask(op.FUSE_GETLK, nodeid, abi.LkOut, [encode(abi.LkIn, values)]);
  }

  /** `unique` names the request, for `interrupt`; it is chosen if not given. */
  async setlk(nodeid: U64, values: Values<abi.LkIn>, wait = false, unique?: U64): Promise<void> {
    const opcode = wait ? op.FUSE_SETLKW : op.FUSE_SETLK;
    const header = unique === undefined ? {} : { unique };
    await this.request(opcode, nodeid, [encode(abi.LkIn, values)], ROOM, header);
  }

  async bmap(nodeid: U64, values: Values<abi.BmapIn>): Promise<U64> {
    return (await this.#ask(op.FUSE_BMAP, nodeid, abi.BmapOut, [encode(abi.BmapIn, values)])).block;
  }

  /** Resolves with the fixed reply and the bytes behind it, of which there may be `out_size`. */
  async ioctl(nodeid: U64, values: Values<abi.IoctlIn>, argument = new Uint8Array(0)): Promise<IoctlReply> {
    const body = [encode(abi.IoctlIn, { in_size: argument.length, ...values }), argument];
    const room = abi.OutHeader.SIZE + abi.IoctlOut.SIZE + (values.out_size ?? 0);
    const payload = await this.request(op.FUSE_IOCTL, nodeid, body, room);
    need(op.FUSE_IOCTL, payload, abi.IoctlOut.SIZE, false);
    return { reply: decode(abi.IoctlOut, payload).toObject(), output: payload.slice(abi.IoctlOut.SIZE) };
  }

  /** Resolves with the events that are there. */
  async poll(nodeid: U64, values: Values<abi.PollIn>): Promise<number> {
    return (await this.#ask(op.FUSE_POLL, nodeid, abi.PollOut, [encode(abi.PollIn, values)])).revents;
  }

  async setupmapping(nodeid: U64, values: Values<abi.SetupmappingIn>): Promise<void> {
    await this.request(op.FUSE_SETUPMAPPING, nodeid, [encode(abi.SetupmappingIn, values)]);
  }

  async removemapping(nodeid: U64, ranges: readonly Values<abi.RemovemappingOne>[]): Promise<void> {
    const head = encode(abi.RemovemappingIn, { count: ranges.length });
    const body = [head, ...ranges.map((range) => encode(abi.RemovemappingOne, range))];
    await this.request(op.FUSE_REMOVEMAPPING, nodeid, body);
  }

  #next(): number {
    const unique = this.#unique;
    this.#unique += 2;
    return unique;
  }

  /** A request whose reply is exactly one structure. */
  async #ask<V extends AnyView>(
    opcode: number,
    nodeid: U64,
    view: ViewClass<V>,
    body: readonly Uint8Array[],
  ): Promise<Objects<V>> {
    const payload = await this.request(opcode, nodeid, body, abi.OutHeader.SIZE + view.SIZE);
    need(opcode, payload, view.SIZE, true);
    return decode(view, payload).toObject() as Objects<V>;
  }

  async #create(opcode: number, parent: U64, name: NameLike, values: Values<abi.CreateIn>): Promise<Created> {
    const payload = await this.request(opcode, parent, [encode(abi.CreateIn, values), nameBytes(name)]);
    need(opcode, payload, abi.EntryOut.SIZE + abi.OpenOut.SIZE, true);
    const open = decode(abi.OpenOut, payload, abi.EntryOut.SIZE).toObject();
    return { entry: decode(abi.EntryOut, payload).toObject(), open };
  }

  #list(opcode: number, nodeid: U64, values: Values<abi.ReadIn>): Promise<Uint8Array> {
    const input = { size: 4096, ...values };
    const room = input.size + abi.OutHeader.SIZE;
    return this.request(opcode, nodeid, [encode(abi.ReadIn, input)], room);
  }

  async #attribute(
    opcode: number,
    nodeid: U64,
    size: number,
    names: readonly Uint8Array[],
  ): Promise<Uint8Array> {
    const body = concat([encode(abi.GetxattrIn, { size }), ...names]);
    const payload = await this.request(opcode, nodeid, [body], abi.OutHeader.SIZE + Math.max(size, 8));
    if (size !== 0) return payload;
    need(opcode, payload, abi.GetxattrOut.SIZE, true);
    // Only the length was asked for: ask again with just that.
    const { size: length } = decode(abi.GetxattrOut, payload);
    return length === 0 ? payload.subarray(0, 0) : this.#attribute(opcode, nodeid, length, names);
  }
}

/** The reply of CREATE and TMPFILE. */
export interface Created {
  readonly entry: Objects<abi.EntryOut>;
  readonly open: Objects<abi.OpenOut>;
}

/** The reply of IOCTL. */
export interface IoctlReply {
  readonly reply: Objects<abi.IoctlOut>;
  readonly output: Uint8Array;
}

function need(opcode: number, payload: Uint8Array, size: number, exactly: boolean): void {
  if (payload.length < size || (exactly && payload.length !== size)) {
    throw new MalformedReplyError(`${opcodeName(opcode)} was answered with ${payload.length} bytes`);
  }
}
