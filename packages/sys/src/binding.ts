import { fileURLToPath } from 'node:url';
import { loadAddon } from './load-addon.js';
import type { Raw } from './raw.js';

/** A mapping inside the addon; unmapped at the latest when neither this nor any buffer over it can be reached. */
declare const mappingBrand: unique symbol;
export interface MappingHandle {
  readonly [mappingBrand]: true;
}

/** A watcher inside the addon. */
declare const watcherBrand: unique symbol;
export interface WatcherHandle {
  readonly [watcherBrand]: true;
}

/** A thread pool inside the addon. */
declare const poolBrand: unique symbol;
export interface PoolHandle {
  readonly [poolBrand]: true;
}

/** What the addon exports. Functions return −errno like the raw tier, and throw only a TypeError for a foreign handle. */
export interface Binding {
  readonly raw: Raw;
  /** Stores the time of CLOCK_MONOTONIC in nanoseconds, as the one double of {@link clockTime}. */
  readClock(): void;
  readonly clockTime: ArrayBuffer;
  /** `length` at most 2^53−1; `fd` −1 with MAP_ANONYMOUS. */
  mmap(
    fd: number,
    length: number,
    offsetLo: number,
    offsetHi: number,
    prot: number,
    flags: number,
  ): MappingHandle | number;
  /** A buffer over a part of a mapping and the id of its window. */
  window(mapping: MappingHandle, offset: number, length: number): readonly [number, ArrayBuffer] | number;
  /** Whether the file has been truncated under the mapping, which is zeroed memory of no file since. */
  isLost(mapping: MappingHandle): boolean;
  /** From now on, or no longer, 1 is added to the eventfd when a mapping of the process is lost. −EMFILE: there are too many. */
  notifyOfLoss(fd: number, on: boolean): number;
  /** Detaches the buffers, withdraws the ids, unmaps. Again: no effect. */
  munmap(mapping: MappingHandle): number;
  watch(
    fd: number,
    events: number,
    callback: (events: number, error: number) => void,
  ): WatcherHandle | number;
  unwatch(watcher: WatcherHandle): void;
  /** Whether the watcher keeps the event loop alive. */
  watchRef(watcher: WatcherHandle, ref: boolean): void;
  poolOpen(threads: number): PoolHandle | number;
  /** An eventfd, the pool's own, that is raised when there are results to reap. */
  poolDescriptor(pool: PoolHandle): number;
  /**
   * Hands `count` jobs at a place to the threads, all or none of them: 13 i32 each, a token, the position of the call among the
   * keys of {@link raw}, the last argument of a first attempt or 0, the number of its arguments, and room for nine.
   */
  poolSubmit(pool: PoolHandle, window: number, offset: number, count: number): number;
  /** Stores at most `capacity` results at a place, two i32 each, the token and the result: their number. */
  poolReap(pool: PoolHandle, window: number, offset: number, capacity: number): number;
  /** Drops what has not begun; what has begun ends by itself, without a result. */
  poolClose(pool: PoolHandle): void;
}

/**
 * The addon. The package's root is the parent directory of this module both as source (src/) and as bundle (dist/), which is
 * why this file lives directly under src/.
 */
export const binding = loadAddon(fileURLToPath(new URL('..', import.meta.url))) as Binding;

/** The raw tier: integers in, the value or −errno out; nothing is allocated, nothing thrown. */
export const raw: Raw = binding.raw;
