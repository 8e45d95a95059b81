import { MappedMemory, OwnedFd } from '@vfs/sys';
import { describe, expect, it } from 'vitest';
import {
  type Chain,
  type DriverQueue,
  descStatePacked,
  descStateSplit,
  Feature,
  Frontend,
  FrontendRequest,
  type LeftChain,
  PackedFlag,
  PackedInflight,
  ProtocolFeature,
  packedInflightSize,
  queueRegionPacked,
  queueRegionSplit,
  SplitInflight,
  splitInflightSize,
} from '../src/index.js';
import { Random, rig, turn, until } from './support.js';

const F = FrontendRequest;
const protocolFeatures = ProtocolFeature.MQ | ProtocolFeature.REPLY_ACK | ProtocolFeature.INFLIGHT_SHMFD;

describe('SplitInflight', () => {
  const region = () => new Uint8Array(splitInflightSize(8));

  it('has the layout of the specification', () => {
    expect(queueRegionSplit.size).toBe(16);
    expect(descStateSplit.size).toBe(16);
    expect(descStateSplit.offsets).toMatchObject({ inflight: 0, next: 6, counter: 8 });
    expect(queueRegionSplit.offsets).toMatchObject({
      version: 8,
      desc_num: 10,
      last_batch_head: 12,
      used_idx: 14,
    });
    expect(splitInflightSize(8)).toBe(192);
  });

  it('gives back what was taken and not returned, in order', () => {
    const memory = region();
    const first = new SplitInflight(memory, 8);
    expect(first.recover(100)).toBeUndefined();
    for (const head of [5, 1, 7, 0]) first.taken(head);
    first.returned(1);
    first.published(101);
    const second = new SplitInflight(memory, 8);
    expect(second.recover(101)).toEqual([5, 7, 0]);
    // And orders what comes later behind it.
    second.taken(1);
    expect(new SplitInflight(memory, 8).recover(101)).toEqual([5, 7, 0, 1]);
  });

  it('knows what was published when the process died before it could be noted', () => {
    const memory = region();
    const first = new SplitInflight(memory, 8);
    first.recover(0xffff);
    for (const head of [3, 4, 5, 6]) first.taken(head);
    first.returned(4);
    first.published(0);
    first.returned(6);
    first.returned(3);
    // The used index went on to 2, and then: nothing more.
    expect(new SplitInflight(memory.slice(), 8).recover(2)).toEqual([5]);
    // Died before the used index was written: all that was returned is still in flight.
    expect(new SplitInflight(memory.slice(), 8).recover(0)).toEqual([3, 5, 6]);
  });

  it('survives a region full of nonsense', () => {
    const memory = region().fill(0xff);
    new DataView(memory.buffer).setUint16(8, 1, true);
    expect(new SplitInflight(memory, 8).recover(5)).toHaveLength(8);
  });
});

