import { OwnedFd, unixSocketPair } from '@vfs/sys';
import { Feature, ProtocolFeature } from '../features.js';
import type { ReplyBody, RequestInput } from '../message/catalog.js';
import { FrontendRequest } from '../message/requests.js';
import { type BackendRequestHandler, BackendRequestServer } from './backend_requests.js';
import { FrontendChannel } from './channel.js';
import { DriverQueue, type DriverQueueOptions } from './driver_queue.js';
import { DriverMemory, type DriverRegionOptions } from './memory.js';

/** What a {@link Frontend} asks for. */
export interface FrontendOptions {
  /** Regions of guest memory; or memory that another front-end had, which stays the caller's. @default one of 64 MiB */
  readonly memory?: readonly DriverRegionOptions[] | DriverMemory;
  /** Virtio features to use, where the device offers them. @default VERSION_1, EVENT_IDX, INDIRECT_DESC, PROTOCOL_FEATURES */
  readonly features?: bigint;
  /** Protocol features to use, where the device offers them. @default MQ, REPLY_ACK, CONFIG */
  readonly protocolFeatures?: bigint;
  /** Queues and memory outlive the connection, so that another front-end can go on with them. @default false */
  readonly keepQueues?: boolean;
  /** How long to wait for somebody to listen, in milliseconds. @default 0 */
  readonly timeout?: number;
}

/** Both positions 0, both wrap counters 1 (virtio 2.8.1). */
const PACKED_START = 0x8000_8000;
const DEFAULT_MEMORY: readonly DriverRegionOptions[] = [{ size: 64 * 1024 * 1024 }];
const DEFAULT_FEATURES =
  Feature.VERSION_1 | Feature.EVENT_IDX | Feature.INDIRECT_DESC | Feature.PROTOCOL_FEATURES;
const DEFAULT_PROTOCOL_FEATURES = ProtocolFeature.MQ | ProtocolFeature.REPLY_ACK | ProtocolFeature.CONFIG;

/**
 * A VMM without a VM: connects to a vhost-user back-end, shares memory with it, and drives its queues.
 *
 * ```ts
 * using frontend = await Frontend.connect('/run/device.sock');
 * const queue = await frontend.startQueue(0);
 * const question = frontend.memory.allocate(64);
 * const answer = frontend.memory.allocate(4096);
 * const length = await queue.submit([question], [answer]);
 * ```
 */
export class Frontend implements Disposable {
  readonly channel: FrontendChannel;
  /** Features in use. */
  readonly features: bigint;
  /** Protocol features in use. */
  readonly protocolFeatures: bigint;
  /** Number of queues of the device; undefined when it does not tell (no MQ). */
  readonly queueCount: number | undefined;
  readonly memory: DriverMemory;
  readonly #keepsQueues: boolean;
  readonly #ownsMemory: boolean;
  #server: BackendRequestServer | undefined;
  readonly #queues = new Set<DriverQueue>();

