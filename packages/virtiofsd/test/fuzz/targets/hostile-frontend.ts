import { raw } from '@vfs/sys';
import {
  type DriverMemory,
  FrontendRequest as F,
  Feature,
  frontendRequests,
  ProtocolFeature,
  type RequestRule,
} from '@vfs/vhost-user';
import type { Choices } from '../engine/choices.js';
import type { SomeDescriptors } from './raw-descriptors.js';
import { closeAll, messageBytes, type RawPeer } from './raw-peer.js';

/** Queues of the device that it is made for. */
export const QUEUES = 3;
const RING_SIZE = 8;
/** Where the three parts of a queue lie, in a region of 64 KiB. */
const PART = 0x1000;
const REQUESTS = Object.keys(frontendRequests).map(Number) as F[];
/** Most requests set rings up. */
const RING_REQUESTS = [
  F.SET_VRING_NUM,
  F.SET_VRING_ADDR,
  F.SET_VRING_BASE,
  F.GET_VRING_BASE,
  F.SET_VRING_KICK,
  F.SET_VRING_CALL,
  F.SET_VRING_ERR,
  F.SET_VRING_ENABLE,
];
const DECK = [
  ...REQUESTS,
  ...RING_REQUESTS,
  ...RING_REQUESTS,
  F.SET_MEM_TABLE,
  F.SET_MEM_TABLE,
  F.ADD_MEM_REG,
  F.REM_MEM_REG,
  F.SET_FEATURES,
  F.SET_PROTOCOL_FEATURES,
];
const VALUES = [0, 1, 2, 3, 4, 7, 8, 0xff, 0x100, 0x101, 0x1ff, 0x200, 0x8000, 0x8000_8000, 0xffff_ffff];

/** Sends messages that make sense more or less, and writes into the rings what an input says. */
export class HostileFrontend {
  readonly #peer: RawPeer;
  readonly #memory: DriverMemory;
  readonly #descriptors: SomeDescriptors;
  readonly #kick: number;
  readonly #choices: Choices;

  constructor(
    peer: RawPeer,
    memory: DriverMemory,
    descriptors: SomeDescriptors,
    kick: number,
    choices: Choices,
  ) {
    this.#peer = peer;
    this.#memory = memory;
    this.#descriptors = descriptors;
    this.#kick = kick;
    this.#choices = choices;
  }

  /** As far as a VMM gets before the guest's driver starts. */
  setUp(): void {
    const packed = this.#choices.oneIn(4) ? Feature.RING_PACKED : 0n;
    const features = Feature.VERSION_1 | Feature.PROTOCOL_FEATURES | Feature.INDIRECT_DESC | packed;
    const every =
      ProtocolFeature.MQ | ProtocolFeature.REPLY_ACK | ProtocolFeature.CONFIG | ProtocolFeature.BACKEND_REQ;
    const more =
      ProtocolFeature.INFLIGHT_SHMFD |
      ProtocolFeature.CONFIGURE_MEM_SLOTS |
      ProtocolFeature.STATUS |
      ProtocolFeature.RESET_DEVICE |
      ProtocolFeature.DEVICE_STATE |
      ProtocolFeature.LOG_SHMFD;
    this.#send(F.SET_OWNER, undefined);
    this.#send(F.SET_PROTOCOL_FEATURES, every | more);
    this.#send(F.SET_FEATURES, features);
    this.#send(
      F.SET_MEM_TABLE,
      this.#memory.regions,
      this.#memory.regions.map(({ fd }) => fd),
    );
    if (this.#choices.oneIn(2)) this.#startQueue(0, packed !== 0n);
  }

