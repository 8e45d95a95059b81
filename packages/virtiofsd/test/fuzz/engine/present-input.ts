import { MappedMemory } from '@vfs/sys';

/** Longest input, in bytes. */
export const MOST_BYTES = 1 << 16;
/** How many were begun, how long the present one is; then the bytes. */
const HEADER = 8;
export const PRESENT_SIZE = HEADER + MOST_BYTES;

/**
 * The input that is being run, in a file that is mapped: there it can be found even if the process hangs or crashes, and to write
 * it costs no system call.
 */
export class PresentInput implements Disposable {
  readonly #memory: MappedMemory;

  /** @param fd - a file of PRESENT_SIZE bytes */
  constructor(fd: number) {
    this.#memory = MappedMemory.map(fd, PRESENT_SIZE);
  }

  write(input: Uint8Array): void {
    const { u8, u32 } = this.#memory.windows[0]!;
    u32[1] = input.length;
    u8.set(input, HEADER);
    u32[0] = u32[0]! + 1;
  }

  [Symbol.dispose](): void {
    this.#memory.unmap();
  }
}
