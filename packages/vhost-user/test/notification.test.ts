import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  DriverMemory,
  PackedDriver,
  PackedQueue,
  type RingDriver,
  SplitDriver,
  SplitQueue,
  type VirtQueue,
} from '../src/index.js';
import { guestMemoryOf, ringPartsIn } from './support.js';

/**
 * One side falls asleep while the other makes something available: at whatever instant that happens, whoever falls asleep
 * sees it, or is notified. The instants are the atomic operations, before each of which the other side acts here.
 */
const { load, store } = Atomics;
/** What happens before the next but so many atomic operations. */
let intruder: { left: number; act: () => void } | undefined;

function instant(): void {
  if (intruder === undefined || intruder.left-- > 0) return;
  const { act } = intruder;
  intruder = undefined;
  act();
}

beforeEach(() => {
  Atomics.load = ((array: Uint16Array, index: number) => {
    instant();
    return load(array, index);
  }) as typeof load;
  Atomics.store = ((array: Uint16Array, index: number, value: number) => {
    instant();
    return store(array, index, value);
  }) as typeof store;
});

afterEach(() => {
  Atomics.load = load;
  Atomics.store = store;
  intruder = undefined;
});

const SIZE = 4;

class Scene {
  readonly memory = new DriverMemory([{ size: 2 ** 16 }]);
  readonly table = guestMemoryOf(this.memory);
  readonly driver: RingDriver<number>;
  readonly queue: VirtQueue;
  readonly buffer = this.memory.allocate(16);
  signals = 0;

  constructor(packed: boolean, eventIndex: boolean) {
    const parts = ringPartsIn(this.memory, SIZE, this.table);
    const options = { size: SIZE, eventIndex, indirect: false };
    const signal = () => void this.signals++;
    this.driver = packed ? new PackedDriver(options, parts) : new SplitDriver(options, parts);
    this.queue = packed
      ? new PackedQueue({ ...options, index: 0, base: 0x8000_8000, signal }, this.table, parts)
      : new SplitQueue({ ...options, index: 0, signal }, this.table, parts);
  }

  add(): void {
    this.driver.add([{ address: this.buffer.address, length: 4 }], [], 0);
  }

  /** Takes and gives back so many, so that the positions differ. */
  cycle(count: number): void {
    for (let i = 0; i < count; i++) {
      this.add();
      this.driver.publish();
      this.queue.pop()!.complete(0);
      this.driver.reap();
    }
  }

  /**
   * Runs `work`, and `act` before its atomic operation number `at`.
   *
   * @returns false when `work` has not so many
   */
  during(at: number, work: () => void, act: () => void): boolean {
    intruder = { left: at, act };
    work();
    const happened = intruder === undefined;
    intruder = undefined;
    return happened;
  }

  close(): void {
    this.queue.close();
    this.table.release();
    this.memory[Symbol.dispose]();
  }
}

describe.each([
  ['split', false],
  ['packed', true],
])('%s rings', (_kind, packed) => {
  for (const eventIndex of [false, true]) {
    /** Every instant of `work`, at every position in the ring. */
    const everywhere = (work: (scene: Scene, at: number) => boolean) => {
      for (let cycles = 0; cycles < 2 * SIZE + 1; cycles++) {
        let instants = 0;
        for (let more = true; more; instants++) {
          const scene = new Scene(packed, eventIndex);
          scene.cycle(cycles);
          scene.signals = 0;
          more = work(scene, instants);
          scene.close();
        }
        expect(instants).toBeGreaterThan(2);
      }
    };
    const features = eventIndex ? 'event index' : 'flags';

    it(`a device that falls asleep misses no chain: ${features}`, () => {
      everywhere((scene, at) => {
        let kicked = false;
        let seen = false;
        scene.queue.disableNotifications();
        scene.add();
        const sleep = () => {
          // As who serves does: nothing left, ask for a kick, look once more.
          seen = scene.queue.pop() !== undefined || scene.queue.enableNotifications();
        };
        const happened = scene.during(at, sleep, () => {
          kicked = scene.driver.publish();
        });
        if (happened) expect(kicked || seen, `instant ${at}`).toBe(true);
        return happened;
      });
    });

    it(`a driver that makes a chain available kicks a device that falls asleep: ${features}`, () => {
      everywhere((scene, at) => {
        let kicked = false;
        let seen = false;
        scene.queue.disableNotifications();
        scene.add();
        const show = () => {
          kicked = scene.driver.publish();
        };
        const happened = scene.during(at, show, () => {
          seen = scene.queue.pop() !== undefined || scene.queue.enableNotifications();
        });
        if (happened) expect(kicked || seen, `instant ${at}`).toBe(true);
        return happened;
      });
    });

    for (const batch of [1, 2]) {
      it(`a driver that falls asleep misses none of ${batch} used: ${features}`, () => {
        everywhere((scene, at) => {
          let seen = false;
          complete(scene, batch);
          const sleep = () => {
            seen = scene.driver.reap() !== undefined || scene.driver.enableCalls();
          };
          const happened = scene.during(at, sleep, () => scene.queue.publish());
          if (happened) expect(scene.signals > 0 || seen, `instant ${at}`).toBe(true);
          return happened;
        });
      });

      it(`a device that shows ${batch} used signals a driver that falls asleep: ${features}`, () => {
        everywhere((scene, at) => {
          let seen = false;
          complete(scene, batch);
          const happened = scene.during(
            at,
            () => scene.queue.publish(),
            () => {
              seen = scene.driver.reap() !== undefined || scene.driver.enableCalls();
            },
          );
          if (happened) expect(scene.signals > 0 || seen, `instant ${at}`).toBe(true);
          return happened;
        });
      });
    }
  }
});

/** So many chains completed and not shown yet, to a driver that wants no calls. */
function complete(scene: Scene, count: number): void {
  scene.driver.disableCalls();
  for (let i = 0; i < count; i++) scene.add();
  scene.driver.publish();
  scene.queue.hold();
  for (let i = 0; i < count; i++) scene.queue.pop()!.complete(0);
}
