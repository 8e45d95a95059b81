import type { Kstatfs } from '@vfs/fuse-proto';
import { raw } from '@vfs/sys';
import { nodeDescriptor } from './node-descriptors.js';
import type { Share } from './share.js';

/** The fields of struct statfs64 on 64-bit machines, as indexes of 32-bit words. */
const STATFS_WORD = {
  bsize: 2,
  blocks: 4,
  bfree: 6,
  bavail: 8,
  files: 10,
  ffree: 12,
  namelen: 16,
  frsize: 18,
} as const;

/** Describes the file system that a node lies on: 0 or −errno. */
export function fillStatistics(share: Share, slot: number, reply: Kstatfs): number {
  const { window, statfs } = share.scratch;
  const descriptor = nodeDescriptor(share, slot);
  if (descriptor < 0) return descriptor;
  const error = raw.fstatfs(descriptor, window.id, statfs);
  if (error < 0) return error;
  const words = window.u32;
  const w = statfs >> 2;
  reply.blocks_lo = words[w + STATFS_WORD.blocks]!;
  reply.blocks_hi = words[w + STATFS_WORD.blocks + 1]!;
  reply.bfree_lo = words[w + STATFS_WORD.bfree]!;
  reply.bfree_hi = words[w + STATFS_WORD.bfree + 1]!;
  reply.bavail_lo = words[w + STATFS_WORD.bavail]!;
  reply.bavail_hi = words[w + STATFS_WORD.bavail + 1]!;
  reply.files_lo = words[w + STATFS_WORD.files]!;
  reply.files_hi = words[w + STATFS_WORD.files + 1]!;
  reply.ffree_lo = words[w + STATFS_WORD.ffree]!;
  reply.ffree_hi = words[w + STATFS_WORD.ffree + 1]!;
  reply.bsize = words[w + STATFS_WORD.bsize]!;
  reply.namelen = words[w + STATFS_WORD.namelen]!;
  // Some file systems leave it 0, meaning: as bsize.
  reply.frsize = words[w + STATFS_WORD.frsize]! || reply.bsize;
  return 0;
}
