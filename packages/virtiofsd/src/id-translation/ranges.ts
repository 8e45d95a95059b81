/** How many ids there are. The last one is nobody's: to system calls it means "leave it as it is". */
export const ID_COUNT = 2 ** 32;
export const NO_ID = ID_COUNT - 1;

/** What becomes of the ids from `start` to before `end`. */
export interface Range {
  readonly start: number;
  readonly end: number;
  /** What `start` becomes. */
  readonly target: number;
  /** `shift`: the ids after it become those after the target; `squash`: they become the target, too; `forbid`: nothing. */
  readonly kind: 'shift' | 'squash' | 'forbid';
  /** The text it comes from. */
  readonly text: string;
}

/** Ranges that do not overlap, for finding that of an id. Ids in none of them stay as they are, and so does the one that is nobody's. */
export class Ranges {
  readonly #ranges: readonly Range[];
  readonly #starts: Float64Array;

  constructor(ranges: readonly Range[]) {
    this.#ranges = [...ranges].sort((a, b) => a.start - b.start);
    this.#starts = Float64Array.from(this.#ranges, ({ start }) => start);
  }

  /** Two ranges that have an id in common, if there are any; the lower one first. */
  get overlap(): readonly [Range, Range] | undefined {
    for (let i = 1; i < this.#ranges.length; i++) {
      const [one, next] = [this.#ranges[i - 1]!, this.#ranges[i]!];
      if (next.start < one.end) return [one, next];
    }
    return undefined;
  }

  /** What becomes of an id; undefined if it is forbidden. */
  translate(id: number): number | undefined {
    // Where it stands for a caller, it says that the guest does not tell who that is.
    if (id === NO_ID) return id;
    let low = 0;
    let high = this.#starts.length;
    // Afterwards `low` is how many ranges begin at or below the id.
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#starts[middle]! <= id) low = middle + 1;
      else high = middle;
    }
    if (low === 0) return id;
    const { start, end, target, kind } = this.#ranges[low - 1]!;
    if (id >= end) return id;
    if (kind === 'forbid') return undefined;
    return kind === 'shift' ? target + (id - start) : target;
  }
}
