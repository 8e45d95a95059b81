import { ScopedUmask } from '@vfs/sys';

let holders = 0;
let umask: ScopedUmask | undefined;

/**
 * Keeps the process's umask out of modes until disposed of. The umask is the whole process's, and so is this count of
 * those who want it gone: of several shares, the one that ends last brings it back.
 */
export class NoUmask implements Disposable {
  #held = true;

  constructor() {
    if (holders++ === 0) umask = new ScopedUmask(0);
  }

  /** Idempotent. */
  [Symbol.dispose](): void {
    if (!this.#held) return;
    this.#held = false;
    if (--holders === 0) umask?.[Symbol.dispose]();
  }
}
