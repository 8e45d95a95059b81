import type { Device } from '../device.js';
import { ProtocolError, RingError } from '../errors.js';
import type { EventDescriptor } from '../event_descriptor.js';
import type { Logger } from '../logger.js';
import type { DirtyLog } from '../memory/dirty_log.js';
import type { GuestMemory } from '../memory/guest_memory.js';
import { VRING_F_LOG, type VringAddress } from '../message/payloads.js';
import type { ChainPool } from '../ring/chain_pool.js';
import { availableRingSize, descriptorTableSize, ringAlignment, usedRingSize } from '../ring/layout.js';
import { packedAlignment, packedEventLayout } from '../ring/packed_layout.js';
import { PackedQueue } from '../ring/packed_queue.js';
import { SplitQueue } from '../ring/split_queue.js';
import type { RingParts, RingPlace, VirtQueue } from '../ring/virtqueue.js';
import { toExactNumber } from '../u64.js';
import { ChainServer, describe } from './chain_server.js';
import type { InflightLog } from './inflight.js';
import type { PolledRing } from './poll_time.js';
import type { Poller } from './poller.js';
import { RingLogging } from './ring_logging.js';

/** How often a ring without a kick descriptor is looked at, in milliseconds. */
const POLL_INTERVAL = 1;

/** What a ring takes from the feature negotiation. */
export interface RingFeatures {
  readonly eventIndex: boolean;
  readonly indirect: boolean;
  readonly packed: boolean;
}

const NO_FEATURES: RingFeatures = { eventIndex: false, indirect: false, packed: false };

/**
 * One ring of the device as the front-end configures it, and the loop that serves it (specification: "Ring states").
 *
 * It runs while it is enabled, has addresses and a kick descriptor (or polls for lack of one), and nothing went wrong.
 */
export class Vring implements PolledRing {
  readonly index: number;
  readonly #device: Device;
  readonly #server: ChainServer;
  readonly #log: Logger;
  readonly #pool: ChainPool;
  readonly #poller: Poller;
  #features = NO_FEATURES;
  #size = 0;
  #base = 0;
  #address: VringAddress | undefined;
  #queue: VirtQueue | undefined;
  #kick: EventDescriptor | undefined;
  #call: EventDescriptor | undefined;
  #error: EventDescriptor | undefined;
  #dirtyLog: DirtyLog | undefined;
  #logBuffers = false;
  #inflightLog: InflightLog | undefined;
  #enabled = false;
  #polling = false;
  #stopping = false;
  #faulty = false;
  #turn: NodeJS.Immediate | undefined;
  #pollTimer: NodeJS.Timeout | undefined;

  /** @param pool - outlives the connection, so that the next one finds its chains */
  constructor(index: number, device: Device, log: Logger, pool: ChainPool, poller: Poller) {
    this.index = index;
    this.#device = device;
    this.#server = new ChainServer(device, log, poller);
    this.#log = log;
    this.#pool = pool;
    this.#poller = poller;
  }

  /** The ring is being served, or would be if there were anything to serve. */
  get running(): boolean {
    const startable = this.#kick !== undefined || this.#polling;
    return this.#enabled && startable && !this.#faulty && !this.#stopping && this.#queue !== undefined;
  }

  get available(): boolean {
    return this.running && this.#queue!.available;
  }

  get watched(): RingPlace | undefined {
    return this.running ? this.#queue!.watched : undefined;
  }

  get expected(): number {
    return this.#queue?.base ?? 0;
  }

  /** The ring went wrong, and is not served until it is set up anew. */
  get faulty(): boolean {
    return this.#faulty;
  }

