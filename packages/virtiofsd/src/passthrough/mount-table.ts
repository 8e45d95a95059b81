import { Storage } from './storage.js';

/** What is known of one mount that the share has files on. */
export interface Mount {
  readonly index: number;
  /** As statx(2) has it. */
  readonly id: number;
  /** A real descriptor on the mount, which file handles are opened with; −1 when its nodes are found again by name. */
  readonly descriptor: number;
  nodes: number;
  /** What it lies on: one of `Storage`. */
  storage: number;
}

/** Indexes are stored in 16 bits. */
const MAX_MOUNTS = 0xffff;

/**
 * The mounts that nodes are on. Each is known as long as there are such nodes, the first one, which is the share's own,
 * always.
 */
export class MountTable {
  readonly #mounts: (Mount | undefined)[] = [];
  readonly #byId = new Map<number, Mount>();
  /** Ids of mounts, present or past. */
  readonly #remarked = new Set<number>();

  get size(): number {
    return this.#byId.size;
  }

  get isFull(): boolean {
    return this.#byId.size >= MAX_MOUNTS;
  }

  find(id: number): Mount | undefined {
    return this.#byId.get(id);
  }

  /** The mount with an index in use. */
  at(index: number): Mount {
    return this.#mounts[index]!;
  }

  /** Adds a mount that is not known, to a table that is not full. */
  add(id: number, descriptor: number): Mount {
    const free = this.#mounts.indexOf(undefined);
    const index = free < 0 ? this.#mounts.length : free;
    const mount = { index, id, descriptor, nodes: 0, storage: Storage.UNKNOWN };
    this.#mounts[index] = mount;
    this.#byId.set(id, mount);
    return mount;
  }

  /** Whether this is the first time that there is something to be said of a mount. */
  firstRemark(id: number): boolean {
    if (this.#remarked.has(id)) return false;
    this.#remarked.add(id);
    return true;
  }

  /** One node less is on a mount: the descriptor to close when that was the last one, else −1. */
  leave(index: number): number {
    const mount = this.at(index);
    if (--mount.nodes > 0 || index === 0) return -1;
    this.#byId.delete(mount.id);
    this.#mounts[index] = undefined;
    return mount.descriptor;
  }

  /** Every mount but the share's own. */
  inside(): Mount[] {
    return this.#mounts.slice(1).filter((mount) => mount !== undefined);
  }

  /** Removes every mount but the first, handing each descriptor to `close`. No nodes are left but the root. */
  clear(close: (descriptor: number) => void): void {
    for (const mount of this.#mounts.splice(1)) {
      if (!mount) continue;
      this.#byId.delete(mount.id);
      if (mount.descriptor >= 0) close(mount.descriptor);
    }
    this.at(0).nodes = 1;
  }
}
