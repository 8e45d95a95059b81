import {
  type DirectoryEntry,
  decodeDirents,
  decodeDirentsPlus,
  FUSE_BATCH_FORGET,
  FUSE_CREATE,
  FUSE_GETATTR,
  FUSE_INIT,
  FUSE_LINK,
  FUSE_LOOKUP,
  FUSE_MKDIR,
  FUSE_MKNOD,
  FUSE_OPEN,
  FUSE_OPENDIR,
  FUSE_READDIR,
  FUSE_READDIRPLUS,
  FUSE_RELEASE,
  FUSE_RELEASEDIR,
  FUSE_ROOT_ID,
  FUSE_SETATTR,
  FUSE_SYMLINK,
  FUSE_TMPFILE,
  MalformedReplyError,
  type Struct,
  structs,
  type U64,
} from '@vfs/fuse-proto';
import { LAYOUTS } from './layouts.js';
import { InMessage, type OutMessage } from './messages.js';

const ROOT = BigInt(FUSE_ROOT_ID);

/** Arguments that name a node, or something open. */
const NODE_FIELDS = new Set(['newdir', 'oldnodeid', 'nodeid_out']);
const HANDLE_FIELDS = new Set(['fh', 'fh_in', 'fh_out']);
/** Where a handle is optional: one that is unknown is none. */
const MAY_LACK_HANDLE = new Set<number>([FUSE_GETATTR, FUSE_SETATTR]);

const ENTRY_FIRST = new Set<number>([
  FUSE_LOOKUP,
  FUSE_MKNOD,
  FUSE_MKDIR,
  FUSE_SYMLINK,
  FUSE_LINK,
  FUSE_CREATE,
  FUSE_TMPFILE,
]);
const OPEN_FIRST = new Set<number>([FUSE_OPEN, FUSE_OPENDIR]);
const OPEN_AFTER_ENTRY = new Set<number>([FUSE_CREATE, FUSE_TMPFILE]);

const READ_OFFSET = InMessage.SIZE + offsetOf(structs.fuse_read_in, 'offset');
const READ_FH = InMessage.SIZE + offsetOf(structs.fuse_read_in, 'fh');
const RELEASE_FH = InMessage.SIZE + offsetOf(structs.fuse_release_in, 'fh');
const ENTRY_SIZE = structs.fuse_entry_out.size;
const FORGET_LIST = InMessage.SIZE + structs.fuse_batch_forget_in.size;
const FORGET_ONE = structs.fuse_forget_one.size;

/** What a directory's listings had so far, by name: on the side of the recording and on that of the replay. */
interface Listing {
  readonly recorded: Map<string, ListedEntry>;
  readonly replayed: Map<string, ListedEntry>;
  /** Names by the position behind them, as recorded. */
  readonly names: Map<bigint, string>;
  /** The last position of the replay. */
  last: bigint;
}

interface ListedEntry {
  readonly off: bigint;
  readonly nodeid: bigint;
}

/**
 * Knows which nodes, handles and positions in directories of a replay stand for those of the recording: a file system gives them as it
 * likes.
 */
export class Translation {
  readonly #nodes = new Map<bigint, bigint>([[ROOT, ROOT]]);
  readonly #handles = new Map<bigint, bigint>();
  /** By the recorded handle. */
  readonly #listings = new Map<bigint, Listing>();

  /**
   * Translates a request in place.
   *
   * @returns false when it names what the replay does not have, because what should have made it came out differently, or came
   *   before the recording began
   */
  request(message: InMessage): boolean {
    const { opcode, bytes } = message;
    if (opcode === FUSE_INIT) this.#clear();
    if (opcode === FUSE_BATCH_FORGET) return this.#forgetList(bytes);
    const nodeid = this.#node(message.nodeid);
    if (nodeid === undefined) return false;
    const { input } = LAYOUTS[opcode] ?? {};
    const listing = opcode === FUSE_READDIR || opcode === FUSE_READDIRPLUS;
    if (listing && bytes.length >= InMessage.SIZE + structs.fuse_read_in.size) this.#position(bytes);
    if (input && bytes.length >= InMessage.SIZE + input.size && !this.#arguments(opcode, input, bytes)) {
      return false;
    }
    message.nodeid = nodeid;
    return true;
  }

