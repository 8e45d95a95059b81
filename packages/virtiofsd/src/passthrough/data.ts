import type { DataRange } from '@vfs/fuse-proto';
import { EINVAL, SegmentList } from '@vfs/sys';
import { bounceBuffer } from './bounce-buffer.js';
import { readSegments, writeSegments } from './segment-io.js';

/** From here on the upper half belongs to a negative offset, which means "where the file's position is". */
const HIGH_BIT = 0x8000_0000;

/** Reads a file into the room of a reply, straight into the guest's memory: bytes or −errno. */
export function readInto(descriptor: number, offsetLo: number, offsetHi: number, sink: DataRange): number {
  if (offsetHi >= HIGH_BIT) return -EINVAL;
  const { segments } = sink;
  if (segments instanceof SegmentList) {
    return readSegments(descriptor, offsetLo, offsetHi, segments, sink.position, sink.length);
  }
  return bounceBuffer().read(descriptor, offsetLo, offsetHi, sink);
}

/** Writes the payload of a request to a file: bytes written or −errno. `flags`: RWF_ flags. */
export function writeFrom(
  descriptor: number,
  offsetLo: number,
  offsetHi: number,
  source: DataRange,
  flags: number,
): number {
  if (offsetHi >= HIGH_BIT) return -EINVAL;
  const { segments } = source;
  if (segments instanceof SegmentList) {
    return writeSegments(descriptor, offsetLo, offsetHi, segments, source.position, source.length, flags);
  }
  return bounceBuffer().write(descriptor, offsetLo, offsetHi, source, flags);
}
