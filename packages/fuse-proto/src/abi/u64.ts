import { ValueRangeError } from '../errors.js';

/**
 * A 64-bit integer: a number while it is exact (up to 2^53−1 either way), a bigint beyond. Never rounded.
 * Signed fields use the same type.
 */
export type U64 = number | bigint;

const TWO_32 = 0x1_0000_0000;
const MASK_32 = 0xffff_ffffn;

/** The unsigned value of two 32-bit halves. */
export function joinU64(lo: number, hi: number): U64 {
  return hi < 0x20_0000 ? hi * TWO_32 + lo : (BigInt(hi) << 32n) | BigInt(lo);
}

/** The signed (two's complement) value of two 32-bit halves; `hi` is read as an int32. */
export function joinI64(lo: number, hi: number): U64 {
  const high = hi | 0;
  // −2^53 itself has the halves (0, −2^21) but is not a safe integer: it belongs to the bigints.
  if (high < 0x20_0000 && (high > -0x20_0000 || (high === -0x20_0000 && lo !== 0))) return high * TWO_32 + lo;
  return (BigInt(high) << 32n) | BigInt(lo);
}

/**
 * Stores an unsigned value little-endian at `at`.
 * @throws ValueRangeError if it is negative, fractional, an unsafe number, or above 2^64−1
 */
export function storeU64(data: DataView, at: number, value: U64): void {
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value) || value < 0) throw new ValueRangeError('unsigned 64-bit', value);
    data.setUint32(at, value >>> 0, true);
    data.setUint32(at + 4, value / TWO_32, true);
    return;
  }
  if (value < 0n || value > 0xffff_ffff_ffff_ffffn) throw new ValueRangeError('unsigned 64-bit', value);
  data.setUint32(at, Number(value & MASK_32), true);
  data.setUint32(at + 4, Number(value >> 32n), true);
}

/**
 * Stores a signed value little-endian, two's complement, at `at`.
 * @throws ValueRangeError if it is fractional, an unsafe number, or outside −2^63..2^63−1
 */
export function storeI64(data: DataView, at: number, value: U64): void {
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new ValueRangeError('signed 64-bit', value);
    data.setUint32(at, value >>> 0, true);
    data.setInt32(at + 4, Math.floor(value / TWO_32), true);
    return;
  }
  if (value < -(2n ** 63n) || value >= 2n ** 63n) throw new ValueRangeError('signed 64-bit', value);
  data.setUint32(at, Number(value & MASK_32), true);
  data.setInt32(at + 4, Number(value >> 32n), true);
}
