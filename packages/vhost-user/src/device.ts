import type { BackendChannel } from './backend/backend_channel.js';
import type { Chain } from './ring/chain.js';

/**
 * A virtio device, without any protocol: which queues and features it has, and what it does with a descriptor chain.
 * {@link Backend} does everything else.
 */
export interface Device {
  /** Number of virtqueues, 1 to 64. */
  readonly queueCount: number;
  /**
   * Largest ring size accepted, a power of two up to 32768. It bounds what a guest can make this process hold: with
   * requests in flight, about 24 bytes times the square of the size.
   *
   * @default 1024
   */
  readonly maxQueueSize?: number;
  /** Device-specific feature bits (0 to 23 and 50 to 63 of the virtio feature space). The transport's own bits are added. */
  readonly features: bigint;
  /**
   * The configuration space, at most 256 bytes; absent: the CONFIG protocol feature is not offered. The bytes may change
   * while the device runs.
   */
  readonly config?: Uint8Array;

  /**
   * One available descriptor chain. The device completes it exactly once, now or later, in any order. An exception is
   * logged, and the chain is completed with length 0 unless it already was.
   */
  handle(chain: Chain): void;

  /** A ring that was served has nothing more for now: until the next chain, time passes that is none's. */
  idle?(): void;

  /**
   * The driver writes to the configuration space. `migration`: the destination of a migration takes over what the source
   * had, which may touch fields that a driver may only read. Absent: all fields are read-only.
   *
   * @returns false when the fields cannot be written
   */
  writeConfig?(offset: number, data: Uint8Array, migration: boolean): boolean;

  /**
   * The front-end takes requests of the device from here on. With this method the BACKEND_REQ protocol feature is offered.
   *
   * @param channel - closed when the connection ends, or when the front-end gives another one
   */
  useChannel?(channel: BackendChannel): void;

  /** What a device of the same kind needs to go on where this one stops; only asked for while no ring runs. */
  saveState?(): Uint8Array | Promise<Uint8Array>;
  /**
   * Takes over what {@link saveState} of another device said. With both, the DEVICE_STATE protocol feature is offered.
   *
   * @throws when it cannot; the front-end is told
   */
  loadState?(state: Uint8Array): void | Promise<void>;

  /**
   * A ring is about to stop, and waits for the chains in flight: those that wait for something that may never come, such as another
   * request, are to be completed now. The front-end stands still meanwhile, and the machine with it.
   */
  hurry?(): void;

  /** All state that the driver built up goes: a connection ended, or the front-end sent RESET_DEVICE. */
  reset?(): void;
}
