import { setImmediate } from 'node:timers/promises';
import * as fuse from '@vfs/fuse-proto';
import { MappedMemory, SegmentList } from '@vfs/sys';
import type { Choices } from '../engine/choices.js';
import type { Seen } from '../engine/target.js';
import { promised } from './promise.js';
import { type Known, makeRequest } from './requests.js';

/** These are never answered. */
const SILENT: ReadonlySet<number> = new Set([
  fuse.FUSE_FORGET,
  fuse.FUSE_BATCH_FORGET,
  fuse.FUSE_INTERRUPT,
  fuse.FUSE_NOTIFY_REPLY,
]);
const ENTERING: ReadonlySet<number> = new Set([
  fuse.FUSE_LOOKUP,
  fuse.FUSE_MKDIR,
  fuse.FUSE_MKNOD,
  fuse.FUSE_SYMLINK,
  fuse.FUSE_LINK,
]);
const HEADER = 16;
const MAX_ERRNO = 4095;
const MOST_PIECES = 64;
/** Bytes that the entries of a SegmentList of so many pieces take. */
const TABLE = 12 * MOST_PIECES;
const MEMORY_SIZE = 1 << 20;
/** Requests lie in memory that is mapped, in pieces, as those of a virtual machine do. One guest after the other uses it. */
const memory = MappedMemory.anonymous(MEMORY_SIZE).windows[0]!;
const tables = MappedMemory.anonymous(MEMORY_SIZE).windows[0]!;

interface Sent {
  readonly bytes: Uint8Array;
  readonly room: number;
  /** Undefined until it is complete. */
  reply: Uint8Array | undefined;
}

/** A guest that makes requests as an input says, checks that they are answered as they have to be, and learns from that. */
export class Guest {
  readonly #session: fuse.Session;
  readonly #choices: Choices;
  readonly #seen: Seen;
  readonly #known: Known = { nodes: [1], handles: [], uniques: [] };
  readonly #waiting = new Map<number, Sent>();
  readonly #inPieces: boolean;
  #used = 0;
  #usedTables = 0;

  constructor(session: fuse.Session, choices: Choices, seen: Seen) {
    this.#session = session;
    this.#choices = choices;
    this.#seen = seen;
    this.#inPieces = choices.oneIn(2);
  }

  async run(): Promise<void> {
    const choices = this.#choices;
    this.#initialize(choices.oneIn(2));
    for (let unique = 1; choices.next(); unique++) {
      if (choices.oneIn(128)) this.#initialize(choices.oneIn(2));
      const { bytes, room } = makeRequest(choices, this.#known, unique);
      const sent = this.#send(bytes, room);
      if (sent.reply !== undefined) this.#check(sent);
      else {
        this.#waiting.set(unique, sent);
        this.#known.uniques.push(unique);
        if (this.#known.uniques.length > 10) this.#known.uniques.shift();
      }
      if (choices.oneIn(20)) await this.#turn();
    }
    // A session that was ended takes a new INIT.
    if (this.#rootError() !== 0) this.#initialize(true);
    promised(this.#rootError() === 0, 'the root has attributes, whatever was asked before');
  }

  /** Closes a file or a directory. */
  release(nodeid: number, fh: number): void {
    this.#send(
      fuse.encodeRequest(fuse.FUSE_RELEASE, { unique: 3, nodeid }, fuse.encode(fuse.ReleaseIn, { fh })),
      160,
    );
  }

  /** Forgets all lookups of a node. */
  forget(nodeid: number): void {
    const nlookup = Number.MAX_SAFE_INTEGER;
    this.#send(fuse.encodeRequest(fuse.FUSE_FORGET, { nodeid }, fuse.encode(fuse.ForgetIn, { nlookup })), 0);
  }

  /** Waits for everything that is still to be completed. */
  async end(): Promise<void> {
    while (this.#waiting.size > 0) await this.#turn();
  }

  async #turn(): Promise<void> {
    await setImmediate();
    for (const [unique, sent] of this.#waiting) {
      if (sent.reply === undefined) continue;
      this.#waiting.delete(unique);
      this.#check(sent);
    }
  }

  #initialize(everything: boolean): void {
    const choices = this.#choices;
    const flags = everything
      ? { flags: 0xffff_ffff, flags2: 0xffff_ffff }
      : { flags: (choices.u32() | 0x4000_0000) >>> 0, flags2: choices.u32() };
    const input = fuse.encode(fuse.InitIn, { major: 7, minor: 45, max_readahead: 65_536, ...flags });
    const { reply } = this.#send(fuse.encodeRequest(fuse.FUSE_INIT, { unique: 1 }, input), 4096);
    promised(reply !== undefined && fuse.decodeReply(reply).error === 0, 'INIT is answered');
  }

  #rootError(): number | undefined {
    const input = fuse.encode(fuse.GetattrIn, {});
    const { reply } = this.#send(
      fuse.encodeRequest(fuse.FUSE_GETATTR, { unique: 2, nodeid: 1 }, input),
      4096,
    );
    return reply && fuse.decodeReply(reply).error;
  }

