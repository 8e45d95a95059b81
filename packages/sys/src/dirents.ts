import { raw } from './binding.js';
import { check } from './errors.js';
import { type FdLike, fdOf } from './fd.js';
import { MappedMemory } from './memory.js';
import { joinI64, joinU64, type U64 } from './u64.js';

/** An entry of a directory, `.` and `..` among them. */
export interface Dirent {
  readonly ino: U64;
  /** Where the next entry begins, for lseek(2); opaque, may be negative. */
  readonly off: U64;
  /** DT_ type; DT_UNKNOWN when the file system does not say. */
  readonly type: number;
  /** In bytes, as a name need not be UTF-8. */
  readonly name: Uint8Array;
}

/** Holds thousands of entries, and the largest single one many times over. */
const BUFFER_SIZE = 0x1_0000;

/**
 * The entries of an open directory from its position on, read as they are asked for: getdents64(2).
 *
 * The position of the directory runs ahead of what was taken. Entries made or removed meanwhile may or may not appear.
 *
 * @param dir - a directory that is open for reading
 * @throws {@link SysError} EBADF, ENOTDIR; ENOENT when it was removed
 */
export function* readDirents(dir: FdLike): Generator<Dirent, void, undefined> {
  const fd = fdOf(dir);
  using memory = MappedMemory.anonymous(BUFFER_SIZE);
  const { id, view, u8 } = memory.windows[0]!;
  for (;;) {
    const size = check(raw.getdents64(fd, id, 0, BUFFER_SIZE), 'getdents64');
    if (size === 0) return;
    for (let at = 0; at < size; at += view.getUint16(at + 16, true)) {
      yield {
        ino: joinU64(view.getUint32(at, true), view.getUint32(at + 4, true)),
        off: joinI64(view.getUint32(at + 8, true), view.getUint32(at + 12, true)),
        type: u8[at + 18]!,
        name: u8.slice(at + 19, u8.indexOf(0, at + 19)),
      };
    }
  }
}
