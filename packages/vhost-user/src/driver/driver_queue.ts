import {
  check,
  EAGAIN,
  EFD_CLOEXEC,
  EFD_NONBLOCK,
  MappedMemory,
  raw,
  WATCH_READABLE,
  Watcher,
} from '@vfs/sys';
import { UsageError } from '../errors.js';
import type { VringAddress } from '../message/payloads.js';
import { availableRingSize, descriptorTableSize, usedRingSize } from '../ring/layout.js';
import { packedEventLayout } from '../ring/packed_layout.js';
import type { DriverMemory, GuestBuffer } from './memory.js';
import { PackedDriver } from './packed_driver.js';
import type { RingDriver, Segment } from './ring_driver.js';
import { SplitDriver } from './split_driver.js';

/** A part of a request: a whole buffer, or any range of guest-physical memory. */
export type RequestPart = GuestBuffer | Segment;

/** How a {@link DriverQueue} works. */
export interface DriverQueueOptions {
  /** A power of two, 1 to 32768. @default 128 */
  readonly size?: number;
  /** Without a kick descriptor the device polls. @default true */
  readonly kick?: boolean;
  /** Without a call descriptor nobody is told about completions: use {@link DriverQueue.reap}. @default true */
  readonly call?: boolean;
}

interface Request {
  readonly readable: readonly Segment[];
  readonly writable: readonly Segment[];
  readonly done: (length: number) => void;
  readonly failed: ((error: Error) => void) | undefined;
}

const counter = MappedMemory.anonymous(8).windows[0]!;

/**
 * A virtqueue from the driver's side, in memory shared with a back-end. Requests complete in any order; one that finds
 * the ring full waits for room.
 */
export class DriverQueue implements Disposable {
  readonly index: number;
  readonly size: number;
  /** The ring's places in guest memory; of a packed one, the ring and the event structures of driver and device. */
  readonly parts: {
    readonly descriptor: GuestBuffer;
    readonly available: GuestBuffer;
    readonly used: GuestBuffer;
  };
  /** Eventfds, −1 where there is none. They are closed with the queue. */
  readonly kickFd: number;
  readonly callFd: number;
  readonly errorFd: number;
  /** How many kicks were sent, and calls received. */
  readonly stats = { kicks: 0, calls: 0 };
  readonly #driver: RingDriver<Request>;
  readonly #waiting: Request[] = [];
  readonly #failed: Promise<void>;
  #markFailed!: () => void;
  #watchers: Watcher[] = [];
  #open = true;

