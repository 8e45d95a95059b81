import type { DataRange } from '@vfs/fuse-proto';
import { EINVAL, IOV_MAX, MappedMemory, raw, SegmentList } from '@vfs/sys';

const BOUNCE_SIZE = 1 << 20;
/** An I/O error cuts a read at a block at best: a read that ends elsewhere has met the end of the file. */
const BLOCK_MASK = 511;
const HIGH_BIT = 0x8000_0000;

/**
 * Reads a file into the room of a reply, straight into the guest's memory: bytes or −errno.
 *
 * A short read costs a second system call only where it may hide an error (the guest would take the missing
 * bytes for zeros), and that error is then the result.
 */
export function readInto(descriptor: number, offsetLo: number, offsetHi: number, sink: DataRange): number {
  if (offsetHi >= HIGH_BIT) return -EINVAL;
  const { segments } = sink;
  if (segments instanceof SegmentList) {
    return readSegments(descriptor, offsetLo, offsetHi, segments, sink.position, sink.length);
  }
  return bounce().read(descriptor, offsetLo, offsetHi, sink);
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
  return bounce().write(descriptor, offsetLo, offsetHi, source, flags);
}

function readSegments(
  descriptor: number,
  offsetLo: number,
  offsetHi: number,
  list: SegmentList,
  position: number,
  length: number,
): number {
  const { tableWindow, tableOffset, count } = list;
  let done = 0;
  let low = offsetLo;
  let high = offsetHi;
  for (;;) {
    const result = raw.preadv2(
      descriptor,
      tableWindow,
      tableOffset,
      count,
      position + done,
      length - done,
      low,
      high,
      0,
    );
    if (result < 0) return result;
    done += result;
    if (result === 0 || done === length) return done;
    low = offsetLo + done;
    high = offsetHi;
    if (low >= 2 ** 32) {
      low -= 2 ** 32;
      high++;
    }
    if ((low & BLOCK_MASK) !== 0 && count <= IOV_MAX) return done;
  }
}

function writeSegments(
  descriptor: number,
  offsetLo: number,
  offsetHi: number,
  list: SegmentList,
  position: number,
  length: number,
  flags: number,
): number {
  const { tableWindow, tableOffset, count } = list;
  let done = 0;
  let low = offsetLo;
  let high = offsetHi;
  for (;;) {
    const result = raw.pwritev2(
      descriptor,
      tableWindow,
      tableOffset,
      count,
      position + done,
      length - done,
      low,
      high,
      flags,
    );
    // What has been written has been written: the guest meets the error when it goes on.
    if (result <= 0) return done > 0 ? done : result;
    done += result;
    if (done === length) return done;
    low = offsetLo + done;
    high = offsetHi;
    if (low >= 2 ** 32) {
      low -= 2 ** 32;
      high++;
    }
  }
}

/** Carries data between files and memory that system calls cannot reach. */
class BounceBuffer {
  readonly #bytes: Uint8Array;
  readonly #list = new SegmentList(1);

  constructor() {
    const window = MappedMemory.anonymous(BOUNCE_SIZE).windows[0]!;
    this.#bytes = window.u8;
    this.#list.add(window, 0, BOUNCE_SIZE);
  }

  read(descriptor: number, offsetLo: number, offsetHi: number, sink: DataRange): number {
    let done = 0;
    while (done < sink.length) {
      const size = Math.min(sink.length - done, BOUNCE_SIZE);
      const low = offsetLo + done;
      const carry = low >= 2 ** 32 ? 1 : 0;
      const result = readSegments(descriptor, low - carry * 2 ** 32, offsetHi + carry, this.#list, 0, size);
      if (result < 0) return result;
      sink.copyFrom(this.#bytes.subarray(0, result), done);
      done += result;
      if (result < size) break;
    }
    return done;
  }

  write(descriptor: number, offsetLo: number, offsetHi: number, source: DataRange, flags: number): number {
    let done = 0;
    do {
      const size = Math.min(source.length - done, BOUNCE_SIZE);
      source.copyTo(this.#bytes.subarray(0, size), done);
      const low = offsetLo + done;
      const carry = low >= 2 ** 32 ? 1 : 0;
      const result = writeSegments(
        descriptor,
        low - carry * 2 ** 32,
        offsetHi + carry,
        this.#list,
        0,
        size,
        flags,
      );
      if (result < 0) return done > 0 ? done : result;
      done += result;
      if (result < size) break;
    } while (done < source.length);
    return done;
  }
}

let shared: BounceBuffer | undefined;

/** Made when first needed: the daemon itself never needs it. */
function bounce(): BounceBuffer {
  shared ??= new BounceBuffer();
  return shared;
}
