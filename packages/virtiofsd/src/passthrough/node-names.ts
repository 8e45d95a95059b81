import { enlarged, NO_SLOT } from './slot-ids.js';

/**
 * In which directory each node was found last, and what tells its file from another one that gets the same inode number later. The
 * names themselves are among the ways back of the node table.
 *
 * A directory in which some node was found is needed as long as that node may have to be found again. Therefore children are counted.
 * The columns take no memory until the first node has a name.
 */
export class NodeNames {
  #parents = new Uint32Array(0);
  #children = new Uint32Array(0);
  /** Two words for each. */
  #fingerprints = new Uint32Array(0);

  #inUse = 0;

  /** How many nodes have a parent. */
  get inUse(): number {
    return this.#inUse;
  }

  parentOf(slot: number): number {
    return this.#parents[slot] ?? NO_SLOT;
  }

  hasChildren(slot: number): boolean {
    return (this.#children[slot] ?? 0) > 0;
  }

  /** Sets the parent of a node that has none: false when the node is above that parent, as old names have it. */
  setParent(slot: number, parent: number, capacity: number): boolean {
    if (this.#parents.length < capacity) this.#grow(capacity);
    if (slot === parent || (this.#children[slot]! > 0 && this.#isAbove(slot, parent))) return false;
    this.#parents[slot] = parent;
    this.#children[parent]! += 1;
    this.#inUse++;
    return true;
  }

  /** Takes the parent of a node away: what it was. */
  clearParent(slot: number): number {
    const parent = this.parentOf(slot);
    if (parent !== NO_SLOT) {
      this.#parents[slot] = NO_SLOT;
      this.#children[parent]! -= 1;
      this.#inUse--;
    }
    return parent;
  }

  setFingerprint(slot: number, first: number, second: number): void {
    this.#fingerprints[slot * 2] = first;
    this.#fingerprints[slot * 2 + 1] = second;
  }

  hasFingerprint(slot: number, first: number, second: number): boolean {
    return this.#fingerprints[slot * 2] === first && this.#fingerprints[slot * 2 + 1] === second;
  }

  clear(): void {
    this.#inUse = 0;
    this.#parents = new Uint32Array(0);
    this.#children = new Uint32Array(0);
    this.#fingerprints = new Uint32Array(0);
  }

  /** Directories can change places on the host between two lookups, so what is remembered could become a circle. */
  #isAbove(slot: number, parent: number): boolean {
    let above = parent;
    while (above !== slot && above !== NO_SLOT) above = this.#parents[above]!;
    return above === slot;
  }

  #grow(capacity: number): void {
    this.#parents = enlarged(this.#parents, new Uint32Array(capacity));
    this.#children = enlarged(this.#children, new Uint32Array(capacity));
    this.#fingerprints = enlarged(this.#fingerprints, new Uint32Array(capacity * 2));
  }
}
