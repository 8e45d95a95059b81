import { F_RDLCK, F_UNLCK } from '@vfs/sys';

/** The last byte that a file can have: locks "to the end" go up to here. */
export const LAST_OFFSET = 2n ** 63n - 1n;

/** A lock, or one that is wanted: both ends belong to it. */
export interface ByteRange {
  /** F_RDLCK or F_WRLCK; F_UNLCK where something is to be given up. */
  readonly type: number;
  readonly start: bigint;
  readonly end: bigint;
}

/** Whether two owners cannot have these locks at the same time. */
export function areInConflict(a: ByteRange, b: ByteRange): boolean {
  return overlap(a, b) && !(a.type === F_RDLCK && b.type === F_RDLCK);
}

export function overlap(a: ByteRange, b: ByteRange): boolean {
  return a.start <= b.end && b.start <= a.end;
}

/** The part of a range that lies in another one. */
export function intersection(range: ByteRange, other: ByteRange): ByteRange | undefined {
  let { start, end } = range;
  if (start < other.start) start = other.start;
  if (end > other.end) end = other.end;
  return start <= end ? { ...range, start, end } : undefined;
}

/** The bytes of any of some ranges, of whatever type: in order, without overlaps. */
export function union(ranges: Iterable<ByteRange>): ByteRange[] {
  const merged: ByteRange[] = [];
  for (const range of [...ranges].sort((a, b) => (a.start < b.start ? -1 : 1))) {
    const last = merged.at(-1);
    if (last === undefined || last.end < range.start) merged.push(range);
    else if (last.end < range.end) merged[merged.length - 1] = { ...last, end: range.end };
  }
  return merged;
}

/**
 * The parts of some ranges that none of the others covers; both as {@link union} has them. One pass: a guest may have many thousands of
 * either.
 */
export function* uncovered(ranges: Iterable<ByteRange>, others: readonly ByteRange[]): Generator<ByteRange> {
  let first = 0;
  for (const range of ranges) {
    let { start } = range;
    while (first < others.length && others[first]!.end < start) first++;
    for (let i = first; i < others.length && others[i]!.start <= range.end; i++) {
      if (others[i]!.start > start) yield { ...range, start, end: others[i]!.start - 1n };
      start = others[i]!.end + 1n;
    }
    if (start <= range.end) yield { ...range, start };
  }
}

/** What is left of a range on both sides of another. */
function cut(range: ByteRange, other: ByteRange): ByteRange[] {
  if (!overlap(range, other)) return [range];
  const left: ByteRange[] = [];
  if (range.start < other.start) left.push({ ...range, end: other.start - 1n });
  if (range.end > other.end) left.push({ ...range, start: other.end + 1n });
  return left;
}

/** The locks of one owner on one file: in order, without overlaps, and neighbors of the same type are one. */
export class ByteRanges implements Iterable<ByteRange> {
  #ranges: ByteRange[] = [];

  get count(): number {
    return this.#ranges.length;
  }

  [Symbol.iterator](): Iterator<ByteRange> {
    return this.#ranges[Symbol.iterator]();
  }

  /** The first that is in conflict with a lock of somebody else. */
  inTheWayOf(wanted: ByteRange): ByteRange | undefined {
    return this.#ranges.find((range) => areInConflict(range, wanted));
  }

  /** Gives every byte of a range its type, whatever it had before. */
  assign(wanted: ByteRange): void {
    const parts = this.#ranges.flatMap((range) => cut(range, wanted));
    if (wanted.type !== F_UNLCK) parts.push(wanted);
    parts.sort((a, b) => (a.start < b.start ? -1 : 1));
    this.#ranges = [];
    for (const part of parts) {
      const last = this.#ranges.at(-1);
      if (last?.type === part.type && last.end + 1n === part.start) {
        this.#ranges[this.#ranges.length - 1] = { ...last, end: part.end };
      } else {
        this.#ranges.push(part);
      }
    }
  }
}
