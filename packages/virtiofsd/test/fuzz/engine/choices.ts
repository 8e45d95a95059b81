import { Random, Source } from './source.js';

/** Bytes of a cell. */
export const CELL = 16;
/** Of these, how many are decisions themselves; the rest is the seed of further ones. */
const DIRECT = 12;

/**
 * An input as decisions. It is a row of cells of 16 bytes: the first one is for what is decided once, each other one for a
 * step. So to leave out a cell is to leave out a step, and nothing that comes after it changes: this is what makes inputs
 * good to mutate and to reduce. The first 12 bytes of a cell are decisions, one byte each where that is enough; who wants
 * more gets numbers that follow from the last 4.
 */
export class Choices extends Source {
  readonly #input: Uint8Array;
  #at = 0;
  #end = DIRECT;
  #more: Random | undefined;

  constructor(input: Uint8Array) {
    super();
    this.#input = input;
  }

  /** Goes to the next step; false when there is none. */
  next(): boolean {
    const start = this.#end - DIRECT + CELL;
    if (start >= this.#input.length) return false;
    this.#at = start;
    this.#end = start + DIRECT;
    this.#more = undefined;
    return true;
  }

  override u32(): number {
    return this.#take(4);
  }

  override below(end: number): number {
    return this.#take(end <= 0x100 ? 1 : end <= 0x1_0000 ? 2 : 4) % end;
  }

  #take(count: number): number {
    if (this.#at + count > this.#end) {
      this.#at = this.#end;
      return this.#tail().u32();
    }
    let value = 0;
    for (let i = 0; i < count; i++) value = value * 0x100 + (this.#input[this.#at++] ?? 0);
    return value;
  }

  #tail(): Random {
    if (this.#more === undefined) {
      let seed = 0;
      for (let i = this.#end; i < this.#end + CELL - DIRECT; i++) seed = (seed << 8) | (this.#input[i] ?? 0);
      this.#more = new Random(seed);
    }
    return this.#more;
  }
}
