import { EIO, IOV_MAX, raw, type SegmentList } from '@vfs/sys';

/** An I/O error cuts a read at a block at best: a read that ends elsewhere has met the end of the file. */
const BLOCK_MASK = 511;
const TWO_32 = 2 ** 32;

/**
 * Beside the RWF_ flags of a write: all of it or an error. For pages from the guest's cache, of which Linux forgets what is not written
 * without a word if it is told that a part is.
 */
export const WHOLE: number = 1 << 30;

/** The result of a write that came no further than `done` bytes, as the last call had `result`, 0 or −errno. */
export function cutShort(done: number, result: number, flags: number): number {
  if (flags & WHOLE) return result < 0 ? result : -EIO;
  // What has been written has been written: the guest meets the error when it goes on.
  return done > 0 ? done : result;
}

/** The lower half of an offset that is `count` bytes further on. */
export function advancedLo(offsetLo: number, count: number): number {
  return (offsetLo + count) >>> 0;
}

/** The upper half of an offset that is `count` bytes further on. */
export function advancedHi(offsetLo: number, offsetHi: number, count: number): number {
  return offsetLo + count >= TWO_32 ? offsetHi + 1 : offsetHi;
}

/** Whether a read that was short after `done` bytes has met the end of the file, and nothing else. */
export function endsAt(offsetLo: number, done: number, list: SegmentList): boolean {
  return (advancedLo(offsetLo, done) & BLOCK_MASK) !== 0 && list.count <= IOV_MAX;
}

/** One preadv2 for what is left of a read after `done` bytes: bytes or −errno. */
export function readOnce(
  descriptor: number,
  offsetLo: number,
  offsetHi: number,
  list: SegmentList,
  position: number,
  length: number,
  done: number,
  flags: number,
): number {
  return raw.preadv2(
    descriptor,
    list.tableWindow,
    list.tableOffset,
    list.count,
    position + done,
    length - done,
    advancedLo(offsetLo, done),
    advancedHi(offsetLo, offsetHi, done),
    flags,
  );
}

/** One pwritev2 for what is left of a write after `done` bytes: bytes or −errno. */
export function writeOnce(
  descriptor: number,
  offsetLo: number,
  offsetHi: number,
  list: SegmentList,
  position: number,
  length: number,
  done: number,
  flags: number,
): number {
  return raw.pwritev2(
    descriptor,
    list.tableWindow,
    list.tableOffset,
    list.count,
    position + done,
    length - done,
    advancedLo(offsetLo, done),
    advancedHi(offsetLo, offsetHi, done),
    flags & ~WHOLE,
  );
}

/** Of one call at a time. */
const call = new Int32Array(9);

/** The arguments of {@link readOnce} or {@link writeOnce}'s call, for another thread to make it: valid until the next ones are wanted. */
export function transferArguments(
  descriptor: number,
  offsetLo: number,
  offsetHi: number,
  list: SegmentList,
  position: number,
  length: number,
  done: number,
  flags: number,
): Int32Array {
  call[0] = descriptor;
  call[1] = list.tableWindow;
  call[2] = list.tableOffset;
  call[3] = list.count;
  call[4] = position + done;
  call[5] = length - done;
  call[6] = advancedLo(offsetLo, done);
  call[7] = advancedHi(offsetLo, offsetHi, done);
  call[8] = flags & ~WHOLE;
  return call;
}

/**
 * Reads `length` bytes of a file, if it has them, to `position` of the segments: bytes or −errno.
 *
 * A short read costs a second system call only where it may hide an error (the guest would take the missing
 * bytes for zeros), and that error is then the result.
 */
export function readSegments(
  descriptor: number,
  offsetLo: number,
  offsetHi: number,
  list: SegmentList,
  position: number,
  length: number,
): number {
  for (let done = 0; ; ) {
    const result = readOnce(descriptor, offsetLo, offsetHi, list, position, length, done, 0);
    if (result < 0) return result;
    done += result;
    if (result === 0 || done === length || endsAt(offsetLo, done, list)) return done;
  }
}

/** Writes `length` bytes from `position` of the segments to a file: bytes or −errno. `flags`: RWF_ flags, {@link WHOLE}. */
export function writeSegments(
  descriptor: number,
  offsetLo: number,
  offsetHi: number,
  list: SegmentList,
  position: number,
  length: number,
  flags: number,
): number {
  for (let done = 0; ; ) {
    const result = writeOnce(descriptor, offsetLo, offsetHi, list, position, length, done, flags);
    if (result <= 0) return cutShort(done, result, flags);
    done += result;
    if (done === length) return done;
  }
}
