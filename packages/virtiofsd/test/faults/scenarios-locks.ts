/** Requests about locks. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FUSE_LK_FLOCK, FUSE_RELEASE_FLOCK_UNLOCK } from '@vfs/fuse-proto';
import { F_RDLCK, F_UNLCK, F_WRLCK, O_RDONLY, O_RDWR, O_WRONLY } from '@vfs/sys';
import { expect } from 'vitest';
import type { Attempt, Scenario } from './scenario.js';
import type { World } from './world.js';

const END = 2n ** 63n - 1n;
const [ONE, TWO] = [1, 2];

/** A file, open, with functions that lock it. */
class Locked {
  readonly #world: World;
  readonly node: number;
  readonly fh: number;

  constructor(world: World, node: number, fh: number) {
    this.#world = world;
    this.node = node;
    this.fh = fh;
  }

  set(owner: number, type: number, start: number | bigint = 0, end: number | bigint = END): Promise<void> {
    const lk = { type, start, end, pid: owner };
    return this.#world.client.fuse.setlk(this.node, { fh: this.fh, owner, lk });
  }

  flock(type: number): Promise<void> {
    const input = { fh: this.fh, owner: ONE, lk_flags: FUSE_LK_FLOCK, lk: { type, start: 0, end: END } };
    return this.#world.client.fuse.setlk(this.node, input);
  }

  get(owner: number, type: number): Promise<unknown> {
    const lk = { type, start: 0, end: END };
    return this.#world.client.fuse.getlk(this.node, { fh: this.fh, owner, lk });
  }

  flush(owner: number): Promise<void> {
    return this.#world.client.fuse.flush(this.node, { fh: this.fh, lock_owner: owner });
  }

  async release(flags = 0): Promise<void> {
    await this.#world.client.fuse.release(this.node, { fh: this.fh, release_flags: flags });
    this.#world.released(this.fh);
  }
}

function onLocked(
  name: string,
  flags: number,
  prepare: (locked: Locked, world: World, node: number) => Promise<Attempt> | Attempt,
): Scenario {
  return {
    name,
    traits: ['locks'],
    prepare: async (world) => {
      writeFileSync(join(world.path, 'file'), 'content');
      const node = await world.lookup('file');
      return prepare(new Locked(world, node, await world.open(node, flags)), world, node);
    },
  };
}

const ranges = (world: World, count: number) => expect(world.fixture.share.locks.ranges).toBe(count);

export const LOCK_SCENARIOS: readonly Scenario[] = [
  onLocked('GETLK', O_RDWR, (file) => ({ request: () => file.get(ONE, F_WRLCK) })),
  onLocked('SETLK that takes', O_RDWR, (file, world) => ({
    request: () => file.set(ONE, F_WRLCK),
    verify: () => ranges(world, 1),
  })),
  onLocked('SETLK that takes where the file can only be written', O_WRONLY, (file, world) => ({
    request: () => file.set(ONE, F_WRLCK),
    verify: () => ranges(world, 1),
  })),
  onLocked('SETLK that gives up a part', O_RDWR, async (file, world) => {
    await file.set(ONE, F_WRLCK, 0, 99);
    return { request: () => file.set(ONE, F_UNLCK, 40, 59), verify: () => ranges(world, 2) };
  }),
  onLocked('SETLK by a handle that can do more', O_RDONLY, async (file, world, node) => {
    await file.set(ONE, F_RDLCK, 0, 9);
    const writer = new Locked(world, node, await world.open(node, O_RDWR));
    return { request: () => writer.set(TWO, F_WRLCK, 20, 29), verify: () => ranges(world, 2) };
  }),
  onLocked('FLUSH by one of two owners', O_RDWR, async (file, world) => {
    await file.set(ONE, F_RDLCK, 0, 99);
    await file.set(TWO, F_RDLCK, 50, 149);
    return { request: () => file.flush(ONE), verify: () => ranges(world, 1) };
  }),
  onLocked('RELEASE of a file with locks', O_RDWR, async (file, world) => {
    await file.set(ONE, F_WRLCK, 0, 9);
    await file.set(ONE, F_WRLCK, 20, 29);
    return { request: () => file.release(), verify: () => ranges(world, 0) };
  }),
  onLocked('a lock of flock(2)', O_RDWR, (file) => ({ request: () => file.flock(F_WRLCK) })),
  onLocked('RELEASE of a file with a lock of flock(2)', O_RDWR, async (file) => {
    await file.flock(F_WRLCK);
    return { request: () => file.release(FUSE_RELEASE_FLOCK_UNLOCK) };
  }),
];
