import type { DataRange } from '@vfs/fuse-proto';
import { MappedMemory, SegmentList } from '@vfs/sys';
import { advancedHi, advancedLo, cutShort, readSegments, writeSegments } from './segment-io.js';

const SIZE = 1 << 20;

/** Carries data between files and memory that system calls cannot reach. */
class BounceBuffer {
  readonly #bytes: Uint8Array;
  readonly #list = new SegmentList(1);

  constructor() {
    const window = MappedMemory.anonymous(SIZE).windows[0]!;
    this.#bytes = window.u8;
    this.#list.add(window, 0, SIZE);
  }

  /** As {@link readSegments}. */
  read(descriptor: number, offsetLo: number, offsetHi: number, sink: DataRange): number {
    let done = 0;
    while (done < sink.length) {
      const size = Math.min(sink.length - done, SIZE);
      const lo = advancedLo(offsetLo, done);
      const hi = advancedHi(offsetLo, offsetHi, done);
      const result = readSegments(descriptor, lo, hi, this.#list, 0, size);
      if (result < 0) return result;
      sink.copyFrom(this.#bytes.subarray(0, result), done);
      done += result;
      if (result < size) break;
    }
    return done;
  }

  /** As {@link writeSegments}. */
  write(descriptor: number, offsetLo: number, offsetHi: number, source: DataRange, flags: number): number {
    let done = 0;
    do {
      const size = Math.min(source.length - done, SIZE);
      source.copyTo(this.#bytes.subarray(0, size), done);
      const lo = advancedLo(offsetLo, done);
      const hi = advancedHi(offsetLo, offsetHi, done);
      const result = writeSegments(descriptor, lo, hi, this.#list, 0, size, flags);
      if (result < 0 || (result === 0 && size > 0)) return cutShort(done, result, flags);
      done += result;
    } while (done < source.length);
    return done;
  }
}

let shared: BounceBuffer | undefined;

/** Made when first needed: the daemon itself never needs it. */
export function bounceBuffer(): BounceBuffer {
  shared ??= new BounceBuffer();
  return shared;
}
