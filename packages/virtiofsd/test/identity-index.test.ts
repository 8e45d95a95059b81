import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IdentityIndex } from '../src/passthrough/identity-index.js';
import { NO_SLOT } from '../src/passthrough/slot-ids.js';

type Identity = [number, number, number, number, number, number];

describe('IdentityIndex', () => {
  it('tells apart identities that differ in one bit of any word', () => {
    const base: Identity = [0xffff_ffff, 7, 8, 1, 29, 0];
    const index = new IdentityIndex();
    index.insert(1, ...base);
    let slot = 2;
    for (let word = 0; word < 6; word++) {
      for (const bit of [1, 0x8000_0000]) {
        const other = [...base] as Identity;
        other[word] = (other[word]! ^ bit) >>> 0;
        expect(index.find(...other)).toBe(NO_SLOT);
        index.insert(slot, ...other);
        expect(index.find(...other)).toBe(slot++);
      }
    }
    expect(index.find(...base)).toBe(1);
    expect(index.identityOf(1)).toEqual(new Uint32Array(base));
  });

  it('finds a neighbor by inode number', () => {
    const index = new IdentityIndex();
    index.insert(1, 2, 0, 8, 1, 29, 0);
    index.insert(2, 12, 5, 8, 1, 29, 0);
    index.insert(3, 13, 0, 8, 2, 29, 0);
    expect(index.findBeside(1, 12, 5)).toBe(2);
    expect(index.findBeside(1, 13, 0)).toBe(NO_SLOT);
  });

  it('behaves like a map, through growth and removal in any order, whatever the seed', () => {
    // Few distinct values, so that there are collisions, neighbors and repeats.
    const identity = fc.tuple(fc.nat(40), fc.nat(2), fc.nat(1), fc.nat(2), fc.nat(1), fc.nat(1));
    const step = fc.tuple(fc.boolean(), identity);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 2000, size: 'max' }), fc.integer(), (steps, seed) => {
        const index = new IdentityIndex(seed);
        const model = new Map<string, { slot: number; identity: Identity }>();
        let next = 1;
        for (const [add, words] of steps) {
          const key = words.join();
          const known = model.get(key);
          expect(index.find(...words)).toBe(known?.slot ?? NO_SLOT);
          if (add && !known) {
            index.insert(next, ...words);
            model.set(key, { slot: next++, identity: words });
          } else if (!add && known) {
            index.remove(known.slot);
            model.delete(key);
          }
        }
        expect(index.size).toBe(model.size);
        for (const { slot, identity } of model.values()) expect(index.find(...identity)).toBe(slot);
      }),
      { numRuns: 60 },
    );
  });
});
