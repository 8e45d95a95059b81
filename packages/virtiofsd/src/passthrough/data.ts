import type { DataRange, Outcome } from '@vfs/fuse-proto';
import { EINVAL, SegmentList } from '@vfs/sys';
import { bounceBuffer } from './bounce-buffer.js';
import { readSegments, writeSegments } from './segment-io.js';
import type { Share } from './share.js';
import { readWithPool, writeWithPool } from './waiting-io.js';

/** From here on the upper half belongs to a negative offset, which means "where the file's position is". */
const HIGH_BIT = 0x8000_0000;

/** Reads from a handle into the room of a reply, straight into the guest's memory: bytes or −errno. */
export function readInto(
  share: Share,
  handle: number,
  offsetLo: number,
  offsetHi: number,
  sink: DataRange,
): Outcome {
  if (offsetHi >= HIGH_BIT) return -EINVAL;
  const { segments } = sink;
  const descriptor = share.handles.descriptorOf(handle);
  if (!(segments instanceof SegmentList)) {
    return bounceBuffer().read(descriptor, offsetLo, offsetHi, sink);
  }
  const { pool } = share;
  return pool === undefined
    ? readSegments(descriptor, offsetLo, offsetHi, segments, sink.position, sink.length)
    : readWithPool(pool, share, handle, offsetLo, offsetHi, sink, segments);
}

/** Writes the payload of a request to a handle: bytes written or −errno. `flags`: RWF_ flags. */
export function writeFrom(
  share: Share,
  handle: number,
  offsetLo: number,
  offsetHi: number,
  source: DataRange,
  flags: number,
): Outcome {
  if (offsetHi >= HIGH_BIT) return -EINVAL;
  const { segments } = source;
  const descriptor = share.handles.descriptorOf(handle);
  if (!(segments instanceof SegmentList)) {
    return bounceBuffer().write(descriptor, offsetLo, offsetHi, source, flags);
  }
  const { pool } = share;
  return pool === undefined
    ? writeSegments(descriptor, offsetLo, offsetHi, segments, source.position, source.length, flags)
    : writeWithPool(pool, share, handle, offsetLo, offsetHi, source, segments, flags);
}