  #send(bytes: Uint8Array, room: number): Sent {
    const sent: Sent = { bytes, room, reply: undefined };
    const exchange = this.#inMemory(sent) ?? this.#inBuffers(sent);
    this.#session.dispatch(exchange);
    return sent;
  }

  #inBuffers(sent: Sent): fuse.Exchange {
    const readable = new fuse.ByteSegments(sent.bytes);
    const writable = new fuse.ByteSegments(new Uint8Array(sent.room));
    return { readable, writable, complete: (length) => complete(sent, writable, length) };
  }

  #inMemory(sent: Sent): fuse.Exchange | undefined {
    const readable = this.#pieces(sent.bytes.length);
    const writable = this.#pieces(sent.room);
    if (readable === undefined || writable === undefined) return undefined;
    readable.copyIn(0, sent.bytes, 0, sent.bytes.length);
    return { readable, writable, complete: (length) => complete(sent, writable, length) };
  }

  /** So many bytes of memory that nothing else uses; undefined when there is no more. */
  #pieces(length: number): SegmentList | undefined {
    const fits = this.#used + length + MOST_PIECES <= MEMORY_SIZE && this.#usedTables + TABLE <= MEMORY_SIZE;
    if (!this.#inPieces || !fits) return undefined;
    const list = new SegmentList(MOST_PIECES, { window: tables, offset: this.#usedTables });
    this.#usedTables += TABLE;
    for (let left = length; left > 0; ) {
      const whole = list.count === MOST_PIECES - 1 || this.#choices.oneIn(2);
      const take = whole ? left : 1 + this.#choices.below(left);
      list.add(memory, this.#used, take);
      this.#used += take + 1;
      left -= take;
    }
    return list;
  }

  #check({ bytes, room, reply }: Sent): void {
    const whole = bytes.length >= fuse.InHeader.SIZE;
    const opcode = whole ? new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true) : 0;
    const about = () => `${fuse.opcodeName(opcode)} (opcode ${opcode}) with ${room} bytes of room`;
    if (reply!.length === 0) {
      const due = room >= HEADER && whole && !SILENT.has(opcode) && opcode !== fuse.FUSE_DESTROY;
      promised(!due, () => `${about()} is answered`);
      return;
    }
    promised(!SILENT.has(opcode), () => `${about()} is not answered`);
    promised(
      reply!.length >= HEADER && reply!.length <= room,
      () => `${about()}: the reply has a fitting length`,
    );
    const header = fuse.decode(fuse.OutHeader, reply!);
    promised(header.len === reply!.length, () => `${about()}: the reply says how long it is`);
    promised(
      header.error <= 0 && header.error >= -MAX_ERRNO,
      () => `${about()}: ${header.error} is an errno`,
    );
    promised(header.error === 0 || reply!.length === HEADER, () => `${about()}: an error comes alone`);
    if (whole) {
      const { unique } = fuse.decode(fuse.InHeader, bytes);
      promised(header.unique === unique, () => `${about()}: the reply is that of ${unique}`);
    }
    this.#seen(`${opcode} ${header.error}`);
    if (header.error === 0) this.#learn(bytes, fuse.decodeReply(reply!).payload);
  }

  /** What a reply tells. */
  #learn(bytes: Uint8Array, payload: Uint8Array): void {
    const { nodes, handles } = this.#known;
    const { opcode, nodeid } = fuse.decode(fuse.InHeader, bytes);
    const creates = opcode === fuse.FUSE_CREATE || opcode === fuse.FUSE_TMPFILE;
    const node = creates || ENTERING.has(opcode) ? Number(fuse.decode(fuse.EntryOut, payload).nodeid) : 0;
    if (node > 1) nodes.push(node);
    if (creates || opcode === fuse.FUSE_OPEN || opcode === fuse.FUSE_OPENDIR) {
      const { fh } = fuse.decode(fuse.OpenOut, creates ? payload.subarray(fuse.EntryOut.SIZE) : payload);
      handles.push({ node: creates ? node : Number(nodeid), fh });
    }
    while (nodes.length > 60) nodes.splice(1, 1);
    while (handles.length > 40) handles.shift();
  }
}

function complete(sent: Sent, writable: fuse.Segments, length: number): void {
  promised(sent.reply === undefined, 'a request is completed once');
  promised(length <= writable.byteLength, 'a reply fits the room for it');
  const reply = new Uint8Array(length);
  writable.copyOut(0, reply, 0, length);
  sent.reply = reply;
}
