/**
 * Reads and writes that first try without waiting, on the thread that has the request, and leave what would wait to the
 * thread pool. Cached data costs no hop to another thread; data on a slow disk holds up nobody else.
 */
import type { DataRange, Outcome } from '@vfs/fuse-proto';
import { EAGAIN, EOPNOTSUPP, O_DIRECT, O_DSYNC, RWF_APPEND, RWF_NOWAIT, type SegmentList } from '@vfs/sys';
import { LateRead } from './late-read.js';
import { type CallPool, whilePinned } from './offload.js';
import {
  cutShort,
  endsAt,
  readOnce,
  readSegments,
  transferArguments,
  writeOnce,
  writeSegments,
} from './segment-io.js';
import type { Share } from './share.js';
import {
  CANNOT_TRY_READING,
  CANNOT_TRY_WRITING,
  lacks,
  learnFromTry,
  Storage,
  setLacking,
  storageOf,
  worthTrying,
} from './storage.js';

/** As `readSegments`, of a handle, with a pool. `list`: the segments of `sink`. */
export function readWithPool(
  pool: CallPool,
  share: Share,
  handle: number,
  offsetLo: number,
  offsetHi: number,
  sink: DataRange,
  list: SegmentList,
): Outcome {
  const { handles } = share;
  const { position, length } = sink;
  const fd = handles.descriptorOf(handle);
  const storage = storageOf(share, handle);
  if (storage === Storage.MEMORY) {
    return readSegments(fd, offsetLo, offsetHi, list, position, length);
  }
  // A direct read is submitted without waiting, and then waits for the disk.
  let able = !lacks(share, handle, CANNOT_TRY_READING) && !(handles.flagsOf(handle) & O_DIRECT);
  let done = 0;
  while (able && (done > 0 || storage !== Storage.DISK || worthTrying(share, handle))) {
    const result = readOnce(fd, offsetLo, offsetHi, list, position, length, done, RWF_NOWAIT);
    if (result === -EAGAIN) {
      learnFromTry(share, handle, false);
      break;
    }
    if (result === -EOPNOTSUPP) {
      setLacking(share, handle, CANNOT_TRY_READING);
      able = false;
      break;
    }
    if (result < 0) return result;
    done += result;
    if (result === 0 || done === length || endsAt(offsetLo, done, list)) {
      learnFromTry(share, handle, true);
      return done;
    }
  }
  const attempt = able && storage === Storage.DISK ? RWF_NOWAIT : 0;
  const read = pool.reads.pop() ?? new LateRead(pool, share);
  return read.begin(fd, offsetLo, offsetHi, list, position, length, done, attempt);
}

/** As `writeSegments`, to a handle, with a pool. `list`: the segments of `source`; `flags`: RWF_ flags. */
export function writeWithPool(
  pool: CallPool,
  share: Share,
  handle: number,
  offsetLo: number,
  offsetHi: number,
  source: DataRange,
  list: SegmentList,
  flags: number,
): Outcome {
  const { handles } = share;
  const { position, length } = source;
  const fd = handles.descriptorOf(handle);
  const storage = storageOf(share, handle);
  if (storage === Storage.MEMORY) {
    return writeSegments(fd, offsetLo, offsetHi, list, position, length, flags);
  }
  const buffered = !(handles.flagsOf(handle) & (O_DIRECT | O_DSYNC));
  // What is appended goes in one piece, or something else might come between.
  let tries = buffered && !(flags & RWF_APPEND) && !lacks(share, handle, CANNOT_TRY_WRITING);
  let done = 0;
  while (tries) {
    const result = writeOnce(fd, offsetLo, offsetHi, list, position, length, done, flags | RWF_NOWAIT);
    if (result === -EAGAIN) break;
    if (result === -EOPNOTSUPP) {
      setLacking(share, handle, CANNOT_TRY_WRITING);
      tries = false;
      break;
    }
    if (result <= 0) return cutShort(done, result, flags);
    done += result;
    if (done === length) return done;
  }
  if (buffered && !tries && storage === Storage.DISK && pool.pace.isGood) {
    const begun = performance.now();
    const result = writeSegments(fd, offsetLo, offsetHi, list, position, length, flags);
    pool.pace.learn(begun);
    return result;
  }
  return writeRest(pool, share, fd, offsetLo, offsetHi, list, position, length, flags, done);
}

function writeRest(
  pool: CallPool,
  share: Share,
  fd: number,
  offsetLo: number,
  offsetHi: number,
  list: SegmentList,
  position: number,
  length: number,
  flags: number,
  from: number,
): Promise<number> {
  return whilePinned(share, fd, async () => {
    for (let done = from; ; ) {
      const result = await new Promise<number>((resolve) => {
        const call = transferArguments(fd, offsetLo, offsetHi, list, position, length, done, flags);
        pool.submit('pwritev2', call, resolve);
      });
      if (result <= 0) return cutShort(done, result, flags);
      done += result;
      if (done === length) return done;
    }
  });
}
