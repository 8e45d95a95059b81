import { fileURLToPath } from 'node:url';
import load from 'node-gyp-build';
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

/** What the addon exports. Functions return −errno like the raw tier, and throw only a TypeError for a foreign handle. */
export interface Binding {
  readonly raw: Raw;
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
}

/**
 * The addon. The package's root is the parent directory of this module both as source (src/) and as bundle (dist/), which is
 * why this file lives directly under src/.
 */
export const binding = load(fileURLToPath(new URL('..', import.meta.url))) as Binding;

export const raw: Raw = binding.raw;
