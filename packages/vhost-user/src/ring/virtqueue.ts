import type { MemoryWindow } from '@vfs/sys';
import type { GuestMemory } from '../memory/guest_memory.js';
import type { Chain, ChainOwner } from './chain.js';

/** The three parts of a ring, each as bytes over exactly its range (virtio 2.6). */
export interface RingParts {
  /** Descriptor table, or the descriptor ring of a packed virtqueue. */
  readonly descriptor: Uint8Array;
  /** Available ring, or the driver's event suppression structure. */
  readonly available: Uint8Array;
  /** Used ring, or the device's event suppression structure. */
  readonly used: Uint8Array;
  /** Where the parts lie that only the driver writes, for who reads them natively. @default they are read in JavaScript */
  readonly places?: { readonly descriptor: RingPlace; readonly available: RingPlace };
}

/** Where a part of a ring begins. */
export interface RingPlace {
  readonly window: MemoryWindow;
  readonly offset: number;
}

/** How a queue was negotiated and where it starts. */
export interface VirtQueueOptions {
  readonly index: number;
  /** A power of two, 1 to 32768 for a split queue; any number in that range for a packed one. */
  readonly size: number;
  /** VIRTIO_F_EVENT_IDX was negotiated. */
  readonly eventIndex: boolean;
  /** VIRTIO_F_INDIRECT_DESC was negotiated. */
  readonly indirect: boolean;
  /** Where in the available ring to go on, as SET_VRING_BASE gives it. @default 0 */
  readonly base?: number;
  /** Called when the driver wants to be notified of what was published. */
  readonly signal: () => void;
  /**
   * Calls a function soon. What is completed outside of a batch becomes visible then, all together, rather than each by itself.
   * @default at once
   */
  readonly defer?: (act: () => void) => void;
}

/** Who wants to know what is written to guest memory (migration). */
export interface DirtyTracker {
  /** The first `length` bytes of the chain's writable part were written. */
  chainWritten(chain: Chain, length: number): void;
  /** `length` bytes at `offset` of the used ring were written. */
  usedWritten(offset: number, length: number): void;
}

/**
 * The device's side of a virtqueue. Not thread-safe, and every field that the driver can change is read once.
 *
 * Used buffers become visible, and the driver is notified, at once (or soon: {@link VirtQueueOptions.defer}); or, between
 * {@link hold} and {@link publish}, all together.
 */
export interface VirtQueue extends ChainOwner {
  readonly index: number;
  readonly size: number;
  /** Chains popped and not completed yet; never more than `size`. */
  readonly inFlight: number;
  /** {@link close} was called. */
  readonly closed: boolean;
  /** Whether {@link pop} would find something, as far as one look at the ring tells. */
  readonly available: boolean;
  /** Chains that a process before left in flight are still to be popped; they come first. */
  readonly recovering: boolean;
  /** Where the free-running index of the available ring lies, which is {@link base} while there is nothing to pop; if it has one. */
  readonly watched: RingPlace | undefined;
  /** Where in the available ring the next pop reads, as GET_VRING_BASE reports it. */
  readonly base: number;

  /**
   * The next available chain, or undefined when there is none.
   *
   * @throws RingError the ring cannot be trusted; nothing was taken from it, and the caller should stop using it
   */
  pop(): Chain | undefined;
  /** Collects used buffers without showing them to the driver, until {@link publish}. */
  hold(): void;
  /** Shows the driver all used buffers collected, and signals it if it asked for that. Ends {@link hold}. */
  publish(): void;
  /** Tells the driver that no kick is needed. A hint: kicks may come all the same. */
  disableNotifications(): void;
  /**
   * Asks the driver for a kick when it makes the next chain available.
   *
   * @returns true when chains are available already, which will not be kicked: pop again
   */
  enableNotifications(): boolean;
  /** Continues the same ring in another memory table, which holds the same bytes. Chains in flight keep the old one. */
  attach(memory: GuestMemory, parts: RingParts): void;
  /** Who is told about every write to guest memory from here on; undefined while nothing is logged. */
  track(dirty: DirtyTracker | undefined): void;
  /** Sets the position of the next pop, as SET_VRING_BASE gives it; unless an in-flight log has told better. */
  seek(base: number): void;
  /** Calls back once, as soon as nothing is in flight; at once when nothing is. */
  whenIdle(callback: () => void): void;
  /** Lets go of the ring and its memory: completions of chains in flight have no effect from here on. */
  close(): void;
}
