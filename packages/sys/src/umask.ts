import { raw } from './binding.js';
import { check } from './errors.js';
import { checkInt } from './u64.js';

/** Sets the process's file mode creation mask: umask(2). @param mask - 0 to 0o777 @returns the previous one */
export function umask(mask: number): number {
  return check(raw.umask(checkInt(mask, 'mask', 0, 0o777)), 'umask');
}

/** Sets a mask and restores the previous one when disposed: `using _ = new ScopedUmask(0)`. It is the whole process's. */
export class ScopedUmask implements Disposable {
  /** The mask to restore. */
  readonly previous: number;
  #restored = false;

  constructor(mask: number) {
    this.previous = umask(mask);
  }

  /** Restores the previous mask. Idempotent. */
  [Symbol.dispose](): void {
    if (this.#restored) return;
    this.#restored = true;
    umask(this.previous);
  }
}
