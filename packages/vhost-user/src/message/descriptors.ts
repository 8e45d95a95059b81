import { raw } from '@vfs/sys';

/** Descriptors that came with a message. What nobody takes is closed with the message: nothing leaks, nothing closes twice. */
export class ReceivedDescriptors {
  readonly #fds: number[] = [];

  /** How many are left. */
  get count(): number {
    return this.#fds.length;
  }

  /** @internal */
  add(fd: number): void {
    this.#fds.push(fd);
  }

  /** The next one, in the order of the message; from here on it is the caller's. Undefined when none is left. */
  take(): number | undefined {
    return this.#fds.shift();
  }

  /** Closes what is left. */
  close(): void {
    for (const fd of this.#fds.splice(0)) raw.close(fd);
  }
}