  step(): void {
    const choices = this.#choices;
    switch (choices.below(8)) {
      case 0:
        this.#writeRing();
        break;
      case 1:
        raw.eventfdWrite(choices.oneIn(4) ? choices.pick(this.#descriptors.events) : this.#kick, 1);
        return;
      case 2:
        if (choices.oneIn(8)) this.#startQueue(choices.below(QUEUES), choices.oneIn(2));
        else this.#request();
        break;
      default:
        this.#request();
        break;
    }
  }

  /** Reads what is answered, and closes what comes with it. */
  listen(): void {
    for (const { descriptors } of this.#peer.receive()) closeAll(descriptors);
  }

  #startQueue(index: number, packed: boolean): void {
    this.#send(F.SET_VRING_NUM, { index, num: RING_SIZE });
    this.#send(F.SET_VRING_BASE, { index, num: packed ? 0x8000_8000 : 0 });
    this.#send(F.SET_VRING_ADDR, this.#addresses(index));
    this.#send(F.SET_VRING_CALL, BigInt(index), [this.#descriptors.events[0]!]);
    this.#send(F.SET_VRING_ERR, BigInt(index), [this.#descriptors.events[1]!]);
    this.#send(F.SET_VRING_KICK, BigInt(index), [this.#kick]);
    this.#send(F.SET_VRING_ENABLE, { index, num: 1 });
  }

  #send(request: F, body: unknown, fds: readonly number[] = []): void {
    const rule: RequestRule = frontendRequests[request];
    this.#peer.send(messageBytes(request, 1, rule.body.encode(body)), fds);
  }

  #request(): void {
    const choices = this.#choices;
    const request = choices.oneIn(64) ? choices.u32() : choices.pick(DECK);
    const rule: RequestRule | undefined = frontendRequests[request as F];
    let body =
      rule === undefined ? choices.bytes(choices.below(32)) : rule.body.encode(this.#body(request as F));
    const [fewest, most] = rule?.descriptors ?? [0, 0];
    let count = choices.oneIn(4) ? fewest : Math.min(1, most);
    if (request === F.SET_MEM_TABLE) count = Math.min(32, (body.length - 8) / 32);
    if (choices.oneIn(24)) count = choices.pick([0, 1, 2, 32, 33, 36]);
    if (choices.oneIn(24))
      body = choices.oneIn(2)
        ? body.slice(0, choices.below(body.length + 1))
        : choices.bytes(body.length + choices.below(8));
    const flags = choices.oneIn(32) ? choices.u32() : choices.pick([1, 9]);
    const size = choices.oneIn(32)
      ? choices.pick([0, 1, body.length + 1, 4096, 4097, 0xffff_ffff])
      : body.length;
    const bytes = messageBytes(request, flags, body, size);
    const fds = Array.from({ length: count }, (_, i) => this.#descriptor(request, i));
    if (!choices.oneIn(16)) {
      this.#peer.send(bytes, fds);
      return;
    }
    // In two pieces, perhaps with descriptors in the middle.
    const cut = choices.below(bytes.length);
    this.#peer.send(bytes.subarray(0, cut), choices.oneIn(2) ? fds : []);
    this.#peer.send(bytes.subarray(cut), choices.oneIn(2) ? fds : []);
  }

  #descriptor(request: number, index: number): number {
    const choices = this.#choices;
    const { events, files, others } = this.#descriptors;
    if (choices.oneIn(16)) return choices.pick([...events, ...files, ...others]);
    switch (request) {
      case F.SET_MEM_TABLE:
      case F.ADD_MEM_REG:
        return choices.oneIn(16) ? choices.pick(files) : this.#memory.regions[index % 2]!.fd;
      case F.SET_VRING_KICK:
        return this.#kick;
      case F.SET_LOG_BASE:
      case F.SET_INFLIGHT_FD:
        return choices.pick(files);
      case F.SET_BACKEND_REQ_FD:
      case F.SET_DEVICE_STATE_FD:
        return choices.pick(others);
      default:
        return choices.pick(events);
    }
  }

  /** The body of a request, decoded: each of its fields plausible or at the edge. */
  #body(request: F): unknown {
    const choices = this.#choices;
    const index = choices.oneIn(16) ? choices.pick(VALUES) : choices.below(QUEUES);
    const num = choices.oneIn(3) ? choices.pick(VALUES) : RING_SIZE;
    switch (request) {
      case F.SET_MEM_TABLE:
        return Array.from({ length: choices.oneIn(8) ? choices.below(40) : 1 + choices.below(2) }, (_, i) =>
          this.#region(i),
        );
      case F.ADD_MEM_REG:
      case F.REM_MEM_REG:
        return this.#region(choices.below(2));
      case F.SET_VRING_ADDR:
        return this.#addresses(index);
      case F.SET_VRING_ENABLE:
        return { index, num: choices.oneIn(8) ? num : choices.below(2) };
      case F.SET_VRING_NUM:
      case F.SET_VRING_BASE:
      case F.GET_VRING_BASE:
      case F.SET_VRING_ENDIAN:
      case F.VRING_KICK:
        return { index, num };
      case F.SET_FEATURES:
        return choices.oneIn(4)
          ? this.#u64()
          : Feature.VERSION_1 |
              Feature.PROTOCOL_FEATURES |
              (choices.oneIn(2) ? Feature.RING_PACKED : Feature.EVENT_IDX);
      case F.SET_PROTOCOL_FEATURES:
        return choices.oneIn(4) ? this.#u64() : BigInt(choices.below(0x1_0000));
      case F.GET_CONFIG:
      case F.SET_CONFIG: {
        const size = choices.oneIn(4) ? choices.pick(VALUES) : choices.below(48);
        return {
          offset: choices.oneIn(4) ? choices.pick(VALUES) : choices.below(48),
          size,
          flags: choices.below(3),
          payload: new Uint8Array(Math.min(size, 300)),
        };
      }
      case F.SET_LOG_BASE:
        return {
          logSize: choices.oneIn(2) ? 0x1_0000n : this.#u64(),
          logOffset: choices.oneIn(2) ? 0n : this.#u64(),
        };
      case F.GET_INFLIGHT_FD:
      case F.SET_INFLIGHT_FD:
        return {
          mmapSize: choices.oneIn(2) ? 0x1_0000n : this.#u64(),
          mmapOffset: choices.oneIn(2) ? 0n : this.#u64(),
          numQueues: choices.below(QUEUES + 2),
          queueSize: num & 0xffff,
        };
      case F.SET_DEVICE_STATE_FD:
        return { direction: choices.below(3), phase: choices.below(2) };
      case F.IOTLB_MSG:
        return { iova: this.#u64(), size: 1n, userAddress: 0n, permissions: 1, type: 1 };
      case F.GET_SHARED_OBJECT:
        return choices.bytes(16);
      case F.CREATE_CRYPTO_SESSION:
        return choices.bytes(choices.below(32));
      default:
        return choices.oneIn(4) ? this.#u64() : BigInt(index);
    }
  }

  #region(which: number): { guestAddress: bigint; size: bigint; userAddress: bigint; mmapOffset: bigint } {
    const choices = this.#choices;
    const { guestAddress, size, userAddress, mmapOffset } = this.#memory.regions[which % 2]!;
    const region = {
      guestAddress: BigInt(guestAddress),
      size: BigInt(size),
      userAddress,
      mmapOffset: BigInt(mmapOffset),
    };
    if (which > 1) region.guestAddress += BigInt(which) << 20n;
    if (!choices.oneIn(8)) return region;
    const field = choices.pick(['guestAddress', 'size', 'userAddress', 'mmapOffset'] as const);
    return { ...region, [field]: this.#u64() };
  }

  #addresses(index: number): unknown {
    const choices = this.#choices;
    const [region] = this.#memory.regions;
    const at = region!.userAddress + BigInt(3 * PART * (index % QUEUES));
    const address = {
      index,
      flags: choices.oneIn(8) ? choices.below(4) : 0,
      descriptor: at,
      available: at + BigInt(PART),
      used: at + BigInt(2 * PART),
      log: 0n,
    };
    if (!choices.oneIn(8)) return address;
    const field = choices.pick(['descriptor', 'available', 'used', 'log'] as const);
    return {
      ...address,
      [field]: choices.oneIn(2) ? this.#u64() : address[field] + BigInt(choices.below(0x2_0000)),
    };
  }

