import { raw } from './binding.js';
import { check } from './errors.js';
import { checkInt } from './u64.js';

/** A descriptor as arguments accept it: its number, or an object that owns it. */
export type FdLike = number | { readonly fd: number };

/** The number of a descriptor. @throws RangeError unless it is 0 to 2^31−1 */
export function fdOf(fd: FdLike): number {
  return checkInt(typeof fd === 'number' ? fd : fd.fd, 'fd', 0, 0x7fff_ffff);
}

/** close(2). The descriptor is gone afterwards, whatever the outcome. @throws {@link SysError} EBADF, EIO, ENOSPC, EDQUOT */
export function close(fd: FdLike): void {
  check(raw.close(fdOf(fd)), 'close');
}

/** A second descriptor of the same open file, close-on-exec: fcntl(2) F_DUPFD_CLOEXEC. @throws {@link SysError} EBADF, EMFILE */
export function dup(fd: FdLike): number {
  return check(raw.dup(fdOf(fd)), 'dup');
}

/** Owns a descriptor and closes it when disposed: `using file = new OwnedFd(openat(...))`. */
export class OwnedFd implements Disposable {
  #fd: number;

  /** Takes over `fd`: nobody else may close it. */
  constructor(fd: number) {
    this.#fd = checkInt(fd, 'fd', 0, 0x7fff_ffff);
  }

  /** The descriptor, −1 once closed or released. */
  get fd(): number {
    return this.#fd;
  }

  /** Closes the descriptor. Idempotent. @throws {@link SysError} of close(2) */
  close(): void {
    if (this.#fd >= 0) close(this.release());
  }

  /** Gives the descriptor up without closing it; the caller owns it from here on. */
  release(): number {
    const fd = this.#fd;
    this.#fd = -1;
    return fd;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
