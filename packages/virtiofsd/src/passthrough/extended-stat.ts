import type { Statx, StatxIn, StatxOut, SxTime } from '@vfs/fuse-proto';
import {
  AT_EMPTY_PATH,
  AT_STATX_SYNC_TYPE,
  type MemoryWindow,
  raw,
  STATX_BASIC_STATS,
  STATX_BTIME,
  STATX_OFFSETS,
} from '@vfs/sys';
import { nodeDescriptor } from './node-descriptors.js';
import { inodeTag } from './nodes.js';
import type { Share } from './share.js';
import { STATX_WORD } from './statx.js';

/** What a guest may ask for. The rest, such as the id of the mount, means nothing to it. */
const MASK = STATX_BASIC_STATS | STATX_BTIME;
/** stx_mode is a u16; the other half of its word is a spare field. */
const MODE_MASK = 0xffff;

/** Words that only STATX needs, as in {@link STATX_WORD}. */
const WORD = {
  mask: STATX_OFFSETS.stx_mask >> 2,
  attributes: STATX_OFFSETS.stx_attributes >> 2,
  attributesMask: STATX_OFFSETS.stx_attributes_mask >> 2,
  btime: STATX_OFFSETS.stx_btime >> 2,
} as const;

/** Answers STATX, which Linux sends for the time of birth: 0 or −errno. */
export function readExtendedStat(share: Share, slot: number, input: StatxIn, reply: StatxOut): number {
  const { window, statx, empty } = share.scratch;
  const descriptor = nodeDescriptor(share, slot);
  if (descriptor < 0) return descriptor;
  const flags = AT_EMPTY_PATH | (input.sx_flags & AT_STATX_SYNC_TYPE);
  const error = raw.statx(descriptor, window.id, empty, flags, input.sx_mask & MASK, window.id, statx);
  if (error < 0) return error;
  reply.attr_valid_lo = share.caching.attributes.seconds;
  reply.attr_valid_nsec = share.caching.attributes.nanoseconds;
  copyStat(window, statx, reply.stat);
  reply.stat.ino_hi = (reply.stat.ino_hi ^ inodeTag(share, slot)) >>> 0;
  return 0;
}

/** The two structures are the same; what they say about devices is not passed on, as in a fuse_attr. */
function copyStat({ u32: words }: MemoryWindow, at: number, stat: Statx): void {
  const w = at >> 2;
  const low = (field: number) => words[w + field]!;
  const high = (field: number) => words[w + field + 1]!;
  const copyTime = (field: number, time: SxTime) => {
    time.tv_sec_lo = low(field);
    time.tv_sec_hi = high(field);
    time.tv_nsec = low(field + 2);
  };
  stat.mask = low(WORD.mask) & MASK;
  stat.blksize = low(STATX_WORD.blksize);
  stat.attributes_lo = low(WORD.attributes);
  stat.attributes_hi = high(WORD.attributes);
  stat.nlink = low(STATX_WORD.nlink);
  stat.uid = low(STATX_WORD.uid);
  stat.gid = low(STATX_WORD.gid);
  stat.mode = low(STATX_WORD.mode) & MODE_MASK;
  stat.ino_lo = low(STATX_WORD.ino);
  stat.ino_hi = high(STATX_WORD.ino);
  stat.size_lo = low(STATX_WORD.size);
  stat.size_hi = high(STATX_WORD.size);
  stat.blocks_lo = low(STATX_WORD.blocks);
  stat.blocks_hi = high(STATX_WORD.blocks);
  stat.attributes_mask_lo = low(WORD.attributesMask);
  stat.attributes_mask_hi = high(WORD.attributesMask);
  copyTime(STATX_WORD.atime, stat.atime);
  copyTime(WORD.btime, stat.btime);
  copyTime(STATX_WORD.ctime, stat.ctime);
  copyTime(STATX_WORD.mtime, stat.mtime);
  stat.rdev_major = low(STATX_WORD.rdev);
  stat.rdev_minor = high(STATX_WORD.rdev);
}
