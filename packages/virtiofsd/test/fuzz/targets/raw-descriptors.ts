import { closeSync, openSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { EFD_NONBLOCK, eventfd, ftruncate, memfdCreate, raw, unixSocketPair } from '@vfs/sys';

/** Descriptors of all kinds, to be sent with messages. They stay open for the next input. */
export class SomeDescriptors implements Disposable {
  readonly events = [eventfd(0, EFD_NONBLOCK), eventfd(0, EFD_NONBLOCK)];
  /** The second one is shorter than any region of memory. */
  readonly files = [memory(1 << 16), memory(100)];
  readonly #sockets = unixSocketPair();
  /** Such as nobody expects. */
  readonly others = [openSync('/dev/null', 'r+'), openSync(tmpdir(), 'r'), ...this.#sockets];

  [Symbol.dispose](): void {
    for (const fd of [...this.events, ...this.files]) raw.close(fd);
    for (const fd of this.others) closeSync(fd);
  }
}

function memory(size: number): number {
  const fd = memfdCreate('fuzz');
  ftruncate(fd, size);
  return fd;
}