  /** Learns from a reply of the recording and that of the replay, which are both no errors. @param request - as recorded */
  reply(request: Buffer, recorded: OutMessage, replayed: OutMessage): void {
    const { opcode } = new InMessage(request);
    const [old, own] = [recorded.payload, replayed.payload];
    if (ENTRY_FIRST.has(opcode) && old.length >= 8 && own.length >= 8) {
      this.#learnNode(old.readBigUInt64LE(), own.readBigUInt64LE());
    }
    const open = OPEN_FIRST.has(opcode) ? 0 : OPEN_AFTER_ENTRY.has(opcode) ? ENTRY_SIZE : -1;
    if (open >= 0 && old.length >= open + 8 && own.length >= open + 8) {
      this.#handles.set(old.readBigUInt64LE(open), own.readBigUInt64LE(open));
    }
    if ((opcode === FUSE_READDIR || opcode === FUSE_READDIRPLUS) && request.length >= READ_FH + 8) {
      this.#learnListing(request.readBigUInt64LE(READ_FH), opcode, old, own);
    }
    if ((opcode === FUSE_RELEASE || opcode === FUSE_RELEASEDIR) && request.length >= RELEASE_FH + 8) {
      const handle = request.readBigUInt64LE(RELEASE_FH);
      this.#handles.delete(handle);
      this.#listings.delete(handle);
    }
  }

  #clear(): void {
    this.#nodes.clear();
    this.#nodes.set(ROOT, ROOT);
    this.#handles.clear();
    this.#listings.clear();
  }

  /** 0 stands for no node. */
  #node(recorded: bigint): bigint | undefined {
    return recorded === 0n ? 0n : this.#nodes.get(recorded);
  }

  #learnNode(recorded: bigint, replayed: bigint): void {
    if (recorded !== 0n && replayed !== 0n) this.#nodes.set(recorded, replayed);
  }

  #arguments(opcode: number, input: Struct, bytes: Buffer): boolean {
    for (const { name, offset } of input.fields) {
      const at = InMessage.SIZE + offset;
      if (NODE_FIELDS.has(name)) {
        const node = this.#node(bytes.readBigUInt64LE(at));
        if (node === undefined) return false;
        bytes.writeBigUInt64LE(node, at);
      } else if (HANDLE_FIELDS.has(name)) {
        const handle = this.#handles.get(bytes.readBigUInt64LE(at));
        if (handle === undefined && !MAY_LACK_HANDLE.has(opcode)) return false;
        bytes.writeBigUInt64LE(handle ?? 0n, at);
      }
    }
    return true;
  }

  /** Nodes that the replay does not have become the root, whose lookups are not counted. */
  #forgetList(bytes: Buffer): boolean {
    for (let at = FORGET_LIST; at + FORGET_ONE <= bytes.length; at += FORGET_ONE) {
      bytes.writeBigUInt64LE(this.#node(bytes.readBigUInt64LE(at)) ?? ROOT, at);
    }
    return true;
  }

  #position(bytes: Buffer): void {
    const offset = bytes.readBigUInt64LE(READ_OFFSET);
    if (offset === 0n) return;
    const listing = this.#listings.get(bytes.readBigUInt64LE(READ_FH));
    const name = listing?.names.get(offset);
    const own = name === undefined ? undefined : listing?.replayed.get(name)?.off;
    bytes.writeBigUInt64LE(own ?? listing?.last ?? 0n, READ_OFFSET);
  }

  #learnListing(handle: bigint, opcode: number, old: Buffer, own: Buffer): void {
    const listing = this.#listings.get(handle) ?? {
      recorded: new Map(),
      replayed: new Map(),
      names: new Map(),
      last: 0n,
    };
    this.#listings.set(handle, listing);
    for (const [name, entry] of entriesOf(opcode, old)) {
      listing.recorded.set(name, entry);
      listing.names.set(entry.off, name);
      const other = listing.replayed.get(name);
      if (other) this.#learnNode(entry.nodeid, other.nodeid);
    }
    for (const [name, entry] of entriesOf(opcode, own)) {
      listing.replayed.set(name, entry);
      listing.last = entry.off;
      const other = listing.recorded.get(name);
      if (other) this.#learnNode(other.nodeid, entry.nodeid);
    }
  }
}

function entriesOf(opcode: number, payload: Buffer): [name: string, entry: ListedEntry][] {
  const named = ({ name, off }: DirectoryEntry, nodeid: U64): [string, ListedEntry] => [
    Buffer.from(name).toString('latin1'),
    { off: BigInt(off), nodeid: BigInt(nodeid) },
  ];
  try {
    if (opcode === FUSE_READDIR) return decodeDirents(payload).map((each) => named(each, 0));
    return decodeDirentsPlus(payload).map((each) => named(each, each.entry.nodeid));
  } catch (error) {
    // What was recorded of it may end in the midst of an entry.
    if (!(error instanceof MalformedReplyError)) throw error;
    return [];
  }
}

function offsetOf(struct: Struct, name: string): number {
  return struct.fields.find((field) => field.name === name)!.offset;
}