  /** A chain of one descriptor, or nonsense. */
  #writeRing(): void {
    const choices = this.#choices;
    const [region] = this.#memory.regions;
    const { u8 } = region!.at(0, region!.size);
    const view = new DataView(u8.buffer, u8.byteOffset, u8.length);
    const queue = 3 * PART * choices.below(QUEUES);
    if (choices.oneIn(4)) {
      view.setUint16(queue + PART * choices.below(3) + 2 * choices.below(64), choices.below(0x1_0000), true);
      return;
    }
    const slot = choices.below(RING_SIZE);
    view.setBigUint64(queue + 16 * slot, BigInt(region!.guestAddress + 0xa000), true);
    view.setUint32(queue + 16 * slot + 8, 64, true);
    // Of a packed ring: the id, and made available in the first round.
    view.setUint16(queue + 16 * slot + 12, slot, true);
    view.setUint16(queue + 16 * slot + 14, 0x80, true);
    if (choices.oneIn(2)) view.setUint32(queue + 16 * slot + 12, choices.pick([0, 2]), true);
    const index = view.getUint16(queue + PART + 2, true);
    view.setUint16(queue + PART + 4 + 2 * (index % RING_SIZE), slot, true);
    view.setUint16(queue + PART + 2, (index + 1) & 0xffff, true);
  }

  #u64(): bigint {
    const choices = this.#choices;
    if (choices.oneIn(2))
      return choices.pick([
        0n,
        1n,
        0xfffn,
        0x1000n,
        1n << 32n,
        (1n << 53n) - 1n,
        1n << 53n,
        1n << 63n,
        (1n << 64n) - 1n,
        (1n << 64n) - 0x1000n,
      ]);
    return (BigInt(choices.u32()) << 32n) | BigInt(choices.u32());
  }
}
