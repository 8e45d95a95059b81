import type { DataRange, Outcome } from '@vfs/fuse-proto';
import { EINVAL, O_DIRECT, SegmentList } from '@vfs/sys';
import { bounceBuffer } from './bounce-buffer.js';
import { elseThroughCache, throughCache } from './direct-io.js';
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
  const { pool, handles } = share;
  const { segments } = sink;
  const descriptor = handles.descriptorOf(handle);
  const outcome =
    pool !== undefined && segments instanceof SegmentList
      ? readWithPool(pool, share, handle, offsetLo, offsetHi, sink, segments)
      : read(descriptor, offsetLo, offsetHi, sink);
  if (!(handles.flagsOf(handle) & O_DIRECT)) return outcome;
  return readAligned(share, descriptor, outcome, offsetLo, offsetHi, sink);
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
  const { pool, handles } = share;
  const { segments } = source;
  if (pool === undefined || !(segments instanceof SegmentList) || offsetHi >= HIGH_BIT) {
    return writeNow(share, handle, offsetLo, offsetHi, source, flags);
  }
  const outcome = writeWithPool(pool, share, handle, offsetLo, offsetHi, source, segments, flags);
  if (!(handles.flagsOf(handle) & O_DIRECT)) return outcome;
  return writeAligned(share, handles.descriptorOf(handle), outcome, offsetLo, offsetHi, source, flags);
}

/** As {@link writeFrom}, on this thread, however long it takes. */
function writeNow(
  share: Share,
  handle: number,
  offsetLo: number,
  offsetHi: number,
  source: DataRange,
  flags: number,
): number {
  if (offsetHi >= HIGH_BIT) return -EINVAL;
  const descriptor = share.handles.descriptorOf(handle);
  const result = write(descriptor, offsetLo, offsetHi, source, flags);
  if (result !== -EINVAL || !(share.handles.flagsOf(handle) & O_DIRECT)) return result;
  return writeThroughCache(descriptor, offsetLo, offsetHi, source, flags);
}

// The next four make closures: functions of their own, or every transfer would pay for that.

/** As {@link writeNow}, as somebody who may not keep set-id bits. */
export function writeRenouncing(
  share: Share,
  handle: number,
  offsetLo: number,
  offsetHi: number,
  source: DataRange,
  flags: number,
): number {
  return share.setId.renounce(() => writeNow(share, handle, offsetLo, offsetHi, source, flags));
}

function readAligned(
  share: Share,
  descriptor: number,
  outcome: Outcome,
  offsetLo: number,
  offsetHi: number,
  sink: DataRange,
): Outcome {
  return elseThroughCache(share, descriptor, outcome, () => read(descriptor, offsetLo, offsetHi, sink));
}

function writeAligned(
  share: Share,
  descriptor: number,
  outcome: Outcome,
  offsetLo: number,
  offsetHi: number,
  source: DataRange,
  flags: number,
): Outcome {
  return elseThroughCache(share, descriptor, outcome, () =>
    write(descriptor, offsetLo, offsetHi, source, flags),
  );
}

function writeThroughCache(
  descriptor: number,
  offsetLo: number,
  offsetHi: number,
  source: DataRange,
  flags: number,
): number {
  return throughCache(descriptor, () => write(descriptor, offsetLo, offsetHi, source, flags));
}

function read(descriptor: number, offsetLo: number, offsetHi: number, sink: DataRange): number {
  const { segments, position, length } = sink;
  return segments instanceof SegmentList
    ? readSegments(descriptor, offsetLo, offsetHi, segments, position, length)
    : bounceBuffer().read(descriptor, offsetLo, offsetHi, sink);
}

function write(
  descriptor: number,
  offsetLo: number,
  offsetHi: number,
  source: DataRange,
  flags: number,
): number {
  const { segments, position, length } = source;
  return segments instanceof SegmentList
    ? writeSegments(descriptor, offsetLo, offsetHi, segments, position, length, flags)
    : bounceBuffer().write(descriptor, offsetLo, offsetHi, source, flags);
}
