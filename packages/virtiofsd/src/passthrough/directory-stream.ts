import { raw, SEEK_SET } from '@vfs/sys';
import { CHUNK_SIZE, type ChunkHolder, type ChunkPool } from './chunk-pool.js';
import type { Scratch } from './scratch.js';

// struct linux_dirent64
const D_OFF = 8;
const D_RECLEN = 16;
const D_TYPE = 18;
const D_NAME = 19;

/**
 * Reads one open directory in the order of the kernel's cookies.
 *
 * The entries of a getdents64 call that did not fit into a reply are kept, together with the cookie they follow. A guest that goes on from
 * there, as all do, is served without a seek and without reading anything twice, which matters in directories
 * where the kernel answers a seek by a search.
 */
export class DirectoryStream implements ChunkHolder {
  // The current entry, valid after next() returned 1.
  inoLo = 0;
  inoHi = 0;
  /** The cookie after this entry. */
  offLo = 0;
  offHi = 0;
  type = 0;
  /** Place of the name in the pool's window; it is followed by a NUL. */
  nameOffset = 0;
  nameLength = 0;

  readonly #descriptor: number;
  readonly #pool: ChunkPool;
  readonly #scratch: Scratch;
  #chunk = -1;
  #at = 0;
  #end = 0;
  // The cookie of the entry at #at.
  #cookieLo = 0;
  #cookieHi = 0;
  /** False when the kernel's position is not where our reader would go on. */
  #inStep = true;
  /** True after anything was read, so that going to the beginning again means: as it is now. */
  #used = false;

  constructor(descriptor: number, pool: ChunkPool, scratch: Scratch) {
    this.#descriptor = descriptor;
    this.#pool = pool;
    this.#scratch = scratch;
  }

  /** Goes to the entry that follows a cookie (0: the first): 0 or −errno. */
  seek(cookieLo: number, cookieHi: number): number {
    const rewinds = cookieLo === 0 && cookieHi === 0 && this.#used;
    if (this.#inStep && !rewinds && cookieLo === this.#cookieLo && cookieHi === this.#cookieHi) return 0;
    this.pause();
    this.#drop();
    const { window, result } = this.#scratch;
    const error = raw.lseek(this.#descriptor, cookieLo, cookieHi, SEEK_SET, window.id, result);
    this.#inStep = error === 0;
    if (error < 0) return error;
    this.#cookieLo = cookieLo;
    this.#cookieHi = cookieHi;
    this.#used = false;
    return 0;
  }

  /** Makes the next entry the current one without passing it: 1, 0 at the end, or −errno. */
  next(): number {
    if (this.#at === this.#end) {
      const filled = this.#fill();
      if (filled <= 0) return filled;
    }
    const { u8, view } = this.#pool.window;
    const record = this.#chunk + this.#at;
    this.inoLo = view.getUint32(record, true);
    this.inoHi = view.getUint32(record + 4, true);
    this.offLo = view.getUint32(record + D_OFF, true);
    this.offHi = view.getUint32(record + D_OFF + 4, true);
    this.type = u8[record + D_TYPE]!;
    this.nameOffset = record + D_NAME;
    let end = this.nameOffset;
    while (u8[end] !== 0) end++;
    this.nameLength = end - this.nameOffset;
    return 1;
  }

  /** Passes the current entry. */
  advance(): void {
    this.#at += this.#pool.window.view.getUint16(this.#chunk + this.#at + D_RECLEN, true);
    this.#cookieLo = this.offLo;
    this.#cookieHi = this.offHi;
    this.#used = true;
  }

  /** The end of a request: a chunk without entries goes back. */
  pause(): void {
    if (this.#chunk >= 0 && this.#at === this.#end) this.#drop();
  }

  close(): void {
    this.#drop();
  }

  chunkTaken(): void {
    this.#inStep = this.#at === this.#end;
    this.#chunk = -1;
    this.#at = this.#end = 0;
  }

  #fill(): number {
    if (this.#chunk < 0) this.#chunk = this.#pool.take(this);
    const count = raw.getdents64(this.#descriptor, this.#pool.window.id, this.#chunk, CHUNK_SIZE);
    this.#at = 0;
    this.#end = Math.max(count, 0);
    return Math.sign(count) === 1 ? 1 : count;
  }

  #drop(): void {
    if (this.#chunk < 0) return;
    this.#pool.give(this);
    this.chunkTaken();
  }
}
