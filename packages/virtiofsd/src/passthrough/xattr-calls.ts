import { AT_FDCWD, ENOSYS, EPERM, type MemoryWindow, O_CLOEXEC, O_PATH, raw } from '@vfs/sys';
import type { Scratch } from './scratch.js';

/**
 * The system calls for extended attributes, of files of every type by their O_PATH descriptors. The attribute's name and its value
 * lie at places of a window of memory; results are lengths, 0 or −errno.
 */
export interface XattrCalls extends Disposable {
  get(descriptor: number, window: MemoryWindow, name: number, value: number, size: number): number;
  set(
    descriptor: number,
    window: MemoryWindow,
    name: number,
    value: number,
    size: number,
    flags: number,
  ): number;
  list(descriptor: number, window: MemoryWindow, value: number, size: number): number;
  remove(descriptor: number, window: MemoryWindow, name: number): number;
}

/**
 * What the kernel has for it. The calls by descriptor refuse O_PATH, and opening a file once more to read it is not possible for all
 * types, nor for all users. What is left is the file's link in /proc/self/fd, of which there is a descriptor but, once the process is
 * confined, no path: so the calls of Linux 6.13 that start from a directory, or the working directory.
 */
export function xattrCalls(procSelfFd: number, scratch: Scratch): XattrCalls {
  const { window, empty } = scratch;
  const probe = raw.listxattrat(procSelfFd, window.id, empty, window.id, empty, 0);
  // Some supervisors answer EPERM for what they have not heard of.
  return probe === -ENOSYS || probe === -EPERM
    ? new CallsFromWorkingDirectory(procSelfFd, scratch)
    : new CallsFromDirectory(procSelfFd, scratch);
}

/** One system call each. Since Linux 6.13. */
export class CallsFromDirectory implements XattrCalls {
  readonly #links: number;
  readonly #scratch: Scratch;

  constructor(procSelfFd: number, scratch: Scratch) {
    this.#links = procSelfFd;
    this.#scratch = scratch;
  }

  get(descriptor: number, { id }: MemoryWindow, name: number, value: number, size: number): number {
    const { window, number } = this.#placed(descriptor);
    return raw.getxattrat(this.#links, window.id, number, id, name, id, value, size);
  }

  set(
    descriptor: number,
    { id }: MemoryWindow,
    name: number,
    value: number,
    size: number,
    flags: number,
  ): number {
    const { window, number } = this.#placed(descriptor);
    return raw.setxattrat(this.#links, window.id, number, id, name, id, value, size, flags);
  }

  list(descriptor: number, { id }: MemoryWindow, value: number, size: number): number {
    const { window, number } = this.#placed(descriptor);
    return raw.listxattrat(this.#links, window.id, number, id, value, size);
  }

  remove(descriptor: number, { id }: MemoryWindow, name: number): number {
    const { window, number } = this.#placed(descriptor);
    return raw.removexattrat(this.#links, window.id, number, id, name);
  }

  [Symbol.dispose](): void {}

  #placed(descriptor: number): Scratch {
    this.#scratch.putNumber(descriptor);
    return this.#scratch;
  }
}

/**
 * With /proc/self/fd as the working directory during the call, which is the whole process's: work of other threads that goes by
 * relative paths would go wrong in that moment. The thread pool here has none, and a relative path that was given is opened before.
 */
export class CallsFromWorkingDirectory implements XattrCalls {
  readonly #links: number;
  readonly #scratch: Scratch;
  /** The working directory itself, from the first call on: it may be another one before the process is confined. */
  #home = -1;

  constructor(procSelfFd: number, scratch: Scratch) {
    this.#links = procSelfFd;
    this.#scratch = scratch;
  }

  get(descriptor: number, { id }: MemoryWindow, name: number, value: number, size: number): number {
    const error = this.#enter(descriptor);
    if (error < 0) return error;
    const { window, number } = this.#scratch;
    return this.#leave(raw.getxattr(window.id, number, id, name, id, value, size));
  }

  set(
    descriptor: number,
    { id }: MemoryWindow,
    name: number,
    value: number,
    size: number,
    flags: number,
  ): number {
    const error = this.#enter(descriptor);
    if (error < 0) return error;
    const { window, number } = this.#scratch;
    return this.#leave(raw.setxattr(window.id, number, id, name, id, value, size, flags));
  }

  list(descriptor: number, { id }: MemoryWindow, value: number, size: number): number {
    const error = this.#enter(descriptor);
    if (error < 0) return error;
    const { window, number } = this.#scratch;
    return this.#leave(raw.listxattr(window.id, number, id, value, size));
  }

  remove(descriptor: number, { id }: MemoryWindow, name: number): number {
    const error = this.#enter(descriptor);
    if (error < 0) return error;
    const { window, number } = this.#scratch;
    return this.#leave(raw.removexattr(window.id, number, id, name));
  }

  [Symbol.dispose](): void {
    if (this.#home >= 0) raw.close(this.#home);
    this.#home = -1;
  }

  /** 0, or −errno, also when the working directory cannot be opened: there would be no way back. */
  #enter(descriptor: number): number {
    this.#scratch.putNumber(descriptor);
    const { window, here } = this.#scratch;
    if (this.#home < 0) this.#home = raw.openat(AT_FDCWD, window.id, here, O_PATH | O_CLOEXEC, 0);
    return this.#home < 0 ? this.#home : raw.fchdir(this.#links);
  }

  /** Nothing depends on where the process is: if it cannot go home, the next call will. */
  #leave(result: number): number {
    raw.fchdir(this.#home);
    return result;
  }
}
