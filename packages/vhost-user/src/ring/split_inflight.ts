import { Struct } from '../message/struct.js';

/** QueueRegionSplit without its array (specification: "Inflight I/O tracking"). */
export const queueRegionSplit = new Struct('QueueRegionSplit', {
  features: 'u64',
  version: 'u16',
  desc_num: 'u16',
  last_batch_head: 'u16',
  used_idx: 'u16',
});

/** DescStateSplit: one per descriptor. */
export const descStateSplit = new Struct('DescStateSplit', {
  inflight: 'u8',
  padding: [5],
  next: 'u16',
  counter: 'u64',
});

const REGION = queueRegionSplit.offsets;
const STATE = descStateSplit.offsets;
const VERSION = 1;
/** Regions of queues begin at multiples of this, so that no two share a cache line. */
const ALIGNMENT = 64;

/** Bytes of the region of a split queue of `size`, to the next region. */
export function splitInflightSize(size: number): number {
  return Math.ceil((queueRegionSplit.size + descStateSplit.size * size) / ALIGNMENT) * ALIGNMENT;
}

/**
 * Which requests of a split queue are in flight, in memory that survives this process: another one that finds the ring
 * and this region executes exactly the requests that were not completed, in their order.
 *
 * The order of the writes is the specification's: at whatever instruction the process dies, the region and the used
 * index together tell what had happened.
 */
export class SplitInflight {
  readonly #view: DataView;
  readonly #size: number;
  #counter = 0n;
  /** Heads given back since the last {@link published}. */
  #batch: number[] = [];

  /** @param region - {@link splitInflightSize} bytes; zeroed when it was never used */
  constructor(region: Uint8Array, size: number) {
    this.#view = new DataView(region.buffer, region.byteOffset, region.length);
    this.#size = size;
  }

  /**
   * Takes up what the process before has left.
   *
   * @param usedIndex - the index of the used ring
   * @returns heads of the chains to execute again, in order; undefined when the region was never used
   */
  recover(usedIndex: number): number[] | undefined {
    const view = this.#view;
    if (view.getUint16(REGION.version, true) !== VERSION) {
      view.setUint16(REGION.desc_num, this.#size, true);
      view.setUint16(REGION.used_idx, usedIndex, true);
      view.setUint16(REGION.version, VERSION, true);
      return undefined;
    }
    // The batch was published, and perhaps not all of it was marked as done.
    let left = (usedIndex - view.getUint16(REGION.used_idx, true)) & 0xffff;
    let head = view.getUint16(REGION.last_batch_head, true);
    for (; left > 0 && head < this.#size; left--) {
      view.setUint8(this.#at(head) + STATE.inflight, 0);
      head = view.getUint16(this.#at(head) + STATE.next, true);
    }
    view.setUint16(REGION.used_idx, usedIndex, true);
    const heads: number[] = [];
    for (let i = 0; i < this.#size; i++) if (view.getUint8(this.#at(i) + STATE.inflight) !== 0) heads.push(i);
    heads.sort((a, b) => (this.#counterOf(a) < this.#counterOf(b) ? -1 : 1));
    const newest = heads.at(-1);
    this.#counter = newest === undefined ? 0n : this.#counterOf(newest) + 1n;
    return heads;
  }

  /** A chain was taken from the available ring. */
  taken(head: number): void {
    const at = this.#at(head);
    this.#view.setBigUint64(at + STATE.counter, this.#counter++, true);
    this.#view.setUint8(at + STATE.inflight, 1);
  }

  /** A chain was put on the used ring, which does not show it yet. */
  returned(head: number): void {
    this.#view.setUint16(
      this.#at(head) + STATE.next,
      this.#view.getUint16(REGION.last_batch_head, true),
      true,
    );
    this.#view.setUint16(REGION.last_batch_head, head, true);
    this.#batch.push(head);
  }

  /** The used ring shows all chains returned, up to `usedIndex`. */
  published(usedIndex: number): void {
    for (const head of this.#batch) this.#view.setUint8(this.#at(head) + STATE.inflight, 0);
    this.#batch.length = 0;
    this.#view.setUint16(REGION.used_idx, usedIndex, true);
  }

  #at(head: number): number {
    return queueRegionSplit.size + descStateSplit.size * head;
  }

  #counterOf(head: number): bigint {
    return this.#view.getBigUint64(this.#at(head) + STATE.counter, true);
  }
}
