import type { GuestMemory } from '../memory/guest_memory.js';
import type { Chain } from './chain.js';
import { ChainBuilder } from './chain_builder.js';
import type { ChainPool } from './chain_pool.js';
import type { DirtyTracker, RingParts, RingPlace, VirtQueue, VirtQueueOptions } from './virtqueue.js';

/** What the device's side of a virtqueue does whatever its layout: it counts, holds back, and keeps its memory. */
export abstract class DeviceQueue implements VirtQueue {
  readonly index: number;
  readonly size: number;
  protected readonly eventIndex: boolean;
  protected readonly signal: () => void;
  protected readonly builder: ChainBuilder;
  protected memory: GuestMemory;
  protected dirty: DirtyTracker | undefined;
  #inFlight = 0;
  #held = false;
  /** {@link publish} has been deferred. */
  #publishing = false;
  readonly #defer: ((act: () => void) => void) | undefined;
  #open = true;
  #idleCallback: (() => void) | undefined;

  /** @param memory - where descriptors point to; a subclass retains it once its own constructor cannot throw any more */
  protected constructor(options: VirtQueueOptions, memory: GuestMemory, pool: ChainPool) {
    this.index = options.index;
    this.size = options.size;
    this.eventIndex = options.eventIndex;
    this.signal = options.signal;
    this.#defer = options.defer;
    this.builder = new ChainBuilder(pool, options.size, options.indirect);
    this.memory = memory;
  }

  abstract readonly available: boolean;
  abstract readonly recovering: boolean;
  abstract readonly base: number;
  abstract readonly watched: RingPlace | undefined;
  abstract pop(): Chain | undefined;
  abstract disableNotifications(): void;
  abstract enableNotifications(): boolean;
  abstract seek(base: number): void;

  get inFlight(): number {
    return this.#inFlight;
  }

  get closed(): boolean {
    return !this.#open;
  }

  attach(memory: GuestMemory, parts: RingParts): void {
    memory.retain();
    this.memory.release();
    this.memory = memory;
    this.view(parts);
  }

  track(dirty: DirtyTracker | undefined): void {
    this.dirty = dirty;
  }

  /** @internal */
  chainCompleted(chain: Chain, length: number): void {
    if (!this.#open) return;
    this.#inFlight--;
    this.use(chain, length);
    if (!this.#held) {
      if (this.#defer === undefined) this.publish();
      else this.#publishSoon();
    }
    if (this.#inFlight === 0 && this.#idleCallback !== undefined) {
      this.publish();
      const callback = this.#idleCallback;
      this.#idleCallback = undefined;
      callback();
    }
  }

  #publishSoon(): void {
    if (this.#publishing) return;
    this.#publishing = true;
    this.#defer!(this.#publishNow);
  }

  readonly #publishNow = (): void => {
    this.#publishing = false;
    if (!this.#held) this.publish();
  };

  hold(): void {
    this.#held = true;
  }

  publish(): void {
    this.#held = false;
    if (this.#open) this.show();
  }

  whenIdle(callback: () => void): void {
    if (this.#inFlight === 0 || !this.#open) {
      this.publish();
      callback();
    } else {
      this.#idleCallback = callback;
    }
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#idleCallback = undefined;
    this.view(NOWHERE);
    this.memory.release();
  }

  /** Hands a chain out. */
  protected arm(chain: Chain, head: number): void {
    chain.head = head;
    chain.arm(this, this.memory);
    this.#inFlight++;
  }

  /** Lays views over the parts of the ring. */
  protected abstract view(parts: RingParts): void;
  /** Collects a used buffer. */
  protected abstract use(chain: Chain, length: number): void;
  /** Shows the driver what was collected, and signals it if it asked for that. */
  protected abstract show(): void;
}

const NOWHERE: RingParts = {
  descriptor: new Uint8Array(0),
  available: new Uint8Array(0),
  used: new Uint8Array(0),
};
