import { IOV_MAX, raw, type SegmentList } from '@vfs/sys';

/** An I/O error cuts a read at a block at best: a read that ends elsewhere has met the end of the file. */
const BLOCK_MASK = 511;
const TWO_32 = 2 ** 32;

/** The lower half of an offset that is `count` bytes further on. */
export function advancedLo(offsetLo: number, count: number): number {
  return (offsetLo + count) >>> 0;
}

/** The upper half of an offset that is `count` bytes further on. */
export function advancedHi(offsetLo: number, offsetHi: number, count: number): number {
  return offsetLo + count >= TWO_32 ? offsetHi + 1 : offsetHi;
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
  const { tableWindow, tableOffset, count } = list;
  for (let done = 0; ; ) {
    const result = raw.preadv2(
      descriptor,
      tableWindow,
      tableOffset,
      count,
      position + done,
      length - done,
      advancedLo(offsetLo, done),
      advancedHi(offsetLo, offsetHi, done),
      0,
    );
    if (result < 0) return result;
    done += result;
    if (result === 0 || done === length) return done;
    if ((advancedLo(offsetLo, done) & BLOCK_MASK) !== 0 && count <= IOV_MAX) return done;
  }
}

/** Writes `length` bytes from `position` of the segments to a file: bytes or −errno. `flags`: RWF_ flags. */
export function writeSegments(
  descriptor: number,
  offsetLo: number,
  offsetHi: number,
  list: SegmentList,
  position: number,
  length: number,
  flags: number,
): number {
  const { tableWindow, tableOffset, count } = list;
  for (let done = 0; ; ) {
    const result = raw.pwritev2(
      descriptor,
      tableWindow,
      tableOffset,
      count,
      position + done,
      length - done,
      advancedLo(offsetLo, done),
      advancedHi(offsetLo, offsetHi, done),
      flags,
    );
    // What has been written has been written: the guest meets the error when it goes on.
    if (result <= 0) return done > 0 ? done : result;
    done += result;
    if (done === length) return done;
  }
}
