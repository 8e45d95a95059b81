import type { Attr } from '@vfs/fuse-proto';
import type { MemoryWindow } from '@vfs/sys';
import { STATX_WORD } from './statx.js';

/** stx_mode is a u16; the other half of its word is a spare field. */
const MODE_MASK = 0xffff;

/**
 * Copies what statx(2) found at a place into a fuse_attr. 64-bit values go as halves, so nothing is rounded; seconds are
 * signed on both sides, so times before 1970 stay what they are.
 */
export function copyAttributes(window: MemoryWindow, at: number, attr: Attr): void {
  const words = window.u32;
  const w = at >> 2;
  attr.ino_lo = words[w + STATX_WORD.ino]!;
  attr.ino_hi = words[w + STATX_WORD.ino + 1]!;
  attr.size_lo = words[w + STATX_WORD.size]!;
  attr.size_hi = words[w + STATX_WORD.size + 1]!;
  attr.blocks_lo = words[w + STATX_WORD.blocks]!;
  attr.blocks_hi = words[w + STATX_WORD.blocks + 1]!;
  attr.atime_lo = words[w + STATX_WORD.atime]!;
  attr.atime_hi = words[w + STATX_WORD.atime + 1]!;
  attr.mtime_lo = words[w + STATX_WORD.mtime]!;
  attr.mtime_hi = words[w + STATX_WORD.mtime + 1]!;
  attr.ctime_lo = words[w + STATX_WORD.ctime]!;
  attr.ctime_hi = words[w + STATX_WORD.ctime + 1]!;
  attr.atimensec = words[w + STATX_WORD.atime + 2]!;
  attr.mtimensec = words[w + STATX_WORD.mtime + 2]!;
  attr.ctimensec = words[w + STATX_WORD.ctime + 2]!;
  attr.mode = words[w + STATX_WORD.mode]! & MODE_MASK;
  attr.nlink = words[w + STATX_WORD.nlink]!;
  attr.uid = words[w + STATX_WORD.uid]!;
  attr.gid = words[w + STATX_WORD.gid]!;
  attr.rdev = encodeDevice(words[w + STATX_WORD.rdev]!, words[w + STATX_WORD.rdev + 1]!);
  attr.blksize = words[w + STATX_WORD.blksize]!;
  attr.flags = 0;
}

/**
 * A device number as the kernel's new_encode_dev() has it, which is what fuse_attr carries: 12 bits of major and 20 bits of minor,
 * the minor's low byte lowest.
 */
export function encodeDevice(major: number, minor: number): number {
  return ((minor & 0xff) | ((major & 0xfff) << 8) | ((minor & 0xfff00) << 12)) >>> 0;
}
