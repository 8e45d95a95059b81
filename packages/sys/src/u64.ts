/** A 64-bit value: a number while it is exact (up to 2^53−1), a bigint beyond. Both are accepted everywhere. */
export type U64 = number | bigint;

const TWO_32 = 0x1_0000_0000;
const I64_MIN = -(2n ** 63n);
const I64_MAX = 2n ** 63n - 1n;
const U64_MAX = 2n ** 64n - 1n;

/** The low 32 bits, as an unsigned number. */
export function low32(value: U64): number {
  return typeof value === 'number' ? value >>> 0 : Number(value & 0xffff_ffffn);
}

/** The high 32 bits: of a negative value the sign extends into them. */
export function high32(value: U64): number {
  return typeof value === 'number' ? Math.floor(value / TWO_32) | 0 : Number(BigInt.asIntN(32, value >> 32n));
}

/** The unsigned value of two halves: a number while it is exact, else a bigint. */
export function joinU64(low: number, high: number): U64 {
  const upper = high >>> 0;
  if (upper < 0x20_0000) return upper * TWO_32 + (low >>> 0);
  return (BigInt(upper) << 32n) | BigInt(low >>> 0);
}

/** The signed value of two halves: a number while it is exact, else a bigint. */
export function joinI64(low: number, high: number): U64 {
  const upper = high | 0;
  if (upper < 0x20_0000 && upper >= -0x20_0000) {
    const value = upper * TWO_32 + (low >>> 0);
    if (Number.isSafeInteger(value)) return value;
  }
  return (BigInt(upper) << 32n) | BigInt(low >>> 0);
}

/** A u64 argument. @throws RangeError unless it is an integer of 0 to 2^64−1, and exact */
export function checkU64(value: U64, name: string): U64 {
  checkInteger(value, name);
  if (value < 0 || (typeof value === 'bigint' && value > U64_MAX))
    throw rangeError(value, name, '0 to 2^64-1');
  return value;
}

/** An i64 argument. @throws RangeError unless it is an integer of −2^63 to 2^63−1, and exact */
export function checkI64(value: U64, name: string): U64 {
  checkInteger(value, name);
  if (typeof value === 'bigint' && (value < I64_MIN || value > I64_MAX))
    throw rangeError(value, name, '-2^63 to 2^63-1');
  return value;
}

/** A file position or length. @throws RangeError unless it is an integer of 0 to 2^63−1, and exact */
export function checkOffset(value: U64, name: string): U64 {
  checkI64(value, name);
  if (value < 0) throw rangeError(value, name, '0 to 2^63-1');
  return value;
}

/** An integer argument that must lie in a range. @throws RangeError */
export function checkInt(value: number, name: string, low: number, high: number): number {
  if (!Number.isInteger(value) || value < low || value > high)
    throw rangeError(value, name, `${low} to ${high}`);
  return value;
}

/** A u32 argument, such as a flag set or an id. @throws RangeError */
export function checkU32(value: number, name: string): number {
  return checkInt(value, name, 0, 0xffff_ffff);
}

/** A non-negative i32 argument, such as a set of open flags. @throws RangeError */
export function checkFlags(value: number, name: string): number {
  return checkInt(value, name, 0, 0x7fff_ffff);
}

function checkInteger(value: U64, name: string): void {
  if (typeof value !== 'bigint' && !Number.isSafeInteger(value)) {
    throw rangeError(value, name, 'an integer of at most 2^53-1, or a bigint');
  }
}

function rangeError(value: unknown, name: string, expected: string): RangeError {
  return new RangeError(`${name} is ${String(value)}, expected ${expected}`);
}
