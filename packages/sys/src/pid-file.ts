import { EAGAIN, ENOENT } from './constants/errno.js';
import {
  AT_FDCWD,
  AT_SYMLINK_NOFOLLOW,
  O_CREAT,
  O_NOCTTY,
  O_NOFOLLOW,
  O_NONBLOCK,
  O_RDONLY,
  O_RDWR,
} from './constants/open.js';
import { LOCK_EX, LOCK_NB } from './constants/process.js';
import { S_IFMT, S_IFREG, STATX_INO, STATX_TYPE } from './constants/stat.js';
import { unlinkat } from './directory.js';
import { SysError } from './errors.js';
import { close, OwnedFd } from './fd.js';
import { flock } from './flock.js';
import { readvAt, writevAt } from './io.js';
import { openat } from './open.js';
import { type PathLike, pathText } from './scratch.js';
import { fstatx, ftruncate, type Statx, statx } from './stat.js';
import { checkInt } from './u64.js';

/** How to make a pid file. */
export interface PidFileOptions {
  /** What to write into it. @default the pid of this process */
  readonly pid?: number;
  /** Permissions of a new file, before the umask. @default 0o600 */
  readonly mode?: number;
}

/**
 * A file that says which process serves, and whose lock (flock(2)) keeps a second one away. The lock is held as long
 * as a descriptor of it is open, here or in a child that inherited it; a file left by a process that is gone is
 * taken over.
 */
export class PidFile implements Disposable {
  readonly #file: OwnedFd;

  private constructor(
    file: OwnedFd,
    readonly path: PathLike,
  ) {
    this.#file = file;
  }

  /** The locked descriptor, for a child to inherit. −1 once closed. */
  get fd(): number {
    return this.#file.fd;
  }

  /**
   * Creates or takes over the file, locks it, and writes the pid and a newline as its only content. Symbolic links
   * are not followed.
   *
   * @throws {@link SysError} EAGAIN when another process holds the lock ({@link readPidFile} says which); of
   *   openat(2): EACCES, ENOENT, ELOOP for a symbolic link
   */
  static acquire(path: PathLike, options: PidFileOptions = {}): PidFile {
    const { pid = process.pid, mode = 0o600 } = options;
    checkInt(pid, 'pid', 1, 0x7fff_ffff);
    // Somebody who removes the file between open and flock leaves us with the lock of a file that nobody finds: once
    // more, then.
    for (;;) {
      const flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK;
      const file = new OwnedFd(openat(AT_FDCWD, path, flags, mode));
      try {
        if (!flock(file, LOCK_EX | LOCK_NB)) throw new SysError(EAGAIN, 'flock', pathText(path));
        if (isAt(file, path)) {
          ftruncate(file, 0);
          writevAt(file, [Buffer.from(`${pid}\n`)], 0);
          return new PidFile(file, path);
        }
      } catch (error) {
        file.close();
        throw error;
      }
      file.close();
    }
  }

  /**
   * Removes the file, unless another one has taken its place, and gives up the lock. Idempotent.
   * @throws {@link SysError} of unlinkat(2)
   */
  remove(): void {
    if (this.fd < 0) return;
    try {
      // The lock is still held: nobody else takes the file over meanwhile.
      if (isAt(this.#file, this.path)) unlinkat(AT_FDCWD, this.path, 0);
    } finally {
      this.close();
    }
  }

  /** Closes the descriptor and leaves the file. The lock lasts while a child has it. Idempotent. */
  close(): void {
    this.#file.close();
  }

  /** As {@link close}: whether the file is to go is decided by calling {@link remove}. */
  [Symbol.dispose](): void {
    this.close();
  }
}

/** Whether the open file is the one that is found at the path. */
function isAt(file: OwnedFd, path: PathLike): boolean {
  const mask = STATX_TYPE | STATX_INO;
  let there: Statx;
  try {
    there = statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, mask);
  } catch (error) {
    if (error instanceof SysError && error.errno === ENOENT) return false;
    throw error;
  }
  const here = fstatx(file, mask);
  return (
    here.stx_ino === there.stx_ino &&
    here.stx_dev_major === there.stx_dev_major &&
    here.stx_dev_minor === there.stx_dev_minor
  );
}

/**
 * The pid that a pid file names. Whether that process still lives is another question: its lock says so.
 *
 * @returns undefined when there is no such file, or no pid in it
 * @throws {@link SysError} of openat(2), pread(2)
 */
export function readPidFile(path: PathLike): number | undefined {
  let fd: number;
  try {
    fd = openat(AT_FDCWD, path, O_RDONLY | O_NOCTTY | O_NONBLOCK);
  } catch (error) {
    if (error instanceof SysError && error.errno === ENOENT) return undefined;
    throw error;
  }
  try {
    if ((fstatx(fd, STATX_TYPE).stx_mode & S_IFMT) !== S_IFREG) return undefined;
    const bytes = Buffer.alloc(32);
    const length = readvAt(fd, [bytes], 0);
    const pid = /^([1-9]\d{0,9})\n?$/.exec(bytes.toString('latin1', 0, length))?.[1];
    return pid === undefined ? undefined : Number(pid);
  } finally {
    close(fd);
  }
}
