/**
 * Which descriptors of nodes are in use by work that goes on after its request has been begun. They are few and short-lived, as
 * such work is.
 */
export class Pins {
  readonly #counts = new Map<number, number>();
  /** Pinned descriptors whose node is gone: the last pin closes them. */
  readonly #orphans = new Set<number>();

  get size(): number {
    return this.#counts.size;
  }

  has(descriptor: number): boolean {
    return this.#counts.size > 0 && this.#counts.has(descriptor);
  }

  pin(descriptor: number): void {
    this.#counts.set(descriptor, (this.#counts.get(descriptor) ?? 0) + 1);
  }

  /** Ends one pin; true when the descriptor is to be closed now. */
  unpin(descriptor: number): boolean {
    const left = (this.#counts.get(descriptor) ?? 0) - 1;
    if (left > 0) {
      this.#counts.set(descriptor, left);
      return false;
    }
    this.#counts.delete(descriptor);
    return this.#orphans.delete(descriptor);
  }

  /** The node of a descriptor is gone: true when the descriptor is pinned and will be closed by the last {@link unpin}. */
  orphan(descriptor: number): boolean {
    if (!this.has(descriptor)) return false;
    this.#orphans.add(descriptor);
    return true;
  }
}
