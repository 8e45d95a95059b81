import { setImmediate } from 'node:timers/promises';
import { raw, SOCK_NONBLOCK, SysError, unixSocketPair } from '@vfs/sys';
import {
  type BackendRequest,
  backendRequests,
  DriverMemory,
  type DriverQueue,
  FrontendRequest as F,
  Feature,
  Frontend,
  FrontendChannel,
  frontendRequests,
  type RequestRule,
  VhostUserError,
} from '@vfs/vhost-user';
import type { Choices } from '../engine/choices.js';
import type { Body, Seen, Target } from '../engine/target.js';
import { descriptorsClosed, openDescriptors } from './open-descriptors.js';
import { promised, undocumented } from './promise.js';
import { SomeDescriptors } from './raw-descriptors.js';
import { closeAll, messageBytes, RawPeer } from './raw-peer.js';

export const FRONTEND: Target = {
  name: 'frontend',
  promise:
    'whatever a back-end answers and asks, a front-end gets an answer or a documented error, and lets go of everything',
  short: 300,
  steps: 80,
  start: () => new Driven(),
};

class Driven implements Body {
  readonly #descriptors = new SomeDescriptors();

  async run(choices: Choices, seen: Seen): Promise<void> {
    const before = openDescriptors();
    const memory = new DriverMemory([{ size: 0x1_0000 }]);
    const [ours, theirs] = unixSocketPair({ flags: SOCK_NONBLOCK });
    const backend = new HostileBackend(new RawPeer(ours), this.#descriptors, choices);
    const channel = new FrontendChannel(theirs);
    const work = use(channel, memory, choices, backend, seen);
    let done = false;
    const end = () => {
      done = true;
    };
    work.then(end, end);
    while (!done && choices.next()) {
      backend.step();
      await setImmediate();
    }
    // Whoever waits for an answer now is told that there will be none.
    backend.close();
    try {
      await work;
    } finally {
      channel.close();
      memory[Symbol.dispose]();
    }
    await descriptorsClosed(before);
  }

  [Symbol.dispose](): void {
    this.#descriptors[Symbol.dispose]();
  }
}

/** Does what a user of the package does, whatever comes of it. */
async function use(
  channel: FrontendChannel,
  memory: DriverMemory,
  choices: Choices,
  backend: HostileBackend,
  seen: Seen,
): Promise<void> {
  const packed = choices.oneIn(4) ? Feature.RING_PACKED : 0n;
  const features =
    Feature.VERSION_1 | Feature.EVENT_IDX | Feature.INDIRECT_DESC | Feature.PROTOCOL_FEATURES | packed;
  const frontend = await documented('setUp', seen, () =>
    Frontend.setUp(channel, { memory, features, protocolFeatures: 0xffff_ffffn }),
  );
  if (frontend === undefined) return;
  try {
    await documented('serveBackend', seen, () => frontend.serveBackend(() => 0n));
    await documented('getConfig', seen, () => frontend.getConfig(0, 40));
    const queue = await documented('startQueue', seen, () => frontend.startQueue(0, { size: 8 }));
    if (queue === undefined) return;
    backend.queue = queue;
    await documented('submit', seen, () => submit(queue, memory));
    await documented('stopQueue', seen, () => frontend.stopQueue(queue));
    await documented('GET_INFLIGHT_FD', seen, async () => {
      const body = { mmapSize: 0n, mmapOffset: 0n, numQueues: 1, queueSize: 8 };
      const { descriptors } = await channel.callWithDescriptors(F.GET_INFLIGHT_FD, body);
      closeAll(descriptors);
    });
  } finally {
    frontend.close();
  }
}

async function submit(queue: DriverQueue, memory: DriverMemory): Promise<void> {
  const buffer = memory.allocate(64);
  const all = [1, 2, 3].map(() => queue.submit([buffer], [buffer]));
  for (const length of await Promise.all(all))
    promised(length <= 64, 'a device writes no more than it was given');
}

/** Undefined when it failed as it may. */
async function documented<T>(what: string, seen: Seen, action: () => Promise<T>): Promise<T | undefined> {
  try {
    const result = await action();
    seen(what);
    return result;
  } catch (error) {
    if (!(error instanceof VhostUserError || error instanceof SysError)) throw undocumented(error, what);
    seen(`${what} ${error.code}`);
    return undefined;
  }
}

/** Answers mostly as it should, and breaks rings. */
class HostileBackend {
  /** Its ring is in the memory that both have. */
  queue: DriverQueue | undefined;
  readonly #peer: RawPeer;
  readonly #descriptors: SomeDescriptors;
  readonly #choices: Choices;
  /** Where requests of the back-end go, once the front-end has said so. */
  #channel: RawPeer | undefined;
  #used = 0;

  constructor(peer: RawPeer, descriptors: SomeDescriptors, choices: Choices) {
    this.#peer = peer;
    this.#descriptors = descriptors;
    this.#choices = choices;
  }

  step(): void {
    for (const { request, flags, descriptors } of this.#peer.receive()) {
      this.#answer(request, flags);
      this.#take(request, descriptors);
    }
    const choices = this.#choices;
    if (choices.oneIn(32))
      this.#peer.send(
        messageBytes(
          choices.pick([F.GET_FEATURES, F.GET_CONFIG, choices.u32()]),
          5,
          choices.bytes(choices.below(16)),
        ),
        this.#some(),
      );
    if (choices.oneIn(3)) this.#ask();
    if (choices.oneIn(2)) this.#useRing();
    for (const { descriptors } of this.#channel?.receive() ?? []) closeAll(descriptors);
  }

