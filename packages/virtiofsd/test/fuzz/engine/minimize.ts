import { CELL } from './choices.js';

/**
 * Makes an input smaller as long as it still fails: leaves out steps, first many at a time, then sets decisions to zero.
 *
 * @param fails - whether an input fails in the same way
 * @param tries - how often that may be asked
 */
export async function minimize(
  input: Uint8Array,
  fails: (candidate: Uint8Array) => Promise<boolean>,
  tries = 3000,
): Promise<Uint8Array> {
  let best = input;
  let left = tries;
  const attempt = async (candidate: Uint8Array): Promise<boolean> => {
    if (left-- <= 0 || !(await fails(candidate))) return false;
    best = candidate;
    return true;
  };
  for (let count = Math.ceil(best.length / CELL / 2); count >= 1 && left > 0; ) {
    let removed = false;
    for (let at = CELL; at < best.length && left > 0; ) {
      const shorter = new Uint8Array([...best.subarray(0, at), ...best.subarray(at + CELL * count)]);
      if (await attempt(shorter)) removed = true;
      else at += CELL * count;
    }
    // What one step needed may be gone with another.
    if (!removed || count > 1) count = count === 1 ? 0 : Math.ceil(count / 2);
  }
  for (let at = 0; at < best.length && left > 0; at++) {
    if (best[at] === 0) continue;
    const simpler = best.slice();
    simpler[at] = 0;
    await attempt(simpler);
  }
  return best;
}
