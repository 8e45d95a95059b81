import { OwnedFd, unixListen, unixSocketPair } from '@vfs/sys';
import { describe, expect, it } from 'vitest';
import {
  Backend,
  type Chain,
  Feature,
  Frontend,
  FrontendChannel,
  type FrontendOptions,
  FrontendRequest,
  ProtocolFeature,
  silentLogger,
} from '../src/index.js';
import { reverse, rig, turn, until } from './support.js';

const F = FrontendRequest;

async function roundTrips(frontend: Frontend, index: number, count: number): Promise<void> {
  const queue = await frontend.startQueue(index);
  const question = frontend.memory.allocate(4);
  const answers = Array.from({ length: count }, () => frontend.memory.allocate(4));
  question.u8.set([1, 2, 3, 4]);
  const lengths = await Promise.all(answers.map((answer) => queue.submit([question], [answer])));
  expect(lengths).toEqual(new Array(count).fill(4));
  for (const answer of answers) expect([...answer.u8]).toEqual([4, 3, 2, 1]);
}

describe('a session', () => {
  const all = Feature.VERSION_1 | Feature.EVENT_IDX | Feature.INDIRECT_DESC | Feature.PROTOCOL_FEATURES;
  const variants: [string, FrontendOptions][] = [
    ['all features', {}],
    ['no event index', { features: all & ~Feature.EVENT_IDX }],
    ['direct descriptors', { features: all & ~Feature.INDIRECT_DESC }],
    ['no protocol features', { features: Feature.VERSION_1 }],
    ['packed', { features: all | Feature.RING_PACKED }],
    [
      'packed, no event index, direct',
      { features: Feature.VERSION_1 | Feature.PROTOCOL_FEATURES | Feature.RING_PACKED },
    ],
    ['no acknowledgements', { protocolFeatures: ProtocolFeature.MQ }],
    [
      'three regions',
      { memory: [{ size: 2 ** 20 }, { size: 2 ** 20, mmapOffset: 8192 }, { size: 2 ** 20 }] },
    ],
  ];
  for (const [name, options] of variants) {
    it(`serves 1000 requests on each queue: ${name}`, async () => {
      using r = rig();
      const frontend = await r.connect(options);
      await Promise.all([roundTrips(frontend, 0, 1000), roundTrips(frontend, 1, 1000)]);
      expect(r.log.errors).toBe('');
    });
  }

  it('offers what the transport and the device can do', async () => {
    using r = rig({ features: 1n << 60n });
    const frontend = await r.connect();
    const offered = await frontend.call(F.GET_FEATURES, undefined);
    expect(offered).toBe(all | Feature.RING_PACKED | Feature.LOG_ALL | (1n << 60n));
    // CONFIG is not offered by a device without a configuration space.
    const offeredProtocol = await frontend.call(F.GET_PROTOCOL_FEATURES, undefined);
    expect(offeredProtocol & (ProtocolFeature.MQ | ProtocolFeature.CONFIG)).toBe(ProtocolFeature.MQ);
    expect(frontend.queueCount).toBe(2);
  });

  it('answers with the configuration space, and zeros beyond its end', async () => {
    const config = new Uint8Array(40).fill(7);
    using r = rig({ config });
    const frontend = await r.connect();
    expect([...(await frontend.getConfig(36, 8))]).toEqual([7, 7, 7, 7, 0, 0, 0, 0]);
    expect([...(await frontend.getConfig(0, 40))]).toEqual([...config]);
    expect([...(await frontend.getConfig(100, 2))]).toEqual([0, 0]);
    // An empty answer means failure; the connection goes on.
    expect(await frontend.getConfig(250, 8)).toHaveLength(0);
    expect(await frontend.getConfig(0, 256)).toHaveLength(256);
  });

  it('serves the front-ends one after the other', async () => {
    let resets = 0;
    using r = rig({ reset: () => void resets++ });
    const first = await r.connect();
    await roundTrips(first, 1, 10);
    const second = r.connect();
    await turn(20);
    expect(r.ended).toEqual([]);
    first.close();
    await roundTrips(await second, 1, 10);
    expect(r.ended).toEqual([undefined]);
    expect(resets).toBe(1);
    expect(r.backend.connected).toBe(true);
  });

  it('serves over a connected socket', async () => {
    const [ours, theirs] = unixSocketPair();
    using backend = new Backend({ queueCount: 1, features: 0n, handle: reverse }, { log: silentLogger });
    backend.serve({ fd: ours });
    using frontend = await Frontend.setUp(new FrontendChannel(theirs));
    await roundTrips(frontend, 0, 10);
  });

  it('serves at an inherited listening socket', async () => {
    const name = `\0vhost-user-test-${process.pid}`;
    using backend = new Backend({ queueCount: 1, features: 0n, handle: reverse }, { log: silentLogger });
    using listener = new OwnedFd(unixListen(name));
    backend.listen(listener);
    using frontend = await Frontend.connect(name);
    await roundTrips(frontend, 0, 10);
  });

  it('refuses to listen twice, and where something exists', () => {
    using r = rig();
    expect(() => r.backend.listen(r.path)).toThrow(/in use/);
    using other = new Backend({ queueCount: 1, features: 0n, handle: reverse }, { log: silentLogger });
    expect(() => other.listen(r.path)).toThrow(/EADDRINUSE/);
  });

  it('refuses devices that the protocol cannot express', () => {
    const device = { queueCount: 1, features: 0n, handle: reverse };
    for (const wrong of [
      { queueCount: 0 },
      { queueCount: 65 },
      { maxQueueSize: 3 },
      { maxQueueSize: 65536 },
    ]) {
      expect(() => new Backend({ ...device, ...wrong }, { log: silentLogger })).toThrow(/device of|maximum/);
    }
  });
});

