import { MappedMemory, SysError, WINDOW_SIZE } from '@vfs/sys';
import { ProtocolError } from '../errors.js';
import type { EventDescriptor } from '../event_descriptor.js';
import { hex, toExactNumber } from '../u64.js';

/** VHOST_LOG_PAGE: bytes of guest memory that one bit stands for. */
export const LOG_PAGE_SIZE = 4096;
/** Pages that one byte of the log stands for, in bytes. */
const BYTE_SPAN = 8 * LOG_PAGE_SIZE;
const HOST_PAGE_SIZE = 4096;

/**
 * The dirty log of a migration: a bitmap shared with the front-end, one bit per page of guest-physical memory from address 0
 * on (specification: "Migration").
 */
export class DirtyLog implements Disposable {
  readonly #mapping: MappedMemory;
  /** Where in the mapping the log begins. */
  readonly #delta: number;
  readonly #size: number;
  #event: EventDescriptor | undefined;

  /**
   * @param fd - stays the caller's to close
   * @throws ProtocolError BAD_MEMORY when the log cannot be mapped
   */
  constructor(logSize: bigint, logOffset: bigint, fd: number) {
    const what = `dirty log ${hex(logOffset)}+${hex(logSize)}`;
    const end = toExactNumber(logOffset + logSize);
    if (logSize === 0n || end === undefined) throw new ProtocolError('BAD_MEMORY', `${what} cannot be`);
    const offset = Number(logOffset);
    this.#delta = offset % HOST_PAGE_SIZE;
    this.#size = Number(logSize);
    try {
      this.#mapping = MappedMemory.map(fd, this.#delta + this.#size, { offset: offset - this.#delta });
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      throw new ProtocolError('BAD_MEMORY', `${what} cannot be mapped: ${error.message}`, { cause: error });
    }
  }

  /** Its file was truncated. */
  get lost(): boolean {
    return this.#mapping.lost;
  }

  /** The eventfd that tells the front-end about new bits (SET_LOG_FD); owned from here on. */
  set event(event: EventDescriptor | undefined) {
    this.#event?.close();
    this.#event = event;
  }

  /** Takes the place of `old`, and its event with it. */
  replace(old: DirtyLog): void {
    this.event = old.#event;
    old.#event = undefined;
    old.close();
  }

  /** Marks `length` bytes at a guest-physical address as written. What the log does not cover is nobody's business. */
  mark(address: number, length: number): void {
    if (length === 0) return;
    const last = Math.floor((address + length - 1) / LOG_PAGE_SIZE);
    let added = false;
    for (let page = Math.floor(address / LOG_PAGE_SIZE); page <= last; page++) {
      const byte = Math.floor(page / 8);
      if (byte >= this.#size) break;
      const at = this.#delta + byte;
      const window = this.#mapping.windows[Math.floor(at / WINDOW_SIZE)]!;
      const bit = 1 << (page % 8);
      // The front-end takes bits away while we add some: both atomically.
      if ((Atomics.or(window.u8, at % WINDOW_SIZE, bit) & bit) === 0) added = true;
    }
    if (added) this.#event?.signal();
  }

  /** Unmaps the log. Idempotent. */
  close(): void {
    this.event = undefined;
    this.#mapping.unmap();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** Guest memory that one byte of the log covers, for sizing one. */
export function dirtyLogSize(memoryEnd: number): number {
  return Math.ceil(memoryEnd / BYTE_SPAN);
}
