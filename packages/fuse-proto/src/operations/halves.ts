import { ESTALE } from '../errno.js';
import type { Slot } from '../slot.js';

const TWO_32 = 0x1_0000_0000;
/** Upper halves above this would not make an exact number. */
export const MAX_HI = 0x1f_ffff;

/** The number that two halves make, or the largest exact one. */
export function clip(lo: number, hi: number): number {
  if (hi === 0) return lo;
  return hi > MAX_HI ? Number.MAX_SAFE_INTEGER : hi * TWO_32 + lo;
}

/** Takes the second node of a request out of its halves. */
export function node2(slot: Slot, lo: number, hi: number): number {
  if (hi > MAX_HI) return -ESTALE;
  slot.nodeid2 = clip(lo, hi);
  return 0;
}
