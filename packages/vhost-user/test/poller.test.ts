import { describe, expect, it } from 'vitest';
import { type PolledRing, Poller } from '../src/backend/poller.js';
import { Feature } from '../src/index.js';
import { rig, turn, until } from './support.js';

/** A clock that a test moves, and that moves on by itself a little whenever it is looked at. */
class Clock {
  now = 0;
  readonly read = (): number => {
    this.now += 0.5;
    return this.now;
  };
}

class FakeRing implements PolledRing {
  work = 0;
  served = 0;
  rests = 0;
  constructor(readonly poller: () => Poller) {}
  get available(): boolean {
    return this.work > 0;
  }
  serve(): void {
    this.served += this.work;
    this.work = 0;
    this.poller().emptied();
  }
  rest(): void {
    this.rests++;
  }
}

function setUp(limit: number) {
  const clock = new Clock();
  const rings: FakeRing[] = [];
  const poller: Poller = new Poller(limit, () => rings, clock.read);
  rings.push(new FakeRing(() => poller), new FakeRing(() => poller));
  /** A request that comes so long after the one before, with a kick unless the poller looks. */
  const request = async (gap: number): Promise<void> => {
    while (poller.polling && gap > clock.now - emptied) await turn();
    clock.now = Math.max(clock.now, emptied + gap);
    rings[0]!.work++;
    if (!poller.polling) {
      poller.kicked();
      rings[0]!.serve();
    }
    await until(() => rings[0]!.work === 0);
    emptied = clock.now;
  };
  let emptied = clock.now;
  return { clock, rings, poller, request };
}

describe('Poller', () => {
  it('does not look with a limit of 0', async () => {
    const { poller, request } = setUp(0);
    for (let i = 0; i < 10; i++) await request(5);
    expect(poller.emptied()).toBe(false);
    expect(poller.polling).toBe(false);
  });

  it('looks as long as would have spared the kicks, and no longer than the limit', async () => {
    const { poller, request } = setUp(64);
    for (let i = 0; i < 10; i++) await request(30);
    expect(poller.window).toBeGreaterThanOrEqual(30);
    expect(poller.window).toBeLessThanOrEqual(64);
    for (let i = 0; i < 20; i++) await request(50);
    expect(poller.window).toBe(64);
    poller.close();
  });

  it('gives up where kicks come late', async () => {
    const { poller, request } = setUp(64);
    for (let i = 0; i < 10; i++) await request(30);
    for (let i = 0; i < 10; i++) await request(1000);
    expect(poller.window).toBe(0);
    expect(poller.polling).toBe(false);
  });

  it('finds work on every ring without a kick', async () => {
    const { poller, rings, request } = setUp(1000);
    for (let i = 0; i < 10; i++) await request(200);
    expect(poller.polling).toBe(true);
    rings[1]!.work = 3;
    await until(() => rings[1]!.served === 3);
    poller.close();
  });

  it('lets all rings rest when nothing comes, after a bounded time', async () => {
    const { poller, rings, clock, request } = setUp(64);
    for (let i = 0; i < 10; i++) await request(30);
    expect(poller.polling).toBe(true);
    const before = clock.now;
    const rests = rings.map((ring) => ring.rests);
    await until(() => !poller.polling);
    expect(clock.now - before).toBeLessThanOrEqual(64 + 1);
    expect(rings.map((ring, i) => ring.rests - rests[i]!)).toEqual([1, 1]);
    // And then nothing more happens.
    const later = clock.now;
    await turn(20);
    expect(clock.now).toBe(later);
  });

  it('lets the event loop go on while there is always work', async () => {
    const { poller, rings, request } = setUp(1000);
    for (let i = 0; i < 10; i++) await request(200);
    const [ring] = rings;
    ring!.serve = () => {
      ring!.served++;
      poller.emptied();
    };
    ring!.work = 1;
    const before = ring!.served;
    await new Promise((resolve) => setTimeout(resolve, 5));
    await turn(3);
    expect(ring!.served).toBeGreaterThan(before);
    poller.close();
    const after = ring!.served;
    await turn(5);
    expect(ring!.served).toBe(after);
  });
});

describe.each([
  ['split', 0n],
  ['packed', Feature.RING_PACKED],
])('a back-end that polls a %s ring', (_kind, ring) => {
  const features =
    Feature.VERSION_1 | Feature.EVENT_IDX | Feature.INDIRECT_DESC | Feature.PROTOCOL_FEATURES | ring;

  it('needs few kicks where one request follows the other, and misses none later', async () => {
    using r = rig({}, { pollMicroseconds: 1000 });
    const frontend = await r.connect({ features });
    const queue = await frontend.startQueue(0);
    const buffer = frontend.memory.allocate(4);
    for (let i = 0; i < 2000; i++) expect(await queue.submit([buffer], [buffer])).toBe(4);
    expect(queue.stats.kicks).toBeLessThan(1000);
    // Pauses around the time at which it falls asleep.
    for (let i = 0; i < 300; i++) {
      const end = performance.now() + (i % 30) / 20;
      while (performance.now() < end) await turn();
      expect(await queue.submit([buffer], [buffer])).toBe(4);
    }
    expect(await frontend.stopQueue(queue)).toBeGreaterThan(0);
    expect(r.log.errors).toBe('');
  });

  it('costs nothing while it is idle', async () => {
    using r = rig({}, { pollMicroseconds: 1000 });
    const frontend = await r.connect({ features });
    const queue = await frontend.startQueue(0);
    const buffer = frontend.memory.allocate(4);
    for (let i = 0; i < 200; i++) await queue.submit([buffer], [buffer]);
    await new Promise((resolve) => setTimeout(resolve, 50));
    // What would be polled would be an immediate, again and again.
    const before = process.getActiveResourcesInfo().filter((name) => name === 'Immediate');
    expect(before).toEqual([]);
    expect(await queue.submit([buffer], [buffer])).toBe(4);
  });
});
