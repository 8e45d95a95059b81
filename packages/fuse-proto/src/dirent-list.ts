import { direntplusSize, direntSize, FUSE_NAME_OFFSET } from './abi/dirent.js';
import type { U64 } from './abi/u64.js';
import { EntryOut } from './abi/views.js';

const encoder = new TextEncoder();

/** Writes one dirent with its padding; the caller has checked that it fits. */
function putDirent(
  bytes: Uint8Array,
  data: DataView,
  at: number,
  inoLo: number,
  inoHi: number,
  offLo: number,
  offHi: number,
  type: number,
  name: Uint8Array,
  nameOffset: number,
  nameLength: number,
): void {
  data.setUint32(at, inoLo, true);
  data.setUint32(at + 4, inoHi, true);
  data.setUint32(at + 8, offLo, true);
  data.setUint32(at + 12, offHi, true);
  data.setUint32(at + 16, nameLength, true);
  data.setUint32(at + 20, type, true);
  const start = at + FUSE_NAME_OFFSET;
  for (let i = 0; i < nameLength; i++) bytes[start + i] = name[nameOffset + i]!;
  // The buffer held other replies before: nothing of them may leak through the padding.
  const end = at + direntSize(nameLength);
  for (let i = start + nameLength; i < end; i++) bytes[i] = 0;
}

const low = (value: U64) => (typeof value === 'number' ? value >>> 0 : Number(value & 0xffff_ffffn));
const high = (value: U64) =>
  typeof value === 'number' ? Math.floor(value / 0x1_0000_0000) : Number((value >> 32n) & 0xffff_ffffn);

/** What {@link DirentList} and {@link DirentPlusList} share: a stretch of the reply buffer being filled. */
abstract class RecordList {
  protected bytes: Uint8Array = new Uint8Array(0);
  protected data: DataView = new DataView(new ArrayBuffer(0));
  protected start = 0;
  /** Bytes that may be used. */
  limit = 0;
  /** Bytes used so far: the length of the reply. */
  byteLength = 0;
  /** Records added so far. */
  count = 0;
  /** Bytes of a record in front of its dirent, a multiple of 8. */
  readonly #head: number;

  constructor(head: number) {
    this.#head = head;
  }

  /** Starts an empty list of at most `limit` bytes in `data` from `start`. */
  reset(data: DataView, bytes: Uint8Array, start: number, limit: number): void {
    this.data = data;
    this.bytes = bytes;
    this.start = start;
    this.limit = limit;
    this.byteLength = 0;
    this.count = 0;
    this.prepare();
  }

  /** As `add`, with whole numbers and text. Convenient, not fast. */
  addEntry(ino: U64, off: U64, type: number, name: string): boolean {
    const bytes = encoder.encode(name);
    return this.add(low(ino), high(ino), low(off), high(off), type, bytes, 0, bytes.length);
  }

  /** Whether a record with a name of `nameLength` bytes fits. */
  fits(nameLength: number): boolean {
    return this.byteLength + this.#head + direntSize(nameLength) <= this.limit;
  }

  /**
   * Appends a record: inode number and cookie as 32-bit halves, type as in `d_type`, and the name. The cookie
   * is what the reader passes as `offset` to continue *after* this record.
   * Returns false, and writes nothing, if it does not fit: the list is full.
   */
  add(
    inoLo: number,
    inoHi: number,
    offLo: number,
    offHi: number,
    type: number,
    nameBytes: Uint8Array,
    nameOffset: number,
    nameLength: number,
  ): boolean {
    if (!this.fits(nameLength)) return false;
    const at = this.start + this.byteLength + this.#head;
    putDirent(this.bytes, this.data, at, inoLo, inoHi, offLo, offHi, type, nameBytes, nameOffset, nameLength);
    this.byteLength += this.#head + direntSize(nameLength);
    this.count++;
    this.prepare();
    return true;
  }

  /** Called when the place of the next record is known. */
  protected prepare(): void {}
}

/** The reply of READDIR. */
export class DirentList extends RecordList {
  constructor() {
    super(0);
  }
}

/**
 * The reply of READDIRPLUS: each record has an entry like that of LOOKUP. Ask `fits` before taking a lookup
 * reference, fill `entry`, then `add` commits both. An entry left zero (nodeid 0) means "not looked up": right
 * for "." and "..", and for a name whose lookup failed.
 *
 * The `data` given to `reset` must reach EntryOut.SIZE beyond `limit`, so that `entry` always has a place.
 */
export class DirentPlusList extends RecordList {
  /** The entry of the next record; zero until filled. */
  readonly entry = new EntryOut(new DataView(new ArrayBuffer(EntryOut.SIZE)));

  constructor() {
    super(EntryOut.SIZE);
  }

  /** Visits the entries added so far, for layers that change something in them. */
  forEachEntry(visit: (entry: EntryOut) => void): void {
    const entry = new EntryOut(this.data);
    for (let at = 0; at < this.byteLength; ) {
      entry.attach(this.data, this.start + at);
      visit(entry);
      const namelen = this.data.getUint32(this.start + at + EntryOut.SIZE + 16, true);
      at += direntplusSize(namelen);
    }
  }

  protected override prepare(): void {
    const at = this.start + this.byteLength;
    this.entry.attach(this.data, at);
    this.bytes.fill(0, at, at + EntryOut.SIZE);
  }
}