  private constructor(
    channel: FrontendChannel,
    features: bigint,
    protocolFeatures: bigint,
    queueCount: number | undefined,
    memory: DriverMemory,
    options: FrontendOptions,
  ) {
    this.channel = channel;
    this.features = features;
    this.protocolFeatures = protocolFeatures;
    this.queueCount = queueCount;
    this.memory = memory;
    this.#keepsQueues = options.keepQueues ?? false;
    this.#ownsMemory = options.memory !== memory;
    void channel.closed.then(() => {
      if (!this.#keepsQueues) this.#closeQueues();
    });
  }

  /** Connects, negotiates and shares memory: as far as a VMM gets before the guest's driver starts. */
  static async connect(path: string, options: FrontendOptions = {}): Promise<Frontend> {
    const channel = await FrontendChannel.connect(path, options.timeout);
    try {
      return await Frontend.setUp(channel, options);
    } catch (error) {
      channel.close();
      throw error;
    }
  }

  /** As {@link connect}, over a channel that is connected; the front-end owns it when this succeeds. */
  static async setUp(channel: FrontendChannel, options: FrontendOptions = {}): Promise<Frontend> {
    const F = FrontendRequest;
    const offered = await channel.call(F.GET_FEATURES, undefined);
    const features = offered & (options.features ?? DEFAULT_FEATURES);
    await channel.call(F.SET_OWNER, undefined);
    let protocolFeatures = 0n;
    if ((features & Feature.PROTOCOL_FEATURES) !== 0n) {
      const offeredProtocol = await channel.call(F.GET_PROTOCOL_FEATURES, undefined);
      protocolFeatures = offeredProtocol & (options.protocolFeatures ?? DEFAULT_PROTOCOL_FEATURES);
      await channel.call(F.SET_PROTOCOL_FEATURES, protocolFeatures);
      channel.acknowledged = (protocolFeatures & ProtocolFeature.REPLY_ACK) !== 0n;
    }
    const queueCount =
      (protocolFeatures & ProtocolFeature.MQ) === 0n
        ? undefined
        : Number(await channel.call(F.GET_QUEUE_NUM, undefined));
    await channel.call(F.SET_FEATURES, features);
    const given = options.memory ?? DEFAULT_MEMORY;
    const memory = given instanceof DriverMemory ? given : new DriverMemory(given);
    const frontend = new Frontend(channel, features, protocolFeatures, queueCount, memory, options);
    try {
      await frontend.shareMemory();
    } catch (error) {
      if (memory !== given) memory[Symbol.dispose]();
      throw error;
    }
    return frontend;
  }

  /** Sends the memory table (again). */
  async shareMemory(): Promise<void> {
    const { regions } = this.memory;
    await this.call(
      FrontendRequest.SET_MEM_TABLE,
      regions.map(({ guestAddress, size, userAddress, mmapOffset }) => ({
        guestAddress,
        size,
        userAddress,
        mmapOffset,
      })),
      regions.map(({ fd }) => fd),
    );
  }

  /** Sends a request and waits for its reply or acknowledgement; see {@link FrontendChannel.call}. */
  call<R extends FrontendRequest>(
    request: R,
    body: RequestInput<R>,
    descriptors: readonly number[] = [],
  ): Promise<ReplyBody<R>> {
    return this.channel.call(request, body, descriptors);
  }

  /** Lays a queue out in guest memory; the back-end does not know it yet. */
  createQueue(index: number, options: DriverQueueOptions = {}): DriverQueue {
    const queue = new DriverQueue(
      index,
      this.memory,
      {
        eventIndex: (this.features & Feature.EVENT_IDX) !== 0n,
        indirect: (this.features & Feature.INDIRECT_DESC) !== 0n,
        packed: this.#packed,
      },
      options,
    );
    this.#queues.add(queue);
    return queue;
  }

  /** Lays a queue out and has the back-end serve it. */
  async startQueue(index: number, options: DriverQueueOptions = {}): Promise<DriverQueue> {
    const queue = this.createQueue(index, options);
    await this.resumeQueue(queue, this.#packed ? PACKED_START : 0);
    return queue;
  }

  /** Has the back-end serve a queue from a position of its available ring on: what {@link stopQueue} answered. */
  async resumeQueue(queue: DriverQueue, base: number): Promise<void> {
    const F = FrontendRequest;
    const { index } = queue;
    await this.call(F.SET_VRING_NUM, { index, num: queue.size });
    await this.call(F.SET_VRING_BASE, { index, num: base });
    await this.call(F.SET_VRING_ADDR, queue.vringAddress);
    await this.#setEvent(F.SET_VRING_ERR, index, queue.errorFd);
    await this.#setEvent(F.SET_VRING_CALL, index, queue.callFd);
    await this.#setEvent(F.SET_VRING_KICK, index, queue.kickFd);
    if ((this.features & Feature.PROTOCOL_FEATURES) !== 0n) {
      await this.call(F.SET_VRING_ENABLE, { index, num: 1 });
    }
  }

  /** Stops a queue. @returns the position in its available ring */
  async stopQueue(queue: DriverQueue): Promise<number> {
    const { num } = await this.call(FrontendRequest.GET_VRING_BASE, { index: queue.index, num: 0 });
    return num;
  }

  /** A part of the device's configuration space; empty when the device refuses it. */
  async getConfig(offset: number, size: number): Promise<Uint8Array> {
    const room = { offset, size, flags: 0, payload: new Uint8Array(size) };
    const { payload } = await this.call(FrontendRequest.GET_CONFIG, room);
    return payload;
  }

  /**
   * Takes requests of the back-end (SET_BACKEND_REQ_FD).
   *
   * @param handler - answers 0 or a failure; descriptors it does not take are closed
   */
  async serveBackend(handler: BackendRequestHandler): Promise<void> {
    const [ours, theirs] = unixSocketPair();
    using sent = new OwnedFd(theirs);
    this.#server?.close();
    this.#server = new BackendRequestServer(ours, handler);
    await this.call(FrontendRequest.SET_BACKEND_REQ_FD, undefined, [sent.fd]);
  }

  /** Closes the connection, and, unless they were to outlive it, the queues and the memory. Idempotent. */
  close(): void {
    this.channel.close();
    this.#server?.close();
    if (this.#keepsQueues) return;
    this.#closeQueues();
    if (this.#ownsMemory) this.memory[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  get #packed(): boolean {
    return (this.features & Feature.RING_PACKED) !== 0n;
  }

  #setEvent(
    request: FrontendRequest.SET_VRING_KICK | FrontendRequest.SET_VRING_CALL | FrontendRequest.SET_VRING_ERR,
    index: number,
    fd: number,
  ): Promise<unknown> {
    return fd < 0 ? this.call(request, index | 0x100) : this.call(request, index, [fd]);
  }

  #closeQueues(): void {
    for (const queue of this.#queues) queue.close();
    this.#queues.clear();
  }
}
