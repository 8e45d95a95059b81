import { STATX_BASIC_STATS, STATX_BTIME, STATX_MNT_ID, STATX_OFFSETS } from '@vfs/sys';

/** What statx is asked for: everything fuse_attr has room for, and what tells this file from any other. */
export const STATX_MASK: number = STATX_BASIC_STATS | STATX_BTIME | STATX_MNT_ID;

/**
 * The fields of struct statx as indexes of 32-bit words; 64-bit fields and pairs begin there. A constant of plain
 * numbers, because the optimizer folds those into the code.
 */
export const STATX_WORD = {
  mask: STATX_OFFSETS.stx_mask >> 2,
  blksize: STATX_OFFSETS.stx_blksize >> 2,
  nlink: STATX_OFFSETS.stx_nlink >> 2,
  uid: STATX_OFFSETS.stx_uid >> 2,
  gid: STATX_OFFSETS.stx_gid >> 2,
  /** u16, the low half of the word. */
  mode: STATX_OFFSETS.stx_mode >> 2,
  ino: STATX_OFFSETS.stx_ino >> 2,
  size: STATX_OFFSETS.stx_size >> 2,
  blocks: STATX_OFFSETS.stx_blocks >> 2,
  /** Seconds (2 words), nanoseconds; likewise btime, ctime and mtime. */
  atime: STATX_OFFSETS.stx_atime >> 2,
  btime: STATX_OFFSETS.stx_btime >> 2,
  ctime: STATX_OFFSETS.stx_ctime >> 2,
  mtime: STATX_OFFSETS.stx_mtime >> 2,
  /** Major, minor. */
  rdev: STATX_OFFSETS.stx_rdev_major >> 2,
  /** Major, minor. */
  dev: STATX_OFFSETS.stx_dev_major >> 2,
  mountId: STATX_OFFSETS.stx_mnt_id >> 2,
} as const;
