/**
 * An unsigned 64-bit value: a number up to 2^53−1, a bigint beyond. Both are exact; a number that is not a safe integer is
 * refused rather than rounded.
 */
export type U64 = number | bigint;

const LIMIT = 1n << 64n;

/** @throws RangeError when `value` is negative, fractional, an unsafe integer or beyond 64 bits. */
export function toBigInt(value: U64): bigint {
  if (typeof value === 'number' && !Number.isSafeInteger(value))
    throw new RangeError(`${value} is not exact`);
  const wide = BigInt(value);
  if (wide < 0n || wide >= LIMIT) throw new RangeError(`${value} does not fit in 64 unsigned bits`);
  return wide;
}

/** @returns the value as a number, or undefined where a number cannot hold it exactly (above 2^53−1). */
export function toExactNumber(value: bigint): number | undefined {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : undefined;
}

/** An address as people write it in logs: hexadecimal. */
export function hex(value: U64): string {
  return `0x${value.toString(16)}`;
}
