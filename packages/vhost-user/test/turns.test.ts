import { expect, it } from 'vitest';
import { ChainServer } from '../src/backend/chain_server.js';
import { Poller } from '../src/backend/poller.js';
import type { Chain, VirtQueue } from '../src/index.js';
import { MemoryLogger } from './support.js';

/** A queue with so many chains on it, which are empty. */
function queueOf(count: number): VirtQueue {
  const chain = { readable: { byteLength: 0 }, writable: { byteLength: 0 }, live: true } as Chain;
  const ignore = () => {};
  return {
    index: 1,
    closed: false,
    pop: () => (count-- > 0 ? chain : undefined),
    hold: ignore,
    publish: ignore,
    disableNotifications: ignore,
    enableNotifications: () => false,
  } as unknown as VirtQueue;
}

/** How many chains each of some turns handles, if a chain takes so many milliseconds. */
function turns(costs: readonly number[]): number[] {
  let now = 0;
  let cost = 0;
  let handled = 0;
  const device = {
    queueCount: 1,
    features: 0n,
    handle: () => {
      now += cost;
      handled++;
    },
  };
  const server = new ChainServer(device, new MemoryLogger(), new Poller(0, () => []), () => now);
  const queue = queueOf(Number.POSITIVE_INFINITY);
  return costs.map((each) => {
    cost = each;
    handled = 0;
    expect(server.serve(queue)).toBe(true);
    return handled;
  });
}

it('a ring with quick requests has 128 of them served in a turn', () => {
  expect(turns([0, 0.01, 0])).toEqual([128, 128, 128]);
});

it('a ring with slow requests has others wait for one of them at a time, once that is known, and for no more than a batch before', () => {
  expect(turns([100, 100, 100])).toEqual([32, 1, 1]);
  expect(turns([0.5, 0.5, 0.5])).toEqual([32, 12, 12]);
});

it('a ring whose requests become quick again is served as such again', () => {
  const [slow, ...quick] = turns([100, 0, 0, 0]);
  expect(slow).toBe(32);
  expect(quick.at(-1)).toBe(128);
});

it('the device is told when there is nothing more on a ring, before anybody looks at it again', () => {
  const told: string[] = [];
  const device = {
    queueCount: 1,
    features: 0n,
    handle: () => told.push('handle'),
    idle: () => told.push('idle'),
  };
  const server = new ChainServer(device, new MemoryLogger(), new Poller(0, () => []));
  expect(server.serve(queueOf(3))).toBe(false);
  expect(told).toEqual(['handle', 'handle', 'handle', 'idle']);
});
