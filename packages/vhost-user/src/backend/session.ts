import { SysError } from '@vfs/sys';
import type { Device } from '../device.js';
import { ProtocolError } from '../errors.js';
import type { EventDescriptor } from '../event_descriptor.js';
import { Feature, ProtocolFeature } from '../features.js';
import type { Logger } from '../logger.js';
import type { DirtyLog } from '../memory/dirty_log.js';
import type { GuestMemory } from '../memory/guest_memory.js';
import type { ChainPool } from '../ring/chain_pool.js';
import { BackendChannel } from './backend_channel.js';
import { DeviceState } from './device_state.js';
import type { InflightLog } from './inflight.js';
import { Negotiation } from './negotiation.js';
import { Poller } from './poller.js';
import { Vring } from './vring.js';

/** Largest ring accepted when the device does not say. */
const DEFAULT_MAX_QUEUE_SIZE = 1024;
/** Device status bit (virtio 2.1): something is wrong that only a reset repairs. */
const DEVICE_NEEDS_RESET = 0x40;

/** What a front-end has set up during its connection: features, memory, rings. The handlers of messages work on it. */
export class Session {
  readonly device: Device;
  readonly log: Logger;
  readonly negotiation: Negotiation;
  readonly maxQueueSize: number;
  readonly vrings: readonly Vring[];
  readonly deviceState: DeviceState;
  readonly #poller: Poller;
  /** SET_OWNER was sent. */
  owned = false;
  #memory: GuestMemory | undefined;
  #status = 0;
  #log: DirtyLog | undefined;
  #inflightLog: InflightLog | undefined;
  #channel: BackendChannel | undefined;

  /** @param pollMicroseconds - see {@link BackendOptions.pollMicroseconds} */
  constructor(device: Device, log: Logger, pools: readonly ChainPool[], pollMicroseconds: number) {
    this.device = device;
    this.log = log;
    this.negotiation = new Negotiation(device);
    this.maxQueueSize = device.maxQueueSize ?? DEFAULT_MAX_QUEUE_SIZE;
    this.deviceState = new DeviceState(device, log);
    this.#poller = new Poller(pollMicroseconds, () => this.vrings);
    this.vrings = pools.map((pool, index) => new Vring(index, device, log, pool, this.#poller));
  }

  /** The virtio device status, 8 bits: what the driver wrote, and DEVICE_NEEDS_RESET while a ring is out of order. */
  get status(): number {
    const faulty = this.vrings.some((vring) => vring.faulty);
    return faulty ? this.#status | DEVICE_NEEDS_RESET : this.#status;
  }

  set status(status: number) {
    this.#status = status;
  }

  /** The front-end has truncated a file that is mapped here. */
  get memoryLost(): boolean {
    return [this.#memory, this.#log, this.#inflightLog].some((memory) => memory?.lost);
  }

  /** The memory table in force. */
  get memory(): GuestMemory | undefined {
    return this.#memory;
  }

  /** SET_INFLIGHT_FD. */
  setInflightLog(log: InflightLog): void {
    const old = this.#inflightLog;
    this.#inflightLog = log;
    try {
      for (const vring of this.vrings) vring.setInflight(log);
    } finally {
      old?.close();
    }
  }

  /**
   * SET_BACKEND_REQ_FD.
   *
   * @param fd - owned from here on
   * @throws ProtocolError BAD_DESCRIPTORS for a file
   */
  openChannel(fd: number): void {
    this.#channel?.close();
    try {
      this.#channel = new BackendChannel(fd);
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      throw new ProtocolError(
        'BAD_DESCRIPTORS',
        `the descriptor for requests of the back-end is no socket: ${error.message}`,
        { cause: error },
      );
    }
    this.#channel.acknowledged = this.negotiation.hasProtocol(ProtocolFeature.REPLY_ACK);
    this.device.useChannel?.(this.#channel);
  }

  /** SET_LOG_BASE. */
  setLog(log: DirtyLog): void {
    if (this.#log !== undefined) log.replace(this.#log);
    this.#log = log;
    this.#updateLogging();
  }

  /** SET_LOG_FD. @throws ProtocolError BAD_STATE when there is no log to tell about */
  setLogEvent(event: EventDescriptor): void {
    if (this.#log === undefined) {
      event.close();
      throw new ProtocolError('BAD_STATE', 'SET_LOG_FD before SET_LOG_BASE');
    }
    this.#log.event = event;
  }

  #updateLogging(): void {
    for (const vring of this.vrings) vring.setLog(this.#log, this.negotiation.has(Feature.LOG_ALL));
  }

  /** Takes over `memory` and its reference. Rings go on in it; requests in flight keep the table they were made of. */
  replaceMemory(memory: GuestMemory): void {
    const old = this.#memory;
    this.#memory = memory;
    for (const vring of this.vrings) vring.setMemory(memory);
    old?.release();
  }

  /** @throws ProtocolError BAD_VALUE when the device has no such queue */
  vring(index: number): Vring {
    const vring = this.vrings[index];
    if (vring === undefined) {
      throw new ProtocolError('BAD_VALUE', `queue ${index} of a device with ${this.vrings.length}`);
    }
    return vring;
  }

  /** SET_FEATURES. */
  acceptFeatures(features: bigint): void {
    this.negotiation.accept(features);
    const { negotiation } = this;
    for (const vring of this.vrings) {
      vring.features = {
        eventIndex: negotiation.has(Feature.EVENT_IDX),
        indirect: negotiation.has(Feature.INDIRECT_DESC),
        packed: negotiation.has(Feature.RING_PACKED),
      };
      // Specification, "Ring states": without PROTOCOL_FEATURES there is no SET_VRING_ENABLE, and rings start enabled.
      if (!negotiation.has(Feature.PROTOCOL_FEATURES)) vring.setEnabled(true);
    }
    this.#updateLogging();
    this.log.info(`negotiated ${negotiation}`);
  }

  /** Stops the rings, and waits for the requests in flight. */
  async drain(): Promise<void> {
    await Promise.all(this.vrings.map((vring) => new Promise((resolve) => vring.stop(resolve))));
  }

  /**
   * RESET_DEVICE: after the requests in flight, everything goes but ownership, memory and protocol features.
   *
   * @returns a promise that settles when that is done
   */
  async reset(): Promise<void> {
    await this.drain();
    for (const vring of this.vrings) vring.close();
    this.negotiation.accept(0n);
    this.#updateLogging();
    this.#inflightLog?.clear();
    this.#status = 0;
    this.device.reset?.();
  }

  /** The connection ended. Memory stays mapped as long as requests in flight point to it. */
  close(): void {
    this.#poller.close();
    this.deviceState.close();
    this.#channel?.close();
    this.#channel = undefined;
    for (const vring of this.vrings) vring.close();
    this.#memory?.release();
    this.#memory = undefined;
    this.#log?.close();
    this.#log = undefined;
    this.#inflightLog?.close();
    this.#inflightLog = undefined;
  }
}
