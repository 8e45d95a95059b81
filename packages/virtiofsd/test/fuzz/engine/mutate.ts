import { CELL } from './choices.js';
import type { Source } from './source.js';

/** A new input of up to `steps` steps: short ones more often. */
export function fresh(random: Source, steps: number): Uint8Array {
  const most = Math.min(steps, 1 << random.below(1 + Math.ceil(Math.log2(steps + 1))));
  return random.bytes(CELL * (1 + random.below(most + 1)));
}

/** An input a little different from `base`; `other` lends it steps. */
export function mutate(random: Source, base: Uint8Array, other: Uint8Array, steps: number): Uint8Array {
  let result = base;
  for (let i = random.below(4); i >= 0; i--) result = once(random, result, other);
  return result.length > CELL * (steps + 1) ? result.slice(0, CELL * (steps + 1)) : result;
}

function once(random: Source, base: Uint8Array, other: Uint8Array): Uint8Array {
  const cells = Math.max(1, Math.ceil(base.length / CELL));
  const at = CELL * random.below(cells);
  switch (random.below(10)) {
    case 0:
    case 1:
    case 2:
      return change(random, base, random.below(base.length || 1), random.u32());
    case 3:
      return change(
        random,
        base,
        random.below(base.length || 1),
        random.pick([0, 1, 2, 4, 0x7f, 0x80, 0xff]),
      );
    case 4:
      return replace(base, at, CELL, random.bytes(CELL));
    case 5:
      return replace(base, at + CELL, 0, random.bytes(CELL * (1 + random.below(4))));
    case 6:
      return replace(base, at, CELL * (1 + random.below(4)), NOTHING);
    case 7:
      // The same steps again, a few times over.
      return replace(
        base,
        at + CELL,
        0,
        repeated(base.slice(at, at + CELL * (1 + random.below(4))), 1 + random.below(4)),
      );
    case 8:
      return replace(base, at + CELL, 0, piece(random, other));
    default:
      return replace(base, at, base.length, piece(random, other));
  }
}

const NOTHING = new Uint8Array(0);

function change(random: Source, base: Uint8Array, at: number, value: number): Uint8Array {
  const copy = base.slice();
  copy[at] = random.oneIn(2) ? copy[at]! ^ (1 << (value & 7)) : value;
  return copy;
}

/** `base` with `count` bytes from `at` on replaced by `by`. */
function replace(base: Uint8Array, at: number, count: number, by: Uint8Array): Uint8Array {
  const tail = base.subarray(Math.min(at + count, base.length));
  const result = new Uint8Array(Math.min(at, base.length) + by.length + tail.length);
  result.set(base.subarray(0, at));
  result.set(by, Math.min(at, base.length));
  result.set(tail, Math.min(at, base.length) + by.length);
  return result;
}

/** Some whole steps of `from`. */
function piece(random: Source, from: Uint8Array): Uint8Array {
  const cells = Math.ceil(from.length / CELL);
  const start = random.below(cells || 1);
  return from.slice(CELL * start, CELL * (start + 1 + random.below(cells - start || 1)));
}

function repeated(bytes: Uint8Array, times: number): Uint8Array {
  return Uint8Array.from({ length: bytes.length * times }, (_, i) => bytes[i % bytes.length]!);
}
