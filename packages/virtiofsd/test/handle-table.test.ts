import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HandleTable } from '../src/passthrough/handle-table.js';
import { NO_SLOT } from '../src/passthrough/slot-ids.js';

const lo = (id: number) => id % 2 ** 32;
const hi = (id: number) => Math.floor(id / 2 ** 32);

describe('HandleTable', () => {
  it('gives a handle only to the node it belongs to', () => {
    const table = new HandleTable();
    const slot = table.add(5, 40, 0);
    const id = table.idOf(slot);
    expect(table.slotOf(lo(id), hi(id), 5)).toBe(slot);
    expect(table.slotOf(lo(id), hi(id), 6)).toBe(NO_SLOT);
    expect(table.slotOf(0, 0, 5)).toBe(NO_SLOT);
    expect(table.slotOf(lo(id), hi(id) + 2 ** 31, 5)).toBe(NO_SLOT);
    expect(table.slotOf(0xffff_ffff, 0xffff_ffff, 5)).toBe(NO_SLOT);
  });

  it('behaves like a map from ids to descriptors', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { maxLength: 2000, size: 'max' }), (steps) => {
        const table = new HandleTable();
        const live = new Map<number, { slot: number; node: number; descriptor: number }>();
        for (const [i, step] of steps.entries()) {
          if (step < 650 || live.size === 0) {
            const slot = table.add(step, i, step);
            live.set(table.idOf(slot), { slot, node: step, descriptor: i });
          } else {
            const [id, { slot, node, descriptor }] = [...live][step % live.size]!;
            expect(table.remove(slot)).toBe(descriptor);
            expect(table.slotOf(lo(id), hi(id), node)).toBe(NO_SLOT);
            live.delete(id);
          }
        }
        for (const [id, { slot, node, descriptor }] of live) {
          expect(table.slotOf(lo(id), hi(id), node)).toBe(slot);
          expect(table.descriptorOf(slot)).toBe(descriptor);
        }
        expect([...table.records()].map((record) => record.id).sort()).toEqual([...live.keys()].sort());
        const closed: number[] = [];
        table.clear((descriptor) => closed.push(descriptor));
        expect(closed.length).toBe(live.size);
        expect(table.size).toBe(0);
      }),
      { numRuns: 30 },
    );
  });
});