describe('PackedInflight', () => {
  const size = 8;
  const start = { index: 0, wrap: 1 };
  const region = () => new Uint8Array(packedInflightSize(size));
  /** A ring whose descriptors have these flags, all available in the first round at first. */
  const flags = (...used: number[]) => {
    const all = new Array<number>(size).fill(PackedFlag.AVAIL);
    for (const index of used) all[index] = PackedFlag.AVAIL | PackedFlag.USED;
    return {
      all,
      load: (i: number) => all[i]!,
      store: (i: number, value: number) => void all.splice(i, 1, value),
    };
  };
  const take = (log: PackedInflight, id: number, slots = 1) => {
    for (let i = 0; i < slots; i++) log.describe(1000 * id + i, 0, 10 + i, id | (i << 16));
    log.taken(id);
  };
  const give = (log: PackedInflight, index: number, wrap: number, ...ids: number[]) => {
    for (const id of ids) log.returned(id);
    log.publishing(index, wrap);
  };
  const ids = (found: { left: LeftChain[] } | undefined) => found?.left.map(({ id }) => id);

  it('has the layout of the specification', () => {
    expect(queueRegionPacked.size).toBe(32);
    expect(queueRegionPacked.offsets).toMatchObject({ free_head: 12, used_idx: 16, used_wrap_counter: 20 });
    expect(descStatePacked.size).toBe(32);
    expect(descStatePacked.offsets).toMatchObject({ next: 2, last: 4, num: 6, counter: 8, id: 16, addr: 24 });
    expect(packedInflightSize(size)).toBe(320);
  });

  it('gives back what was taken and not returned, in order, with its descriptors', () => {
    const memory = region();
    const first = new PackedInflight(memory, size);
    expect(first.recover(start, flags())).toBeUndefined();
    take(first, 5, 2);
    take(first, 1);
    take(first, 7, 3);
    give(first, 1, 1, 1);
    first.published();
    const second = new PackedInflight(memory, size);
    const found = second.recover(start, flags(0))!;
    expect(found.used).toEqual({ index: 1, wrap: 1 });
    expect(found.left).toMatchObject([
      { id: 5, slots: 2 },
      { id: 7, slots: 3 },
    ]);
    const seen: number[][] = [];
    second.walk(found.left[1]!, (...descriptor) => seen.push(descriptor));
    expect(seen).toEqual([
      [7000, 0, 10, 0],
      [7001, 0, 11, 1],
      [7002, 0, 12, 2],
    ]);
    // And orders what comes later behind it, although it lies before.
    take(second, 2);
    expect(ids(new PackedInflight(memory, size).recover(start, flags(0)))).toEqual([5, 7, 2]);
  });

  it('knows from the ring whether the last batch was shown, and takes back what was not', () => {
    const memory = region();
    const first = new PackedInflight(memory, size);
    first.recover({ index: 6, wrap: 1 }, flags());
    for (const id of [3, 4, 5]) take(first, id);
    give(first, 0, 0, 5, 3);
    const shown = new PackedInflight(memory.slice(), size).recover(start, flags(6, 7))!;
    expect(shown).toMatchObject({ used: { index: 0, wrap: 0 }, left: [{ id: 4 }] });
    // The second of the batch was written, the first one not shown.
    const ring = flags(7);
    const hidden = new PackedInflight(memory.slice(), size).recover(start, ring)!;
    expect(hidden.used).toEqual({ index: 6, wrap: 1 });
    expect(ids(hidden)).toEqual([3, 4, 5]);
    expect(ring.all).toEqual(flags().all);
  });

  it('tells a batch that fills the ring from none', () => {
    const memory = region();
    const first = new PackedInflight(memory, size);
    first.recover(start, flags());
    take(first, 0, size);
    give(first, 0, 0, 0);
    const found = new PackedInflight(memory, size).recover(start, flags(0))!;
    expect(found).toEqual({ used: { index: 0, wrap: 0 }, left: [] });
  });

  it('forgets a chain that was not read to its end', () => {
    const memory = region();
    const first = new PackedInflight(memory, size);
    first.recover(start, flags());
    take(first, 1, 2);
    first.describe(0, 0, 4, 9);
    expect(ids(new PackedInflight(memory.slice(), size).recover(start, flags()))).toEqual([1]);
    first.abandoned();
    take(first, 2, 6);
    expect(ids(new PackedInflight(memory, size).recover(start, flags()))).toEqual([1, 2]);
  });

  it('refuses a region full of nonsense', () => {
    for (let byte = 1; byte < 256; byte++) {
      const memory = region().fill(byte);
      new DataView(memory.buffer).setUint16(8, 1, true);
      const recover = () => new PackedInflight(memory, size).recover(start, flags());
      expect(recover, `all ${byte}`).toThrow(/the in-flight log makes no sense/);
    }
  });
});

