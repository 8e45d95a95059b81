import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { PolledRing } from '../src/backend/poll_time.js';
import { Poller } from '../src/backend/poller.js';
import { Feature } from '../src/index.js';
import { rig, turn } from './support.js';

/** A ring of a poller, in a time that passes by half a microsecond with every look at the clock. */
class FakeRing implements PolledRing {
  work = 0;
  served = 0;
  rests = 0;
  readonly watched = undefined;
  readonly expected = 0;
  constructor(readonly emptied: () => void) {}
  get available(): boolean {
    return this.work > 0;
  }
  serve(): void {
    this.served += this.work;
    this.work = 0;
    this.emptied();
  }
  rest(): void {
    this.rests++;
  }
}

/** Two rings, and a driver that waits for each answer. */
class Scene {
  now = 0;
  kicks = 0;
  readonly poller: Poller;
  readonly rings: readonly [FakeRing, FakeRing];

  constructor(limit: number) {
    const now = () => {
      this.now += 0.5;
      return this.now;
    };
    const spin = (rings: readonly PolledRing[], microseconds: number) => {
      const end = this.now + microseconds;
      while (this.now < end && !rings.some(({ available }) => available)) {
        this.now += 0.5;
        this.#arrive();
      }
    };
    this.poller = new Poller(limit, () => this.rings, { now, spin });
    const emptied = () => {
      this.poller.emptied();
      this.#next();
    };
    this.rings = [new FakeRing(emptied), new FakeRing(() => void this.poller.emptied())];
  }

  /** When the next request comes. */
  #arrival: number | undefined;
  #gap = 0;
  #left = 0;

  #arrive(): void {
    if (this.#arrival === undefined || this.now < this.#arrival) return;
    this.#arrival = undefined;
    this.rings[0].work++;
  }

  /** So many requests on the first ring, each so long after the answer to the one before. */
  requests(count: number, gap: number): void {
    const [ring] = this.rings;
    this.#gap = gap;
    this.#left = count;
    this.#next();
    while (this.#arrival !== undefined || ring.work > 0) {
      if (this.poller.polling) {
        vi.runOnlyPendingTimers();
        continue;
      }
      this.now = Math.max(this.now, this.#arrival ?? 0);
      this.#arrive();
      this.kicks++;
      this.poller.kicked();
      ring.serve();
    }
  }

  #next(): void {
    if (this.#left === 0) return;
    this.#left--;
    this.#arrival = this.now + this.#gap;
  }
}

describe('Poller', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setImmediate', 'clearImmediate'] }));
  afterEach(() => void vi.useRealTimers());

  it('does not look with a limit of 0', () => {
    const scene = new Scene(0);
    scene.requests(10, 5);
    expect(scene.poller.emptied()).toBe(false);
    expect(scene.poller.polling).toBe(false);
    expect(scene.kicks).toBe(10);
  });

  it('looks as long as would have spared the kicks, and no longer than the limit', () => {
    const scene = new Scene(64);
    scene.requests(10, 20);
    expect(scene.poller.window).toBe(32);
    expect(scene.kicks).toBeLessThan(5);
    scene.requests(10, 45);
    expect(scene.poller.window).toBe(64);
    expect(scene.kicks).toBeLessThan(8);
  });

  it('gives up where kicks come late', () => {
    const scene = new Scene(64);
    scene.requests(10, 30);
    scene.requests(10, 1000);
    expect(scene.poller.window).toBe(0);
    expect(scene.poller.polling).toBe(false);
  });

  it('finds work on every ring without a kick', () => {
    const scene = new Scene(64);
    scene.requests(10, 30);
    const [, other] = scene.rings;
    other.work = 3;
    vi.runOnlyPendingTimers();
    expect(other.served).toBe(3);
  });

  it('lets all rings rest when nothing comes, after a bounded time, and then does nothing', () => {
    const scene = new Scene(64);
    scene.requests(10, 50);
    expect(scene.poller.polling).toBe(true);
    const { now } = scene;
    const before = scene.rings.map(({ rests }) => rests);
    while (scene.poller.polling) vi.runOnlyPendingTimers();
    expect(scene.now - now).toBeLessThanOrEqual(65);
    expect(scene.rings.map(({ rests }) => rests)).toEqual(before.map((rests) => rests + 1));
    expect(vi.getTimerCount()).toBe(0);
  });

  it('looks in turns, and serves a bounded number of times in each, so that the event loop goes on', () => {
    const scene = new Scene(1000);
    scene.requests(20, 500);
    const { now } = scene;
    vi.runOnlyPendingTimers();
    expect(scene.now - now).toBeLessThanOrEqual(102);
    const [ring] = scene.rings;
    let served = 0;
    ring.serve = () => {
      served++;
      scene.poller.emptied();
    };
    ring.work = 1;
    for (let i = 1; i < 10; i++) {
      vi.runOnlyPendingTimers();
      expect(served).toBe(32 * i);
    }
    scene.poller.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('begins at once after a ring was served for a kick', () => {
    const scene = new Scene(1000);
    scene.requests(10, 300);
    while (scene.poller.polling) vi.runOnlyPendingTimers();
    const [ring, other] = scene.rings;
    ring.work = 1;
    ring.serve();
    other.work = 2;
    scene.poller.linger();
    expect(other.served).toBe(2);
    expect(scene.poller.polling).toBe(true);
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
