import { RingError } from '../errors.js';
import { Append, type GuestMemory } from '../memory/guest_memory.js';
import { hex } from '../u64.js';
import type { Chain } from './chain.js';
import type { ChainPool } from './chain_pool.js';
import type { IndirectTable } from './indirect_table.js';
import { DescriptorFlag, descriptorLayout } from './layout.js';

/** Fewest descriptors that one chain may have, however small the ring: Linux builds indirect tables longer than its ring. */
const MIN_CHAIN_LIMIT = 1024;
/** A descriptor may become several segments where it crosses the edges of regions; a chain at most this many per descriptor. */
const SEGMENTS_PER_DESCRIPTOR = 4;
/** Largest indirect table: descriptors name each other in 16 bits. */
const MAX_INDIRECT = 65536;

/** Puts descriptors together to chains, and checks what virtio demands of every chain, whatever the kind of ring. */
export class ChainBuilder {
  readonly #pool: ChainPool;
  readonly #size: number;
  readonly #limit: number;
  readonly #indirect: boolean;
  #chain!: Chain;
  #memory!: GuestMemory;
  #descriptors = 0;
  #bytes = 0;

  /**
   * @param size - the ring's
   * @param indirect - VIRTIO_F_INDIRECT_DESC was negotiated
   */
  constructor(pool: ChainPool, size: number, indirect: boolean) {
    this.#pool = pool;
    this.#size = size;
    this.#limit = Math.max(size, MIN_CHAIN_LIMIT);
    this.#indirect = indirect;
  }

  /** A new chain, whose descriptors point into `memory`. */
  begin(memory: GuestMemory): Chain {
    this.#memory = memory;
    this.#descriptors = 0;
    this.#bytes = 0;
    this.#chain = this.#pool.get();
    return this.#chain;
  }

  /**
   * Appends a buffer.
   *
   * @param nested - its descriptor comes from an indirect table
   * @throws RingError
   */
  append(flags: number, addressLow: number, addressHigh: number, length: number, nested: boolean): void {
    if (++this.#descriptors > (nested ? this.#limit : this.#size)) {
      throw new RingError('CHAIN_TOO_LONG', `a chain has more than ${this.#descriptors - 1} descriptors`);
    }
    const chain = this.#chain;
    const writable = (flags & DescriptorFlag.WRITE) !== 0;
    if (!writable && chain.writable.count > 0) {
      throw new RingError('BAD_ORDER', 'a readable descriptor follows a writable one');
    }
    this.#bytes += length;
    if (this.#bytes > 0xffff_ffff) {
      throw new RingError('CHAIN_TOO_LARGE', 'a chain describes more than 2^32-1 bytes');
    }
    const memory = this.#memory;
    const list = writable ? chain.writable : chain.readable;
    const before = list.byteLength;
    let result = memory.append(list, addressLow, addressHigh, length);
    while (result === Append.FULL) {
      if (!chain.grow(writable, this.#limit * SEGMENTS_PER_DESCRIPTOR)) {
        throw new RingError('CHAIN_TOO_LONG', 'a chain is scattered over too many pieces of memory');
      }
      // Go on behind what has been appended of the descriptor.
      const grown = writable ? chain.writable : chain.readable;
      const done = grown.byteLength - before;
      const low = addressLow + done;
      result = memory.append(grown, low >>> 0, addressHigh + (low > 0xffff_ffff ? 1 : 0), length - done);
    }
    if (result === Append.UNMAPPED) {
      throw new RingError(
        'BAD_ADDRESS',
        `${length} bytes at ${join(addressLow, addressHigh)} are not in guest memory`,
      );
    }
  }

  /**
   * Opens the indirect table that a descriptor points to (virtio 2.7.5.3, 2.8.7).
   *
   * @param nested - the descriptor itself comes from an indirect table
   * @throws RingError BAD_INDIRECT, BAD_ADDRESS
   */
  openIndirect(
    flags: number,
    addressLow: number,
    addressHigh: number,
    length: number,
    nested: boolean,
  ): IndirectTable {
    if (!this.#indirect) {
      throw new RingError('BAD_INDIRECT', 'an indirect descriptor that was not negotiated');
    }
    if (nested) throw new RingError('BAD_INDIRECT', 'an indirect table inside an indirect table');
    if ((flags & DescriptorFlag.NEXT) !== 0) {
      throw new RingError('BAD_INDIRECT', 'an indirect descriptor that continues');
    }
    const count = length / descriptorLayout.size;
    if (count === 0 || !Number.isInteger(count)) {
      throw new RingError('BAD_INDIRECT', `an indirect table of ${length} bytes`);
    }
    if (count > MAX_INDIRECT) {
      throw new RingError('BAD_INDIRECT', `an indirect table of ${count} descriptors`);
    }
    const table = this.#pool.indirectTable;
    if (!table.open(this.#memory, addressLow, addressHigh, length)) {
      throw new RingError(
        'BAD_ADDRESS',
        `the indirect table at ${join(addressLow, addressHigh)} is not in guest memory`,
      );
    }
    return table;
  }
}

function join(low: number, high: number): string {
  return hex((BigInt(high) << 32n) | BigInt(low));
}