describe.each([false, true])('in-flight tracking (packed: %s)', (packed) => {
  const features =
    Feature.VERSION_1 |
    Feature.PROTOCOL_FEATURES |
    Feature.EVENT_IDX |
    Feature.INDIRECT_DESC |
    (packed ? Feature.RING_PACKED : 0n);

  for (const indirect of [true, false]) {
    it(`executes after a crash exactly what was not completed, in order (indirect: ${indirect})`, async () => {
      const random = new Random(7);
      const options = {
        protocolFeatures,
        features: indirect ? features : features & ~Feature.INDIRECT_DESC,
        keepQueues: true,
      };
      const executed: number[] = [];
      const completed: number[] = [];
      let held: { chain: Chain; id: number }[] = [];
      const handle = (chain: Chain) => {
        const bytes = new Uint8Array(4);
        chain.readable.copyOut(0, bytes, 0, 4);
        const id = new DataView(bytes.buffer).getUint32(0, true);
        executed.push(id);
        held.push({ chain, id });
      };
      using first = rig({ handle });
      let frontend = await first.connect(options);
      const { memory } = frontend;
      const wanted = { mmapSize: 0, mmapOffset: 0, numQueues: 2, queueSize: 32 };
      const log = await frontend.channel.callWithDescriptors(F.GET_INFLIGHT_FD, wanted);
      using file = new OwnedFd(log.descriptors[0]!);
      await frontend.call(F.SET_INFLIGHT_FD, log.body, [file.fd]);
      const queue: DriverQueue = await frontend.startQueue(1, { size: 32 });
      let submitted = 0;
      const submit = () => {
        const buffer = memory.allocate(4);
        const rest = Array.from({ length: random.below(3) }, () => memory.allocate(4));
        const id = submitted++;
        new DataView(buffer.u8.buffer, buffer.u8.byteOffset, 4).setUint32(0, id, true);
        void queue.submit([buffer], rest).then(() => completed.push(id));
      };
      let rigs = first;
      for (let crash = 0; crash < 20; crash++) {
        for (let i = 0; i < 20; i++) {
          if (queue.outstanding < 10) submit();
          if (random.chance(30)) await turn(1);
          if (random.chance(60) && held.length > 0) {
            const [one] = held.splice(random.below(held.length), 1);
            one!.chain.complete(0);
          }
        }
        await until(() => held.length === queue.outstanding);
        // The process dies: what it holds is lost.
        const lost = held.map(({ id }) => id);
        held = [];
        executed.length = 0;
        rigs.backend.close();
        frontend.close();
        const next = rig({ handle });
        rigs = next;
        frontend = await Frontend.connect(next.path, { ...options, memory });
        await frontend.call(F.SET_INFLIGHT_FD, log.body, [file.fd]);
        // What a front-end knows after a crash: of a split ring the used index, of a packed one nothing new.
        const { u8 } = queue.parts.used;
        const used = new DataView(u8.buffer, u8.byteOffset).getUint16(2, true);
        await frontend.resumeQueue(queue, packed ? 0x8000_8000 : used);
        await until(() => executed.length === lost.length);
        expect(executed).toEqual([...lost].sort((a, b) => a - b));
      }
      for (const { chain } of held) chain.complete(0);
      await until(() => queue.outstanding === 0);
      expect(completed.sort((a, b) => a - b)).toEqual(Array.from({ length: submitted }, (_, i) => i));
      rigs[Symbol.dispose]();
      frontend.close();
      queue.close();
      memory[Symbol.dispose]();
    });
  }

  it('executes what was left even when the ring is stopped at once', async () => {
    const held: Chain[] = [];
    const options = { protocolFeatures, features, keepQueues: true };
    using first = rig({ handle: () => {} });
    const before = await first.connect(options);
    const { memory } = before;
    const wanted = { mmapSize: 0, mmapOffset: 0, numQueues: 2, queueSize: 256 };
    const log = await before.channel.callWithDescriptors(F.GET_INFLIGHT_FD, wanted);
    using file = new OwnedFd(log.descriptors[0]!);
    await before.call(F.SET_INFLIGHT_FD, log.body, [file.fd]);
    using queue = await before.startQueue(1, { size: 256 });
    const buffer = memory.allocate(4);
    let done = 0;
    for (let i = 0; i < 200; i++) queue.add([buffer], [], () => done++);
    queue.flush();
    await turn(20);
    first.backend.close();
    before.close();
    using second = rig({ handle: (chain) => void held.push(chain) });
    using after = await Frontend.connect(second.path, { ...options, memory });
    await after.call(F.SET_INFLIGHT_FD, log.body, [file.fd]);
    const { index, vringAddress, size } = queue;
    await after.call(F.SET_VRING_NUM, { index, num: size });
    await after.call(F.SET_VRING_BASE, { index, num: packed ? 0x8000_8000 : 0 });
    await after.call(F.SET_VRING_ADDR, vringAddress);
    await after.call(F.SET_VRING_CALL, index, [queue.callFd]);
    await after.call(F.SET_VRING_KICK, index, [queue.kickFd]);
    const enabled = after.call(F.SET_VRING_ENABLE, { index, num: 1 });
    const stopped = after.stopQueue(queue);
    await enabled;
    await until(() => held.length === 200);
    for (const chain of held) chain.complete(0);
    expect(await stopped).toBe(packed ? 0x80c8_80c8 : 200);
    await until(() => done === 200);
    after.close();
    memory[Symbol.dispose]();
  });

  it('starts afresh after RESET_DEVICE', async () => {
    using r = rig();
    const frontend = await r.connect({
      features,
      protocolFeatures: protocolFeatures | ProtocolFeature.RESET_DEVICE,
    });
    const wanted = { mmapSize: 0, mmapOffset: 0, numQueues: 2, queueSize: 8 };
    const log = await frontend.channel.callWithDescriptors(F.GET_INFLIGHT_FD, wanted);
    using file = new OwnedFd(log.descriptors[0]!);
    await frontend.call(F.SET_INFLIGHT_FD, log.body, [file.fd]);
    const buffer = frontend.memory.allocate(4);
    for (let round = 0; round < 3; round++) {
      const queue = await frontend.startQueue(1, { size: 8 });
      for (let i = 0; i < 11; i++) expect(await queue.submit([buffer], [buffer])).toBe(4);
      await frontend.call(F.RESET_DEVICE, undefined);
      await frontend.call(F.SET_FEATURES, features);
    }
    expect(r.log.errors).toBe('');
  });

  it('refuses logs that do not fit', async () => {
    const attempts: [string, RegExp, (f: Frontend) => Promise<unknown>][] = [
      [
        'too many queues',
        /in-flight log of 3 queues/,
        (f) => f.call(F.GET_INFLIGHT_FD, { mmapSize: 0, mmapOffset: 0, numQueues: 3, queueSize: 8 }),
      ],
      [
        'size 0',
        /size 0/,
        (f) => f.call(F.GET_INFLIGHT_FD, { mmapSize: 0, mmapOffset: 0, numQueues: 1, queueSize: 0 }),
      ],
      [
        'too small',
        /are needed/,
        (f) =>
          f.call(F.SET_INFLIGHT_FD, { mmapSize: 64, mmapOffset: 0, numQueues: 2, queueSize: 8 }, [
            f.memory.regions[0]!.fd,
          ]),
      ],
      [
        'beyond the file',
        /cannot be mapped/,
        (f) =>
          f.call(F.SET_INFLIGHT_FD, { mmapSize: 8192, mmapOffset: 2 ** 40, numQueues: 2, queueSize: 8 }, [
            f.memory.regions[0]!.fd,
          ]),
      ],
    ];
    for (const [name, cause, attempt] of attempts) {
      using r = rig();
      const frontend = await r.connect({ protocolFeatures, features });
      await expect(attempt(frontend), name).rejects.toThrow();
      await until(() => r.ended.length === 1);
      expect(r.ended[0]?.message).toMatch(cause);
    }
  });
});

