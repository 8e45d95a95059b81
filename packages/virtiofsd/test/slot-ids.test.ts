import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_SLOT, SlotIds } from '../src/passthrough/slot-ids.js';

describe('SlotIds', () => {
  it('gives 1 to the first slot, as FUSE wants for the root', () => {
    const ids = new SlotIds();
    const slot = ids.acquire();
    expect(ids.idOf(slot)).toBe(1);
    expect(ids.slotOf(1)).toBe(slot);
  });

  it.each([0, 2, 2 ** 28, 2 ** 28 + 1, 2 ** 53 - 1, 2 ** 63])('does not know the id %d', (id) => {
    const ids = new SlotIds();
    ids.acquire();
    expect(ids.slotOf(id)).toBe(NO_SLOT);
  });

  it('recognizes an id as stale after its slot is used again', () => {
    const ids = new SlotIds();
    const slot = ids.acquire();
    const old = ids.idOf(slot);
    ids.release(slot);
    expect(ids.slotOf(old)).toBe(NO_SLOT);
    expect(ids.acquire()).toBe(slot);
    expect(ids.slotOf(old)).toBe(NO_SLOT);
    expect(ids.slotOf(ids.idOf(slot))).toBe(slot);
  });

  it('keeps ids exact and retires a slot instead of repeating one', () => {
    const ids = new SlotIds();
    const slot = ids.acquire();
    let last = ids.idOf(slot);
    for (let i = 1; i < 2 ** 25; i++) {
      ids.release(slot);
      ids.acquire();
      last = ids.idOf(slot);
    }
    expect(last).toBe((2 ** 25 - 1) * 2 ** 28 + slot);
    expect(Number.isSafeInteger(last)).toBe(true);
    expect(ids.slotOf(last)).toBe(slot);
    ids.release(slot);
    expect(ids.acquire()).not.toBe(slot);
  });

  it('behaves like a map of ids that are never given out twice', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { maxLength: 3000, size: 'max' }), (steps) => {
        const ids = new SlotIds();
        const live = new Map<number, number>();
        const dead = new Set<number>();
        for (const step of steps) {
          if (step < 600 || live.size === 0) {
            const slot = ids.acquire();
            const id = ids.idOf(slot);
            expect(live.has(id) || dead.has(id)).toBe(false);
            live.set(id, slot);
          } else {
            const [id, slot] = [...live][step % live.size]!;
            if (step > 950) {
              expect(ids.renew(slot)).toBe(true);
              const renewed = ids.idOf(slot);
              expect(live.has(renewed) || dead.has(renewed)).toBe(false);
              live.set(renewed, slot);
            } else {
              ids.release(slot);
            }
            live.delete(id);
            dead.add(id);
          }
        }
        expect(ids.inUse).toBe(live.size);
        for (const [id, slot] of live) expect(ids.slotOf(id)).toBe(slot);
        for (const id of dead) expect(ids.slotOf(id)).toBe(NO_SLOT);
      }),
      { numRuns: 30 },
    );
  });

  it('takes ids of another process over, and never gives out one that it could have given', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(2 ** 40), { minLength: 1, maxLength: 400 }),
        fc.nat(2 ** 29),
        (foreign, more) => {
          const ids = new SlotIds();
          const root = ids.acquire();
          const bound = Math.max(2, ...foreign) + 1 + more;
          ids.expectForeign(bound);
          const adopted = new Map<number, number>([[1, root]]);
          for (const id of foreign.filter((id) => id > 1)) adopted.set(id, ids.adopt(id));
          expect(new Set(adopted.values()).size).toBe(adopted.size);
          expect(adopted.has(NO_SLOT)).toBe(false);
          for (const [id, slot] of adopted) {
            expect(ids.slotOf(id)).toBe(slot);
            expect(ids.idOf(slot)).toBe(id);
            expect(ids.adopt(id)).toBe(NO_SLOT);
          }
          const own = Array.from({ length: 300 }, () => ids.idOf(ids.acquire()));
          for (const id of own) expect(id).toBeGreaterThanOrEqual(bound);
          expect(ids.bound).toBeGreaterThan(Math.max(...own));
          for (const [id, slot] of adopted) {
            if (slot === root) continue;
            ids.release(slot);
            expect(ids.slotOf(id)).toBe(NO_SLOT);
            expect(ids.idOf(ids.acquire())).toBeGreaterThanOrEqual(bound);
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  it('refuses ids of another process beyond its own range', () => {
    const ids = new SlotIds();
    expect(() => ids.expectForeign(2 ** 53)).toThrow(RangeError);
    ids.expectForeign(100);
    expect(ids.adopt(100)).toBe(NO_SLOT);
    expect(ids.adopt(99)).not.toBe(NO_SLOT);
  });
});
