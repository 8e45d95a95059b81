import { raw } from '@vfs/sys';
import type { Share } from './share.js';

/** What an open file lies on, as far as it matters for what a system call on it may have to wait for. */
export const Storage = {
  /** Nobody has asked yet. */
  UNKNOWN: 0,
  /** Memory: nothing waits. */
  MEMORY: 1,
  /** A disk: what is not cached waits, and so does syncing; closing does not. */
  DISK: 2,
  /** Something that may wait for another machine or process in every call. */
  REMOTE: 3,
} as const;

/** Bits beside the kind: the file system cannot say whether a read, or a write, would wait. */
export const CANNOT_TRY_READING = 4;
export const CANNOT_TRY_WRITING = 8;

const KINDS = 3;
/** Four more bits: how many of the next reads are not worth trying, and 1. */
const PAUSE = 16;
const ALL_PAUSES = 15 * PAUSE;

/** Magic numbers of statfs(2). */
const MEMORY_TYPES: ReadonlySet<number> = new Set([
  0x0102_1994, // tmpfs
  0x8584_58f6, // ramfs
  0x9584_58f6, // hugetlbfs
]);
const DISK_TYPES: ReadonlySet<number> = new Set([
  0xef53, // ext2, ext3, ext4
  0x5846_5342, // xfs
  0x9123_683e, // btrfs
  0xf2f5_2010, // f2fs
  0x2fc1_2fc1, // zfs
  0x794c_7630, // overlayfs
]);

/** What kind of storage is behind a handle. */
export function storageOf({ handles }: Share, handle: number): number {
  return handles.storageOf(handle) & KINDS;
}

/** Whether a handle lacks what one of the bits CANNOT_… stands for. */
export function lacks(share: Share, handle: number, bit: number): boolean {
  return (share.handles.storageOf(handle) & bit) !== 0;
}

/** Remembers that a handle lacks it. */
export function setLacking(share: Share, handle: number, bit: number): void {
  share.handles.setStorage(handle, share.handles.storageOf(handle) | bit);
}

/**
 * Whether the next read of a handle is worth trying without waiting. When two in a row were not, the next fourteen are not tried: what is not in
 * the page cache mostly has neighbors that are not either.
 */
export function worthTrying({ handles }: Share, handle: number): boolean {
  const state = handles.storageOf(handle);
  if ((state & ALL_PAUSES) <= PAUSE) return true;
  handles.setStorage(handle, state - PAUSE);
  return false;
}

/** What has become of a try. */
export function learnFromTry({ handles }: Share, handle: number, worked: boolean): void {
  const state = handles.storageOf(handle);
  const pauses = state & ALL_PAUSES;
  if (worked) {
    if (pauses !== 0) handles.setStorage(handle, state - pauses);
  } else {
    handles.setStorage(handle, state - pauses + (pauses === 0 ? PAUSE : ALL_PAUSES));
  }
}

/** What kind of storage is behind a descriptor: its file system is asked; UNKNOWN when that fails. */
export function storageBehind(share: Share, descriptor: number): number {
  const { window, statfs } = share.scratch;
  if (raw.fstatfs(descriptor, window.id, statfs) < 0) return Storage.UNKNOWN;
  // f_type comes first, in a whole word of which only 32 bits are used.
  const type = window.u32[statfs >> 2]!;
  if (MEMORY_TYPES.has(type)) return Storage.MEMORY;
  return DISK_TYPES.has(type) ? Storage.DISK : Storage.REMOTE;
}
