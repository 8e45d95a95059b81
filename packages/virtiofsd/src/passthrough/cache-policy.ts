import {
  FOPEN_CACHE_DIR,
  FOPEN_DIRECT_IO,
  FOPEN_KEEP_CACHE,
  FOPEN_PARALLEL_DIRECT_WRITES,
} from '@vfs/fuse-proto';
import type { CachePolicy, ShareSettings } from './settings.js';

/** A time for which the guest may rely on something, as replies carry it. */
export interface Validity {
  /** u32. */
  readonly seconds: number;
  readonly nanoseconds: number;
}

const NANOSECONDS = 1e9;
const MAX_SECONDS = 0xffff_ffff;

/** A number of seconds, possibly a fraction, as a {@link Validity}. */
export function validityOf(time: number): Validity {
  if (!(time > 0)) return { seconds: 0, nanoseconds: 0 };
  if (time >= MAX_SECONDS) return { seconds: MAX_SECONDS, nanoseconds: 0 };
  const seconds = Math.trunc(time);
  const nanoseconds = Math.round((time - seconds) * NANOSECONDS);
  return nanoseconds < NANOSECONDS ? { seconds, nanoseconds } : { seconds: seconds + 1, nanoseconds: 0 };
}

/**
 * Past the guest's page cache. The guest need not keep its writes to one file apart either: they are the host kernel's to order, as
 * those of two guests are.
 */
const DIRECT = FOPEN_DIRECT_IO | FOPEN_PARALLEL_DIRECT_WRITES;
const KEEP_LISTING = FOPEN_KEEP_CACHE | FOPEN_CACHE_DIR;

const OPEN_FLAGS: Readonly<Record<CachePolicy, { readonly file: number; readonly directory: number }>> = {
  // The pages that the guest has are dropped when a file is opened: whoever opens a file sees what others have closed.
  auto: { file: 0, directory: 0 },
  always: { file: FOPEN_KEEP_CACHE, directory: KEEP_LISTING },
  never: { file: DIRECT, directory: 0 },
  metadata: { file: DIRECT, directory: KEEP_LISTING },
};

/** What the cache policy of a share and its timeouts come to in replies, worked out once. */
export class Caching {
  readonly entry: Validity;
  readonly attributes: Validity;
  /** Of the absence of a name. */
  readonly absence: Validity;
  /** Absence is told as such, so that the guest can remember it. */
  readonly tellsAbsence: boolean;
  /** FOPEN_ flags of files. */
  readonly file: number;
  /** FOPEN_ flags of directories. */
  readonly directory: number;

  constructor(settings: ShareSettings) {
    this.entry = validityOf(settings.entryTimeout);
    this.attributes = validityOf(settings.attrTimeout);
    this.absence = validityOf(settings.negativeTimeout);
    this.tellsAbsence = settings.negativeTimeout > 0;
    this.file = OPEN_FLAGS[settings.cache].file;
    this.directory = OPEN_FLAGS[settings.cache].directory;
  }
}

/** Whether the guest has files in its page cache, which is where writes are kept back. */
export function cachesPages(policy: CachePolicy): boolean {
  return (OPEN_FLAGS[policy].file & FOPEN_DIRECT_IO) === 0;
}

/** Reopens a file past the guest's page cache, whatever the policy says. */
export const UNCACHED: number = DIRECT;