describe('rings', () => {
  it('stop with their position, and go on from there', async () => {
    using r = rig();
    const frontend = await r.connect();
    const queue = await frontend.startQueue(1, { size: 4 });
    const buffer = frontend.memory.allocate(4);
    for (let i = 0; i < 10; i++) await queue.submit([buffer], [buffer]);
    expect(await frontend.stopQueue(queue)).toBe(10);
    // Nothing is served while the ring is stopped.
    const late = queue.submit([buffer], [buffer]);
    await turn(20);
    expect(queue.outstanding).toBe(1);
    await frontend.resumeQueue(queue, 10);
    expect(await late).toBe(4);
    expect(await frontend.stopQueue(queue)).toBe(11);
  });

  it('stop and go on when packed, with their wrap counters', async () => {
    using r = rig();
    const frontend = await r.connect({
      features: Feature.VERSION_1 | Feature.PROTOCOL_FEATURES | Feature.RING_PACKED,
    });
    const queue = await frontend.startQueue(1, { size: 5 });
    const buffer = frontend.memory.allocate(4);
    // Two descriptors each: 14 slots, so position 4 of the third round, in which the wrap counters are 1 again.
    for (let i = 0; i < 7; i++) await queue.submit([buffer], [buffer]);
    const base = await frontend.stopQueue(queue);
    expect(base).toBe(0x8004_8004);
    const late = queue.submit([buffer], [buffer]);
    await turn(20);
    expect(queue.outstanding).toBe(1);
    await frontend.resumeQueue(queue, base);
    expect(await late).toBe(4);
    expect(await frontend.stopQueue(queue)).toBe(0x0001_0001);
  });

  it('complete what is in flight before GET_VRING_BASE is answered', async () => {
    const held: Chain[] = [];
    using r = rig({ handle: (chain) => void held.push(chain) });
    const frontend = await r.connect();
    const queue = await frontend.startQueue(0);
    const buffer = frontend.memory.allocate(4);
    const requests = [queue.submit([buffer], [buffer]), queue.submit([buffer], [buffer])];
    await until(() => held.length === 2);
    let base: number | undefined;
    const stopped = frontend.stopQueue(queue).then((num) => {
      base = num;
    });
    await turn(20);
    expect(base).toBeUndefined();
    held[1]!.complete(2);
    await turn(20);
    expect(base).toBeUndefined();
    held[0]!.complete(1);
    await stopped;
    expect(base).toBe(2);
    expect(await Promise.all(requests)).toEqual([1, 2]);
  });

  it('are not served while disabled', async () => {
    using r = rig();
    const frontend = await r.connect();
    const queue = await frontend.startQueue(0);
    await frontend.call(F.SET_VRING_ENABLE, { index: 0, num: 0 });
    const buffer = frontend.memory.allocate(4);
    const request = queue.submit([buffer], [buffer]);
    await turn(20);
    expect(queue.outstanding).toBe(1);
    await frontend.call(F.SET_VRING_ENABLE, { index: 0, num: 1 });
    expect(await request).toBe(4);
    await frontend.call(F.RESET_OWNER, undefined);
    const another = queue.submit([buffer], [buffer]);
    await turn(20);
    expect(queue.outstanding).toBe(1);
    await frontend.call(F.SET_VRING_ENABLE, { index: 0, num: 1 });
    expect(await another).toBe(4);
  });

  it('are polled without a kick descriptor, and silent without a call descriptor', async () => {
    using r = rig();
    const frontend = await r.connect();
    const queue = await frontend.startQueue(0, { kick: false, call: false });
    const buffer = frontend.memory.allocate(4);
    let length: number | undefined;
    queue.add([buffer], [buffer], (n) => {
      length = n;
    });
    queue.flush();
    await until(() => {
      queue.reap();
      return length !== undefined;
    });
    expect(length).toBe(4);
  });

  it('take up a ring that is in use: next available from the front-end, next used from the ring', async () => {
    using r = rig();
    const first = await r.connect();
    const buffer = first.memory.allocate(4);
    const queue = await first.startQueue(0, { size: 4 });
    for (let i = 0; i < 7; i++) await queue.submit([buffer], [buffer]);
    // A back-end that crashed never answers GET_VRING_BASE; here, the ring is set up anew with what the ring says.
    await first.call(F.SET_VRING_ENABLE, { index: 0, num: 0 });
    await first.call(F.SET_VRING_ADDR, queue.vringAddress);
    await first.call(F.SET_VRING_ENABLE, { index: 0, num: 1 });
    for (let i = 0; i < 7; i++) expect(await queue.submit([buffer], [buffer])).toBe(4);
    expect(await first.stopQueue(queue)).toBe(14);
  });

  it('go on in a new memory table, while requests in flight keep the old one', async () => {
    const held: Chain[] = [];
    using r = rig({ handle: (chain) => void held.push(chain) });
    const frontend = await r.connect();
    const queue = await frontend.startQueue(0);
    // More than is copied when a chain is taken.
    const size = 4096;
    const question = frontend.memory.allocate(size);
    const answer = frontend.memory.allocate(size);
    const request = queue.submit([question], [answer]);
    await until(() => held.length === 1);
    await frontend.shareMemory();
    const bytes = Uint8Array.from({ length: size }, (_, i) => i);
    question.u8.set(bytes);
    reverse(held.pop()!);
    expect(await request).toBe(size);
    expect(Buffer.from(answer.u8).equals(bytes.reverse())).toBe(true);
    const next = queue.submit([question], [answer]);
    await until(() => held.length === 1);
    held.pop()!.complete(0);
    expect(await next).toBe(0);
  });

  it('serve a burst in bounded turns, and the other ring meanwhile', async () => {
    const order: number[] = [];
    using r = rig({
      handle(chain) {
        order.push(chain.queueIndex);
        chain.complete(0);
      },
    });
    const frontend = await r.connect();
    const bulk = await frontend.startQueue(1, { size: 1024 });
    const urgent = await frontend.startQueue(0);
    const buffer = frontend.memory.allocate(4);
    let done = 0;
    for (let i = 0; i < 1024; i++) bulk.add([buffer], [], () => done++);
    bulk.flush();
    const hurry = urgent.submit([buffer], []);
    await hurry;
    await until(() => done === 1024);
    expect(order.indexOf(0)).toBeLessThan(512);
    // One call for a batch, not for each request.
    expect(bulk.stats.calls).toBeLessThan(64);
    expect(bulk.stats.kicks).toBe(1);
  });

  it('a device that throws costs the request, not the ring', async () => {
    let failing = true;
    using r = rig({
      handle(chain) {
        if (failing) throw new Error('device bug');
        reverse(chain);
      },
    });
    const frontend = await r.connect();
    const queue = await frontend.startQueue(0);
    const buffer = frontend.memory.allocate(4);
    expect(await queue.submit([buffer], [buffer])).toBe(0);
    expect(r.log.errors).toContain('the device failed on a request: device bug');
    failing = false;
    expect(await queue.submit([buffer], [buffer])).toBe(4);
  });

  it('chains refuse a second completion and one beyond their end', async () => {
    const failures: unknown[] = [];
    const attempt = (action: () => void) => {
      try {
        action();
      } catch (error) {
        failures.push((error as { code: string }).code);
      }
    };
    using r = rig({
      handle(chain) {
        attempt(() => chain.complete(5));
        attempt(() => chain.complete(-1));
        attempt(() => chain.complete(0.5));
        chain.complete(4);
        attempt(() => chain.complete(0));
      },
    });
    const frontend = await r.connect();
    const queue = await frontend.startQueue(0);
    const buffer = frontend.memory.allocate(4);
    expect(await queue.submit([buffer], [buffer])).toBe(4);
    expect(failures).toEqual(new Array(4).fill('BAD_COMPLETION'));
  });

  it('completions after the connection ended have no effect', async () => {
    const held: Chain[] = [];
    using r = rig({ handle: (chain) => void held.push(chain) });
    const frontend = await r.connect();
    const queue = await frontend.startQueue(0);
    const buffer = frontend.memory.allocate(8);
    const request = queue.submit([buffer], [buffer]);
    await until(() => held.length === 1);
    frontend.close();
    await expect(request).rejects.toMatchObject({ code: 'DISCONNECTED' });
    await until(() => r.ended.length === 1);
    // The memory is still there for the device to work on.
    const [chain] = held;
    chain!.writable.copyIn(0, new Uint8Array(8).fill(1), 0, 8);
    const window = chain!.writable.windowAt(0);
    chain!.complete(8);
    expect(window.buffer.byteLength).toBe(0);
    await roundTripsAfter(r, held);
  });

  it('a front-end that leaves while its ring is being stopped does not keep others waiting', async () => {
    const held: Chain[] = [];
    using r = rig({ handle: (chain) => void held.push(chain) });
    const frontend = await r.connect();
    const queue = await frontend.startQueue(0);
    const buffer = frontend.memory.allocate(8);
    void queue.submit([buffer], [buffer]).catch(() => {});
    await until(() => held.length === 1);
    const stopped = frontend.stopQueue(queue);
    await turn(5);
    frontend.close();
    await expect(stopped).rejects.toMatchObject({ code: 'DISCONNECTED' });
    await until(() => r.ended.length === 1);
    expect(r.ended).toEqual([undefined]);
    const [late] = held;
    await roundTripsAfter(r, held);
    late!.complete(0);
  });

  it('nor does one that leaves with more messages unread', async () => {
    const held: Chain[] = [];
    using r = rig({ handle: (chain) => void held.push(chain) });
    const frontend = await r.connect();
    const queue = await frontend.startQueue(0);
    const buffer = frontend.memory.allocate(8);
    void queue.submit([buffer], [buffer]).catch(() => {});
    await until(() => held.length === 1);
    const stopped = frontend.stopQueue(queue).catch(() => {});
    await turn(5);
    const asked = frontend.call(F.GET_QUEUE_NUM, undefined).catch(() => {});
    await turn(5);
    frontend.close();
    await Promise.all([stopped, asked]);
    await until(() => r.ended.length === 1);
    expect(r.ended).toEqual([undefined]);
    held[0]!.complete(0);
  });

  it('a message that comes while a ring is being stopped waits, descriptors and all', async () => {
    const held: Chain[] = [];
    using r = rig({ handle: (chain) => void held.push(chain) });
    const frontend = await r.connect();
    const queue = await frontend.startQueue(0);
    const buffer = frontend.memory.allocate(8);
    const request = queue.submit([buffer], [buffer]);
    await until(() => held.length === 1);
    const stopped = frontend.stopQueue(queue);
    const shared = frontend.shareMemory();
    const asked = frontend.call(F.GET_QUEUE_NUM, undefined);
    await turn(10);
    held[0]!.complete(3);
    expect(await request).toBe(3);
    expect(await stopped).toBe(1);
    await shared;
    expect(await asked).toBe(2n);
  });

  it('serve 64 queues side by side', async () => {
    using r = rig({ queueCount: 64 });
    const frontend = await r.connect();
    expect(frontend.queueCount).toBe(64);
    await Promise.all(Array.from({ length: 64 }, (_, index) => roundTrips(frontend, index, 50)));
    expect(r.log.errors).toBe('');
  });

  it('closing the back-end inside a request is safe', async () => {
    using r = rig({
      handle(chain) {
        r.backend.close();
        chain.complete(0);
      },
    });
    const frontend = await r.connect();
    const queue = await frontend.startQueue(0);
    const buffer = frontend.memory.allocate(8);
    await expect(queue.submit([buffer], [buffer])).rejects.toMatchObject({ code: 'DISCONNECTED' });
    expect(r.log.errors).toBe('');
  });
});

async function roundTripsAfter(r: ReturnType<typeof rig>, held: Chain[]): Promise<void> {
  held.length = 0;
  const frontend = await r.connect();
  const queue = await frontend.startQueue(0);
  const buffer = frontend.memory.allocate(8);
  const request = queue.submit([buffer], [buffer]);
  await until(() => held.length === 1);
  held[0]!.complete(8);
  expect(await request).toBe(8);
}
