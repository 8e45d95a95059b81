import { OwnedFd } from '@vfs/sys';
import { describe, expect, it } from 'vitest';
import {
  type Chain,
  type DriverQueue,
  descStateSplit,
  Frontend,
  FrontendRequest,
  ProtocolFeature,
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

describe('in-flight tracking', () => {
  it('executes after a crash exactly what was not completed, in order', async () => {
    const random = new Random(7);
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
    let frontend = await first.connect({ protocolFeatures, keepQueues: true });
    const { memory } = frontend;
    const wanted = { mmapSize: 0, mmapOffset: 0, numQueues: 2, queueSize: 32 };
    const log = await frontend.channel.callWithDescriptors(F.GET_INFLIGHT_FD, wanted);
    using file = new OwnedFd(log.descriptors[0]!);
    await frontend.call(F.SET_INFLIGHT_FD, log.body, [file.fd]);
    const queue: DriverQueue = await frontend.startQueue(1, { size: 32 });
    let submitted = 0;
    const submit = () => {
      const buffer = memory.allocate(4);
      const id = submitted++;
      new DataView(buffer.u8.buffer, buffer.u8.byteOffset, 4).setUint32(0, id, true);
      void queue.submit([buffer], []).then(() => completed.push(id));
    };
    let rigs = first;
    for (let crash = 0; crash < 20; crash++) {
      for (let i = 0; i < 20; i++) {
        if (queue.outstanding < 32) submit();
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
      frontend = await Frontend.connect(next.path, { protocolFeatures, memory, keepQueues: true });
      await frontend.call(F.SET_INFLIGHT_FD, log.body, [file.fd]);
      // What a front-end knows after a crash: the used index of the ring.
      const { u8 } = queue.parts.used;
      const used = new DataView(u8.buffer, u8.byteOffset).getUint16(2, true);
      await frontend.resumeQueue(queue, used);
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
      const frontend = await r.connect({ protocolFeatures });
      await expect(attempt(frontend), name).rejects.toThrow();
      await until(() => r.ended.length === 1);
      expect(r.ended[0]?.message).toMatch(cause);
    }
  });
});