  /** @internal Queues come from {@link Frontend.createQueue}. */
  constructor(
    index: number,
    memory: DriverMemory,
    features: { readonly eventIndex: boolean; readonly indirect: boolean; readonly packed: boolean },
    options: DriverQueueOptions = {},
  ) {
    const { size = 128, kick = true, call = true } = options;
    const { eventIndex, indirect, packed } = features;
    this.index = index;
    this.size = size;
    this.parts = {
      descriptor: memory.allocate(descriptorTableSize(size), 4096),
      available: memory.allocate(packed ? packedEventLayout.size : availableRingSize(size), 4096),
      used: memory.allocate(packed ? packedEventLayout.size : usedRingSize(size), 4096),
    };
    const parts = {
      descriptor: this.parts.descriptor.u8,
      available: this.parts.available.u8,
      used: this.parts.used.u8,
    };
    const ring = { size, eventIndex, indirect, allocate: (length: number) => memory.allocate(length) };
    this.#driver = packed ? new PackedDriver(ring, parts) : new SplitDriver(ring, parts);
    this.kickFd = kick ? newEvent() : -1;
    this.callFd = call ? newEvent() : -1;
    this.errorFd = newEvent();
    this.#failed = new Promise((resolve) => {
      this.#markFailed = resolve;
    });
    if (call) this.#watchers.push(new Watcher(this.callFd, WATCH_READABLE, () => this.#called()));
    this.#watchers.push(new Watcher(this.errorFd, WATCH_READABLE, () => this.#errorSignaled()));
    // Waiting for a device is what requests do, and they have promises of their own.
    for (const watcher of this.#watchers) watcher.unref();
    this.#driver.enableCalls();
  }

  /** Settles when the device signals that the ring went wrong. */
  get failed(): Promise<void> {
    return this.#failed;
  }

  /** Requests that the device has not completed yet. */
  get outstanding(): number {
    return this.#driver.outstanding + this.#waiting.length;
  }

  /** What SET_VRING_ADDR says about this queue. */
  get vringAddress(): VringAddress {
    const { descriptor, available, used } = this.parts;
    return {
      index: this.index,
      flags: 0,
      descriptor: descriptor.userAddress,
      available: available.userAddress,
      used: used.userAddress,
      log: 0n,
    };
  }

  /**
   * Submits a request and kicks the device if it wants that.
   *
   * @returns the number of bytes the device has written
   * @throws UsageError DISCONNECTED when the queue is closed before the device completes it, BAD_DEVICE when the device
   *   breaks the ring, which closes the queue
   */
  submit(readable: readonly RequestPart[], writable: readonly RequestPart[]): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#add({
        readable: segments(readable),
        writable: segments(writable),
        done: resolve,
        failed: reject,
      });
      this.flush();
    });
  }

  /** Adds a request without telling the device: {@link flush} does, for all of them. `done` is told the bytes written. */
  add(
    readable: readonly RequestPart[],
    writable: readonly RequestPart[],
    done: (length: number) => void,
  ): void {
    this.#add({ readable: segments(readable), writable: segments(writable), done, failed: undefined });
  }

  /** Shows the device what was added, and kicks it if it wants that. */
  flush(): void {
    if (this.#driver.publish()) this.kick();
  }

  /** Writes the kick descriptor, wanted or not. */
  kick(): void {
    if (this.kickFd < 0) return;
    this.stats.kicks++;
    raw.eventfdWrite(this.kickFd, 1);
  }

  /** Calls back for everything that the device has completed. @returns how many requests that were */
  reap(): number {
    let count = 0;
    for (let used = this.#driver.reap(); used !== undefined; used = this.#driver.reap()) {
      count++;
      used.token.done(used.length);
    }
    if (count > 0) this.#refill();
    return count;
  }

  /** Closes the descriptors; requests that are not completed fail. Idempotent. */
  close(): void {
    this.#end(new UsageError('DISCONNECTED', `queue ${this.index} was closed`));
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** A device that breaks the ring ends the queue too: nothing on it can be believed any more. */
  #end(error: Error): void {
    if (!this.#open) return;
    this.#open = false;
    for (const watcher of this.#watchers) watcher.close();
    for (const fd of [this.kickFd, this.callFd, this.errorFd]) if (fd >= 0) raw.close(fd);
    for (const request of [...this.#driver.abandon(), ...this.#waiting.splice(0)]) request.failed?.(error);
  }

  #add(request: Request): void {
    if (!this.#open) throw new UsageError('DISCONNECTED', `queue ${this.index} is closed`);
    if (this.#waiting.length > 0 || !this.#driver.add(request.readable, request.writable, request)) {
      this.#waiting.push(request);
    }
  }

  #refill(): void {
    let added = false;
    while (this.#waiting.length > 0) {
      const request = this.#waiting[0]!;
      if (!this.#driver.add(request.readable, request.writable, request)) break;
      this.#waiting.shift();
      added = true;
    }
    if (added) this.flush();
  }

  #called(): void {
    if (!this.#open) return;
    if (raw.eventfdRead(this.callFd, counter.id, 0) !== -EAGAIN) this.stats.calls++;
    try {
      do {
        this.#driver.disableCalls();
        this.reap();
      } while (this.#open && this.#driver.enableCalls());
    } catch (error) {
      this.#end(error as Error);
    }
  }

  #errorSignaled(): void {
    raw.eventfdRead(this.errorFd, counter.id, 0);
    this.#markFailed();
  }
}

function newEvent(): number {
  return check(raw.eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), 'eventfd2');
}

function segments(parts: readonly RequestPart[]): Segment[] {
  return parts.map((part) => ('u8' in part ? { address: part.address, length: part.u8.length } : part));
}