  set features(features: RingFeatures) {
    const { eventIndex, indirect, packed } = this.#features;
    if (features.eventIndex === eventIndex && features.indirect === indirect && features.packed === packed) {
      return;
    }
    this.#mustRest('SET_FEATURES');
    if (features.packed !== packed) {
      // A position of the one kind of ring means nothing to the other, nor may a size be legal there.
      this.#base = 0;
      if ((this.#size & (this.#size - 1)) !== 0) this.#size = 0;
    }
    this.#features = features;
  }

  /** SET_VRING_NUM. */
  setSize(size: number, largest: number): void {
    const legal = this.#features.packed || (size & (size - 1)) === 0;
    if (size === 0 || size > largest || !legal) {
      const kind = this.#features.packed ? '' : 'a power of two of ';
      throw new ProtocolError(
        'BAD_VALUE',
        `queue ${this.index}: a size of ${size} is not ${kind}at most ${largest}`,
      );
    }
    if (size === this.#size) return;
    this.#mustRest('SET_VRING_NUM');
    this.#size = size;
    this.#drop();
  }

  /** SET_VRING_ADDR. On a running ring it may change the log flag, and the place of the very same ring. */
  setAddress(address: VringAddress, memory: GuestMemory | undefined): void {
    if (this.#size === 0)
      throw new ProtocolError('BAD_STATE', `queue ${this.index}: addresses before a size`);
    if (memory === undefined) {
      throw new ProtocolError('BAD_STATE', `queue ${this.index}: addresses before a memory table`);
    }
    const parts = this.#resolve(address, memory);
    this.#address = address;
    const queue = this.#queue;
    if (queue !== undefined && !this.#faulty && (this.running || queue.inFlight > 0)) {
      queue.attach(memory, parts);
    } else {
      this.#open(memory, parts);
    }
    this.#track();
    this.#update();
  }

  /** SET_VRING_BASE. */
  setBase(base: number): void {
    if (base > 0xffff && !this.#features.packed)
      throw new ProtocolError('BAD_VALUE', `queue ${this.index}: ring position ${base}`);
    if (base !== this.#queue?.base) this.#mustRest('SET_VRING_BASE');
    this.#base = base;
    this.#queue?.seek(base);
  }

  /** SET_VRING_KICK; without a descriptor the ring is polled. */
  setKick(kick: EventDescriptor | undefined): void {
    this.#kick?.close();
    this.#kick = kick;
    this.#polling = kick === undefined;
    this.#update();
  }

  /** SET_VRING_CALL; without a descriptor the driver polls. */
  setCall(call: EventDescriptor | undefined): void {
    this.#call?.close();
    this.#call = call;
    // What was published before had nobody to tell; a call too many is legal.
    call?.signal();
  }

  /** SET_VRING_ERR. */
  setError(error: EventDescriptor | undefined): void {
    this.#error?.close();
    this.#error = error;
  }

  /** SET_VRING_ENABLE. */
  setEnabled(enabled: boolean): void {
    this.#enabled = enabled;
    this.#update();
  }

  /** The dirty log of a migration; `buffers`: chains are logged too, not only what SET_VRING_ADDR says about the used ring. */
  setLog(log: DirtyLog | undefined, buffers: boolean): void {
    this.#dirtyLog = log;
    this.#logBuffers = buffers;
    this.#track();
  }

  /** The in-flight log; it takes effect when the ring's addresses are set. */
  setInflight(log: InflightLog | undefined): void {
    if (this.#queue !== undefined) {
      this.#mustRest('SET_INFLIGHT_FD');
      // The queue writes to the old log, which is going.
      this.#base = this.#queue.base;
      this.#drop();
    }
    this.#inflightLog = log;
  }

  /** The memory table was replaced: the ring goes on in the new one, requests in flight stay in the old one. */
  setMemory(memory: GuestMemory): void {
    if (this.#address === undefined || this.#queue === undefined) return;
    try {
      this.#queue.attach(memory, this.#resolve(this.#address, memory));
    } catch (error) {
      this.#fail(error);
    }
  }

  /** GET_VRING_BASE: stops the ring, waits for the requests in flight, and calls back with the position it stopped at. */
  stop(stopped: (base: number) => void): void {
    // What a process before has left is in flight, too: it lies before the position that is reported.
    while (this.running && this.#queue!.recovering) this.serve();
    this.#stopping = true;
    this.#update();
    const finish = (): void => {
      if (this.#queue !== undefined) this.#base = this.#queue.base;
      this.#drop();
      this.#kick?.close();
      this.#call?.close();
      this.#kick = this.#call = undefined;
      this.#polling = this.#stopping = false;
      this.#update();
      stopped(this.#base);
    };
    if (this.#queue === undefined) {
      finish();
    } else {
      if (this.#queue.inFlight > 0) this.#device.hurry?.();
      this.#queue.whenIdle(finish);
    }
  }

  /** Back to the initial state at once. Completions of chains in flight have no effect any more. */
  close(): void {
    this.#enabled = this.#polling = this.#stopping = false;
    this.#size = this.#base = 0;
    this.#address = undefined;
    this.#features = NO_FEATURES;
    this.#drop();
    this.#update();
    clearImmediate(this.#turn);
    this.#turn = undefined;
    this.#kick?.close();
    this.#call?.close();
    this.#error?.close();
    this.#kick = this.#call = this.#error = undefined;
  }

  /** Serves what is available, in turns. */
  serve(): void {
    const queue = this.#queue;
    if (queue === undefined || !this.running) return;
    try {
      if (this.#server.serve(queue)) this.#serveSoon();
    } catch (error) {
      // The device may have closed the back-end, and with it this ring.
      if (this.#queue === queue) this.#fail(error);
    }
  }

  /** Asks for a kick; what was made available before that is served now. */
  rest(): void {
    if (this.running && this.#queue!.enableNotifications()) this.serve();
  }

  #track(): void {
    const log = this.#dirtyLog;
    const address = this.#address;
    const logsUsed = address !== undefined && (address.flags & VRING_F_LOG) !== 0;
    const used = logsUsed ? toExactNumber(address.log) : undefined;
    const needed = log !== undefined && (this.#logBuffers || logsUsed);
    this.#queue?.track(needed ? new RingLogging(log, this.#logBuffers, used) : undefined);
  }

  #resolve(address: VringAddress, memory: GuestMemory): RingParts {
    const size = this.#size;
    if (this.#features.packed) {
      const { descriptor, event } = packedAlignment;
      const { size: eventSize } = packedEventLayout;
      const ringSize = descriptorTableSize(size);
      const part = (what: string, at: bigint, length: number, alignment: number) =>
        bytesAt(memory.ringPart(what, at, length, alignment), length);
      return {
        descriptor: part('descriptor ring', address.descriptor, ringSize, descriptor),
        available: part('driver event', address.available, eventSize, event),
        used: part('device event', address.used, eventSize, event),
      };
    }
    const { descriptor, available, used } = ringAlignment;
    const sizes = [descriptorTableSize(size), availableRingSize(size), usedRingSize(size)] as const;
    const places = {
      descriptor: memory.ringPart('descriptor table', address.descriptor, sizes[0], descriptor),
      available: memory.ringPart('available ring', address.available, sizes[1], available),
    };
    return {
      descriptor: bytesAt(places.descriptor, sizes[0]),
      available: bytesAt(places.available, sizes[1]),
      used: bytesAt(memory.ringPart('used ring', address.used, sizes[2], used), sizes[2]),
      places,
    };
  }

  #open(memory: GuestMemory, parts: RingParts): void {
    const base = this.#queue?.base ?? this.#base;
    this.#drop();
    const options = {
      index: this.index,
      size: this.#size,
      ...this.#features,
      base,
      signal: () => this.#call?.signal(),
      // What ends in one turn of the event loop, the driver is told of at once.
      defer: queueMicrotask,
    };
    const [log, pool] = [this.#inflightLog, this.#pool];
    if (this.#features.packed) {
      const inflight = log?.packed(this.index, this.#size);
      this.#queue = new PackedQueue({ ...options, inflight }, memory, parts, pool);
    } else {
      const inflight = log?.split(this.index, this.#size);
      this.#queue = new SplitQueue({ ...options, inflight }, memory, parts, pool);
    }
  }

  #drop(): void {
    this.#queue?.close();
    this.#queue = undefined;
    this.#faulty = false;
  }

  #mustRest(request: string): void {
    if (this.running || (this.#queue?.inFlight ?? 0) > 0) {
      throw new ProtocolError('BAD_STATE', `queue ${this.index}: ${request} while the ring runs`);
    }
    // The queue was made for the old setting; SET_VRING_ADDR makes another.
    if (request === 'SET_FEATURES') this.#drop();
  }

  /** Watches, polls or rests, as the state demands. */
  #update(): void {
    const { running } = this;
    // A kick before the ring is configured has to be seen, to be reported.
    const listening = this.#enabled && !this.#faulty && !this.#stopping;
    if (listening) this.#kick?.watch(this.#kicked);
    else this.#kick?.unwatch();
    clearInterval(this.#pollTimer);
    this.#pollTimer =
      running && this.#polling ? setInterval(() => this.serve(), POLL_INTERVAL).unref() : undefined;
    // Chains may have been made available, and kicked, before anybody listened.
    if (running) this.#serveSoon();
  }

  readonly #kicked = (error: number): void => {
    const result = error !== 0 ? -error : this.#kick!.drain();
    if (result < 0) {
      this.#fail(new Error(`its kick descriptor cannot be read (errno ${-result})`));
    } else if (this.#queue === undefined) {
      this.#fail(new RingError('NOT_CONFIGURED', 'a kick before the ring has addresses'));
    } else {
      this.#poller.kicked();
      this.serve();
      this.#poller.linger();
    }
  };

  #serveSoon(): void {
    this.#turn ??= setImmediate(() => {
      this.#turn = undefined;
      this.serve();
    });
  }

  /** Stops serving the ring until it is configured anew. Requests in flight still complete. */
  #fail(error: unknown): void {
    this.#log.error(`queue ${this.index} stopped: ${describe(error)}`);
    this.#faulty = true;
    this.#update();
    this.#error?.signal();
  }
}

function bytesAt({ window, offset }: RingPlace, length: number): Uint8Array {
  return new Uint8Array(window.buffer, offset, length);
}
