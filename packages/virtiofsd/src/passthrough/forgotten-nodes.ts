import { raw } from '@vfs/sys';
import { removeIdle } from './descriptor-room.js';
import { CLOSED } from './node-table.js';
import type { Share } from './share.js';
import { enlarged } from './slot-ids.js';
import { STATX_MASK, STATX_WORD } from './statx.js';

/** How long a forgotten node is kept at least, in milliseconds; at most twice as long. */
const KEPT_FOR = 1000;
const FIRST_CAPACITY = 256;
/** The mount of the share itself. */
const OWN_MOUNT = 0;

/**
 * Nodes that the guest has just forgotten, and may ask for again: until then they keep their descriptor for a moment, so that a guest that
 * looks up and forgets the same files over and over costs one system call a lookup and none a forget.
 *
 * To the guest they are gone: their ids are ESTALE. Nothing is held back for it: a file whose last name the guest has removed is let go at
 * once, a submount stays free to be unmounted, and descriptors that are needed otherwise come from here first.
 */
export class ForgottenNodes implements Disposable {
  readonly #share: Share;
  readonly #limit: number;
  /** Slots in the order in which they were forgotten, at their number modulo the size; what was looked up again is still there. */
  readonly #ring: Uint32Array;
  /** Per slot: the number under which it was forgotten, plus one; 0: it is not here. */
  #numbers = new Float64Array(FIRST_CAPACITY);
  /** Per slot: the removals of names that there had been when the guest looked it up last. */
  #seen = new Uint32Array(FIRST_CAPACITY);
  #removals = 0;
  #first = 0;
  #end = 0;
  /** Those below are older than one period. */
  #old = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param limit - how many to keep; 0: none */
  constructor(share: Share, limit: number) {
    this.#share = share;
    this.#limit = limit;
    this.#ring = new Uint32Array(limit);
  }

  /** A file may have lost a name by the guest's will. */
  nameRemoved(): void {
    this.#removals = (this.#removals + 1) >>> 0;
  }

  /** The guest has looked up a node. */
  lookedUp(slot: number): void {
    if (this.#limit === 0) return;
    if (slot >= this.#seen.length) this.#grow(slot);
    this.#seen[slot] = this.#removals;
  }

  /** Takes a node that nobody refers to any more. False: it is to be removed. */
  keep(slot: number): boolean {
    const { nodes } = this.#share;
    if (this.#limit === 0 || slot >= this.#seen.length) return false;
    const descriptor = nodes.descriptorOf(slot);
    if (descriptor === CLOSED || nodes.mountOf(slot) !== OWN_MOUNT || nodes.isAdrift(slot)) return false;
    if (this.#seen[slot] !== this.#removals && this.#isGone(descriptor)) return false;
    if (!nodes.renewId(slot)) return false;
    // Its earlier place, if it has one, counts no more: nor may it be what makes room for itself.
    this.#numbers[slot] = 0;
    if (this.#end - this.#first === this.#limit) this.#drop();
    this.#ring[this.#end % this.#limit] = slot;
    this.#end++;
    this.#numbers[slot] = this.#end;
    this.#timer ??= setTimeout(this.#age, KEPT_FOR).unref();
    return true;
  }

  /** A node has been removed. */
  removed(slot: number): void {
    if (slot < this.#numbers.length) this.#numbers[slot] = 0;
  }

  /** Removes the one that was forgotten first; false when there is none. */
  removeOldest(): boolean {
    while (this.#first < this.#end) if (this.#drop()) return true;
    return false;
  }

  /** Removes them all. */
  clear(): void {
    while (this.#first < this.#end) this.#drop();
    this.#first = this.#end = this.#old = 0;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Whether the file has no name left. */
  #isGone(descriptor: number): boolean {
    const { window, otherStatx } = this.#share.scratch;
    const error = raw.statxFd(descriptor, STATX_MASK, window.id, otherStatx);
    return error < 0 || window.u32[(otherStatx >> 2) + STATX_WORD.nlink] === 0;
  }

  /** Takes the oldest one out, and removes it unless it is in use again: whether it was removed. */
  #drop(): boolean {
    const slot = this.#ring[this.#first % this.#limit]!;
    this.#first++;
    if (this.#numbers[slot] !== this.#first) return false;
    this.#numbers[slot] = 0;
    if (!this.#share.nodes.isIdle(slot)) return false;
    removeIdle(this.#share, slot);
    return true;
  }

  readonly #age = (): void => {
    while (this.#first < this.#old) this.#drop();
    this.#old = this.#end;
    this.#timer = this.#first < this.#end ? setTimeout(this.#age, KEPT_FOR).unref() : undefined;
  };

  #grow(slot: number): void {
    let capacity = this.#seen.length;
    while (capacity <= slot) capacity *= 2;
    this.#seen = enlarged(this.#seen, new Uint32Array(capacity));
    this.#numbers = enlarged(this.#numbers, new Float64Array(capacity));
  }
}
