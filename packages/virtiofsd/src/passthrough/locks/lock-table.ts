import { EINTR } from '@vfs/sys';
import type { Share } from '../share.js';
import type { ByteRange } from './byte-ranges.js';
import { FileLocks } from './file-locks.js';
import { LockQueue } from './lock-queue.js';

/** So many ranges a guest may have locked: each takes memory here and in the host's kernel. */
export const MAX_RANGES = 65_536;

/** The locks that a guest has on files of a share, and the requests that wait for some. */
export class LockTable {
  /** Files with POSIX locks, by node. */
  readonly #files = new Map<number, FileLocks>();
  readonly queue = new LockQueue();
  /** How many ranges are locked, of all files. */
  ranges = 0;

  /** How many files have POSIX locks. */
  get size(): number {
    return this.#files.size;
  }

  /** The locks of a file, if it has any. */
  of(node: number): FileLocks | undefined {
    return this.#files.get(node);
  }

  /** Changes the locks of a file, by something that may add and remove some: its result. */
  change(share: Share, node: number, change: (file: FileLocks) => number): number {
    const file = this.#files.get(node) ?? new FileLocks();
    const before = file.count;
    const result = change(file);
    this.ranges += file.count - before;
    if (file.owners.size > 0) {
      this.#files.set(node, file);
    } else {
      file.close(share);
      this.#files.delete(node);
    }
    return result;
  }

  /** Who waits for what, as far as it can be part of a circle. */
  *waitingRecords(): Generator<{ node: number; owner: bigint; wanted: ByteRange }> {
    for (const { node, record } of this.queue) if (record !== undefined) yield { node, ...record };
  }

  /** Forgets everything. */
  clear(share: Share): void {
    this.queue.cancel(() => true, -EINTR);
    for (const file of this.#files.values()) file.drop(share);
    this.#files.clear();
    this.ranges = 0;
  }
}