  close(): void {
    this.#peer.close();
    this.#channel?.close();
  }

  /** The channel that comes with SET_BACKEND_REQ_FD is kept. */
  #take(request: number, descriptors: readonly number[]): void {
    const rest = [...descriptors];
    if (request === F.SET_BACKEND_REQ_FD && this.#channel === undefined) {
      const fd = rest.shift();
      if (fd !== undefined) this.#channel = new RawPeer(fd);
    }
    closeAll(rest);
  }

  #answer(request: number, flags: number): void {
    const choices = this.#choices;
    const rule: RequestRule | undefined = frontendRequests[request as F];
    const wanted = rule?.reply !== undefined || (flags & 8) !== 0;
    if (choices.oneIn(32) ? wanted : !wanted) return;
    let body =
      rule?.reply === undefined
        ? u64(choices.oneIn(32) ? 1n : 0n)
        : rule.reply.encode(this.#reply(request as F));
    if (choices.oneIn(32))
      body = choices.oneIn(2)
        ? body.slice(0, choices.below(body.length + 1))
        : choices.bytes(choices.below(64));
    const kind = choices.oneIn(48) ? choices.pick(Object.keys(frontendRequests).map(Number)) : request;
    const bytes = messageBytes(
      kind,
      choices.oneIn(48) ? choices.u32() : 5,
      body,
      choices.oneIn(48) ? choices.pick([0, 1, 4096, 4097, 0xffff_ffff]) : body.length,
    );
    const fds =
      request === F.GET_INFLIGHT_FD ? [this.#descriptors.files[0]!] : choices.oneIn(24) ? this.#some() : [];
    const cut = choices.oneIn(16) ? choices.below(bytes.length) : bytes.length;
    this.#peer.send(bytes.subarray(0, cut), fds);
    this.#peer.send(bytes.subarray(cut));
  }

  #reply(request: F): unknown {
    const choices = this.#choices;
    switch (request) {
      case F.GET_CONFIG: {
        const payload = choices.bytes(choices.oneIn(4) ? choices.below(60) : 40);
        return { offset: 0, size: choices.oneIn(4) ? choices.u32() : payload.length, flags: 0, payload };
      }
      case F.GET_VRING_BASE:
        return { index: 0, num: choices.u32() };
      case F.GET_INFLIGHT_FD:
        return { mmapSize: 4096n, mmapOffset: 0n, numQueues: 1, queueSize: 8 };
      case F.GET_FEATURES:
      case F.GET_PROTOCOL_FEATURES:
        return choices.oneIn(4)
          ? (BigInt(choices.u32()) << 32n) | BigInt(choices.u32())
          : 0xffff_ffff_ffff_ffffn;
      default:
        return choices.oneIn(4) ? BigInt(choices.u32()) : 0n;
    }
  }

  /** A request of the back-end. */
  #ask(): void {
    const choices = this.#choices;
    const request = choices.oneIn(8) ? choices.u32() : choices.pick(Object.keys(backendRequests).map(Number));
    const size = (backendRequests[request as BackendRequest] as RequestRule | undefined)?.body.size ?? 0;
    const body = choices.bytes(choices.oneIn(8) ? choices.below(64) : size);
    this.#channel?.send(
      messageBytes(request, choices.oneIn(8) ? choices.u32() : choices.pick([1, 9]), body),
      choices.oneIn(4) ? this.#some() : [],
    );
  }

  /** Returns chains, or nonsense. */
  #useRing(): void {
    const { queue } = this;
    if (queue === undefined) return;
    const choices = this.#choices;
    const { descriptor, used } = queue.parts;
    const bytes = choices.oneIn(2) ? used.u8 : descriptor.u8;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    if (choices.oneIn(4)) {
      view.setUint16(2 * choices.below(bytes.length >> 1), choices.below(0x1_0000), true);
    } else {
      const ring = new DataView(used.u8.buffer, used.u8.byteOffset, used.u8.length);
      if (used.u8.length > 4 + 8) {
        const at = 4 + 8 * (this.#used % queue.size);
        ring.setUint32(at, choices.oneIn(8) ? choices.u32() : choices.below(queue.size), true);
        ring.setUint32(at + 4, choices.oneIn(8) ? choices.u32() : choices.below(65), true);
        this.#used = (this.#used + 1) & 0xffff;
        ring.setUint16(2, this.#used, true);
      } else {
        const packed = new DataView(descriptor.u8.buffer, descriptor.u8.byteOffset, descriptor.u8.length);
        const at = 16 * (this.#used % queue.size);
        packed.setUint32(at + 8, choices.oneIn(8) ? choices.u32() : choices.below(65), true);
        packed.setUint16(
          at + 12,
          choices.oneIn(8) ? choices.below(0x1_0000) : choices.below(queue.size),
          true,
        );
        packed.setUint16(at + 14, this.#used < queue.size ? 0x8082 : 2, true);
        this.#used += choices.pick([1, 2]);
      }
    }
    // A queue that ended has closed its descriptors.
    if (queue.outstanding > 0) raw.eventfdWrite(queue.callFd, 1);
  }

  #some(): number[] {
    const { events, files, others } = this.#descriptors;
    return Array.from({ length: this.#choices.pick([0, 1, 1, 2, 33]) }, () =>
      this.#choices.pick([...events, ...files, ...others]),
    );
  }
}

function u64(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  return bytes;
}