describe('a log in the hands of its front-end', () => {
  const shape = { mmapSize: 0, mmapOffset: 0, numQueues: 1, queueSize: 128 };

  it('is exchanged on a ring at rest, which then needs its addresses again', async () => {
    using r = rig();
    const frontend = await r.connect({ protocolFeatures });
    const give = async () => {
      const { body, descriptors } = await frontend.channel.callWithDescriptors(F.GET_INFLIGHT_FD, shape);
      using _file = new OwnedFd(descriptors[0]!);
      await frontend.call(F.SET_INFLIGHT_FD, body, descriptors);
    };
    await give();
    const queue = await frontend.startQueue(0);
    const buffer = frontend.memory.allocate(4);
    expect(await queue.submit([buffer], [buffer])).toBe(4);
    await frontend.call(F.SET_VRING_ENABLE, { index: 0, num: 0 });
    await give();
    await frontend.call(F.SET_VRING_ENABLE, { index: 0, num: 1 });
    const request = queue.submit([buffer], [buffer]);
    await queue.failed;
    expect(r.log.errors).toBe('error: queue 0 stopped: a kick before the ring has addresses');
    await frontend.call(F.SET_VRING_ADDR, queue.vringAddress);
    expect(await request).toBe(4);
  });

  it('does not make completions throw when it is overwritten while chains are in flight', async () => {
    const chains: Chain[] = [];
    using r = rig({ handle: (chain) => void chains.push(chain) });
    const features = Feature.VERSION_1 | Feature.PROTOCOL_FEATURES | Feature.RING_PACKED;
    const frontend = await r.connect({ features, protocolFeatures });
    const { body, descriptors } = await frontend.channel.callWithDescriptors(F.GET_INFLIGHT_FD, shape);
    using file = new OwnedFd(descriptors[0]!);
    await frontend.call(F.SET_INFLIGHT_FD, body, descriptors);
    using log = MappedMemory.map(file, body.mmapSize);
    const queue = await frontend.startQueue(0);
    const buffer = frontend.memory.allocate(4);
    const request = queue.submit([buffer], [buffer]);
    await until(() => chains.length === 1);
    log.windows[0]!.u8.fill(0xff);
    chains[0]!.complete(0);
    expect(await request).toBe(0);
  });
});
