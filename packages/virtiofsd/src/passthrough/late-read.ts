import { Later } from '@vfs/fuse-proto';
import { EOPNOTSUPP, type SegmentList, SysError } from '@vfs/sys';
import { unpinNode } from './node-descriptors.js';
import type { CallPool } from './offload.js';
import { endsAt, transferArguments } from './segment-io.js';
import type { Share } from './share.js';

/**
 * A read that the thread pool makes, to its end, with the descriptor kept open. With a cold disk every read is one: so there is
 * neither a Promise nor a function made for it, and when it has ended it stays with the pool for the next one.
 */
export class LateRead extends Later {
  readonly #pool: CallPool;
  readonly #share: Share;
  #descriptor = -1;
  #offsetLo = 0;
  #offsetHi = 0;
  #list: SegmentList | undefined;
  #position = 0;
  #length = 0;
  #done = 0;
  #attempted = false;

  constructor(pool: CallPool, share: Share) {
    super();
    this.#pool = pool;
    this.#share = share;
  }

  /**
   * Begins to read `length` bytes to `position` of the segments, of which `done` are there.
   *
   * @param attempt - RWF_ flags of a first attempt in the pool, 0 for none: see `ThreadPool.submit` of @vfs/sys
   */
  begin(
    descriptor: number,
    offsetLo: number,
    offsetHi: number,
    list: SegmentList,
    position: number,
    length: number,
    done: number,
    attempt: number,
  ): this {
    this.#descriptor = descriptor;
    this.#offsetLo = offsetLo;
    this.#offsetHi = offsetHi;
    this.#list = list;
    this.#position = position;
    this.#length = length;
    this.#done = done;
    this.#attempted = attempt !== 0;
    this.#share.pins.pin(descriptor);
    try {
      this.#goOn(attempt);
    } catch (error) {
      unpinNode(this.#share, descriptor);
      throw error;
    }
    return this;
  }

  #goOn(attempt: number): void {
    const args = transferArguments(
      this.#descriptor,
      this.#offsetLo,
      this.#offsetHi,
      this.#list!,
      this.#position,
      this.#length,
      this.#done,
      0,
    );
    this.#pool.submit('preadv2', args, this.#took, attempt);
  }

  readonly #took = (result: number): void => {
    if (result === -EOPNOTSUPP && this.#attempted) {
      // There is no attempting here; that is no answer to the guest.
      this.#attempted = false;
      this.#callAgain();
      return;
    }
    if (result > 0) {
      this.#done += result;
      if (this.#done !== this.#length && !endsAt(this.#offsetLo, this.#done, this.#list!)) {
        this.#callAgain();
        return;
      }
    }
    this.#end(result < 0 ? result : this.#done);
  };

  /** Nobody is there to catch what the pool throws when it is full, or closed. */
  #callAgain(): void {
    try {
      this.#goOn(0);
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      this.#end(-error.errno);
    }
  }

  #end(outcome: number): void {
    unpinNode(this.#share, this.#descriptor);
    this.#list = undefined;
    if (this.settle(outcome)) this.#pool.reads.push(this);
  }
}
