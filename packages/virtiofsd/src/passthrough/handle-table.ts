import type { DirectoryStream } from './directory-stream.js';
import { enlarged, NO_SLOT, SlotIds } from './slot-ids.js';

/** One open handle as plain data, for handing the table to another process. */
export interface HandleRecord {
  readonly id: number;
  readonly node: number;
  readonly descriptor: number;
  /** The flags it was opened with, as given to openat. */
  readonly flags: number;
  readonly isDirectory: boolean;
}

/**
 * What the guest has open: per handle the descriptor, the node it belongs to and the open flags; for a directory also
 * the {@link DirectoryStream} that reads it.
 */
export class HandleTable {
  readonly #ids = new SlotIds();
  #descriptors = new Int32Array(this.#ids.capacity);
  #flags = new Int32Array(this.#ids.capacity);
  #nodes = new Float64Array(this.#ids.capacity);
  /** What has been found out about what the file lies on; only the thread pool's users want to know. */
  #storage = new Uint8Array(this.#ids.capacity);
  readonly #streams: (DirectoryStream | undefined)[] = [];

  get size(): number {
    return this.#ids.inUse;
  }

  /** More than every id that has been given out. */
  get bound(): number {
    return this.#ids.bound;
  }

  /** Handles are about to come from another process, with ids below `bound`. @throws RangeError */
  expectForeign(bound: number): void {
    this.#ids.expectForeign(bound);
  }

  /**
   * Adds a handle: its slot, or NO_SLOT when the table is full.
   *
   * @param foreign the id to give it, one of those announced to {@link expectForeign}; else its own
   */
  add(node: number, descriptor: number, flags: number, stream?: DirectoryStream, foreign?: number): number {
    const slot = foreign === undefined ? this.#ids.acquire() : this.#ids.adopt(foreign);
    if (slot === NO_SLOT) return NO_SLOT;
    if (slot >= this.#flags.length) this.#grow();
    this.#nodes[slot] = node;
    this.#descriptors[slot] = descriptor;
    this.#flags[slot] = flags;
    this.#storage[slot] = 0;
    this.#streams[slot] = stream;
    return slot;
  }

  /** The slot of the handle with these halves, if it belongs to that node; else NO_SLOT. */
  slotOf(idLo: number, idHi: number, node: number): number {
    const slot = this.#ids.slotOf(idHi * 2 ** 32 + idLo);
    return slot !== NO_SLOT && this.#nodes[slot] === node ? slot : NO_SLOT;
  }

  idOf(slot: number): number {
    return this.#ids.idOf(slot);
  }

  descriptorOf(slot: number): number {
    return this.#descriptors[slot]!;
  }

  /** The flags it was opened with, as given to openat. */
  flagsOf(slot: number): number {
    return this.#flags[slot]!;
  }

  /** What {@link setStorage} said; 0 for a new handle. */
  storageOf(slot: number): number {
    return this.#storage[slot]!;
  }

  setStorage(slot: number, storage: number): void {
    this.#storage[slot] = storage;
  }

  /** The stream of a directory; undefined for a file. */
  streamOf(slot: number): DirectoryStream | undefined {
    return this.#streams[slot];
  }

  /** Removes a handle; the caller closes its descriptor, which is the result. */
  remove(slot: number): number {
    this.#streams[slot]?.close();
    this.#streams[slot] = undefined;
    this.#ids.release(slot);
    return this.#descriptors[slot]!;
  }

  /** Removes every handle, giving each descriptor to `close`. */
  clear(close: (descriptor: number) => void): void {
    for (let slot = 1; slot < this.#ids.end; slot++) {
      if (this.#ids.isInUse(slot)) close(this.remove(slot));
    }
  }

  /** Every handle, in no particular order. */
  *records(): Generator<HandleRecord> {
    for (let slot = 1; slot < this.#ids.end; slot++) {
      if (!this.#ids.isInUse(slot)) continue;
      yield {
        id: this.#ids.idOf(slot),
        node: this.#nodes[slot]!,
        descriptor: this.#descriptors[slot]!,
        flags: this.#flags[slot]!,
        isDirectory: this.#streams[slot] !== undefined,
      };
    }
  }

  #grow(): void {
    const capacity = this.#ids.capacity;
    this.#descriptors = enlarged(this.#descriptors, new Int32Array(capacity));
    this.#flags = enlarged(this.#flags, new Int32Array(capacity));
    this.#nodes = enlarged(this.#nodes, new Float64Array(capacity));
    this.#storage = enlarged(this.#storage, new Uint8Array(capacity));
  }
}
