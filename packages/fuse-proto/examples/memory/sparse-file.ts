import type { Segments } from '../../src/index.js';

const PAGE = 4096;
const ZEROS = new Uint8Array(PAGE);

/** The pages that all files of one file system may have together. */
export class PageBudget {
  /** Pages not in use. */
  free: number;
  readonly total: number;

  constructor(pages: number) {
    this.total = pages;
    this.free = pages;
  }
}

/**
 * The content of a regular file: `size` bytes, of which only the pages that were written to take memory. All
 * others are holes, and read as zeros.
 */
export class SparseFile {
  size = 0;
  readonly #pages = new Map<number, Uint8Array>();
  readonly #budget: PageBudget;

  constructor(budget: PageBudget) {
    this.#budget = budget;
  }

  /** Memory in use, in units of 512 bytes, as `st_blocks` counts. */
  get blocks(): number {
    return this.#pages.size * (PAGE / 512);
  }

  /** Copies up to `length` bytes from `offset` on to `target`. Returns how many there were. */
  read(offset: number, target: Segments, position: number, length: number): number {
    const count = Math.min(length, this.size - offset);
    this.#eachPage(offset, count, (index, start, size, done) => {
      const page = this.#pages.get(index) ?? ZEROS;
      target.copyIn(position + done, page, start, size);
    });
    return Math.max(count, 0);
  }

  /** Stores `length` bytes of `source`. Returns how many were: fewer when memory ends. */
  write(offset: number, source: Segments, position: number, length: number): number {
    let written = 0;
    this.#eachPage(offset, length, (index, start, size, done) => {
      const page = written === done ? this.#obtain(index) : undefined;
      if (page === undefined) return;
      source.copyOut(position + done, page, start, size);
      written = done + size;
    });
    if (written > 0) this.size = Math.max(this.size, offset + written);
    return written;
  }

  /** Sets the size: cuts off what is beyond, or adds a hole. */
  truncate(size: number): void {
    if (size < this.size) this.punch(size, roundUp(this.size) - size);
    this.size = size;
  }

  /** Makes a hole. Bytes of pages that are only partly in it become zero. */
  punch(offset: number, length: number): void {
    for (const [index, page] of this.#pages) {
      const start = Math.max(offset - index * PAGE, 0);
      const end = Math.min(offset + length - index * PAGE, PAGE);
      if (start >= end) continue;
      if (end - start === PAGE) this.#drop(index);
      else page.fill(0, start, end);
    }
  }

  /** Gives every page of the range its memory. Returns false, and does nothing, if there is not enough. */
  allocate(offset: number, length: number): boolean {
    const first = Math.floor(offset / PAGE);
    const last = Math.floor((offset + length - 1) / PAGE);
    let present = 0;
    for (const index of this.#pages.keys()) if (index >= first && index <= last) present++;
    if (last - first + 1 - present > this.#budget.free) return false;
    for (let index = first; index <= last; index++) this.#obtain(index);
    return true;
  }

  /** Where the next data (or hole) at or after `offset` starts; undefined if there is none before the end. */
  seek(offset: number, data: boolean): number | undefined {
    if (offset >= this.size) return undefined;
    const page = Math.floor(offset / PAGE);
    if (data) {
      // Over the pages there are, not over those there could be: a hole may be enormous.
      const later = [...this.#pages.keys()].filter((index) => index >= page && index * PAGE < this.size);
      return later.length === 0 ? undefined : Math.max(offset, later.reduce((a, b) => Math.min(a, b)) * PAGE);
    }
    let index = page;
    while (this.#pages.has(index)) index++;
    // The end of a file counts as a hole.
    return Math.min(Math.max(offset, index * PAGE), this.size);
  }

  #eachPage(
    offset: number,
    length: number,
    visit: (index: number, start: number, size: number, done: number) => void,
  ): void {
    for (let done = 0; done < length; ) {
      const start = (offset + done) % PAGE;
      const size = Math.min(PAGE - start, length - done);
      visit(Math.floor((offset + done) / PAGE), start, size, done);
      done += size;
    }
  }

  #obtain(index: number): Uint8Array | undefined {
    let page = this.#pages.get(index);
    if (page === undefined && this.#budget.free > 0) {
      this.#budget.free--;
      page = new Uint8Array(PAGE);
      this.#pages.set(index, page);
    }
    return page;
  }

  #drop(index: number): void {
    this.#pages.delete(index);
    this.#budget.free++;
  }
}

function roundUp(size: number): number {
  return Math.ceil(size / PAGE) * PAGE;
}
