/** Where a target's decisions come from. */
export abstract class Source {
  abstract u32(): number;

  /** 0 to `end` − 1. */
  below(end: number): number {
    return this.u32() % end;
  }

  /** True once in so many times. */
  oneIn(count: number): boolean {
    // Zero is what an input has where nothing was decided: the usual way.
    return this.below(count) === count - 1;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!;
  }

  bytes(length: number): Uint8Array {
    const result = new Uint8Array(length);
    for (let i = 0; i < length; i += 4) {
      const value = this.u32();
      // Beyond the end nothing is written.
      for (let k = 0; k < 4; k++) result[i + k] = value >>> (8 * k);
    }
    return result;
  }
}

/** Numbers that look random and are the same for the same seed (mulberry32). */
export class Random extends Source {
  #state: number;

  constructor(seed: number) {
    super();
    this.#state = seed >>> 0;
  }

  override u32(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  }
}
