import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NodeTable, ROOT_ID, ROOT_SLOT } from '../src/passthrough/node-table.js';
import { NO_SLOT } from '../src/passthrough/slot-ids.js';

const DIRECTORY = 0o040000;
const FILE = 0o100000;

function tableWithRoot(): NodeTable {
  const table = new NodeTable();
  expect(table.add(3, DIRECTORY, 2, 0, 8, 1, 29, 0)).toBe(ROOT_SLOT);
  return table;
}

describe('NodeTable', () => {
  it('keeps the root whatever is forgotten', () => {
    const table = tableWithRoot();
    expect(table.forget(ROOT_ID, Number.MAX_SAFE_INTEGER)).toBe(NO_SLOT);
    expect(table.slotOf(ROOT_ID)).toBe(ROOT_SLOT);
    expect(table.identities.find(2, 0, 8, 1, 29, 0)).toBe(ROOT_SLOT);
  });

  it('ignores the forgetting of what it does not know', () => {
    const table = tableWithRoot();
    expect(table.forget(0, 1)).toBe(NO_SLOT);
    expect(table.forget(77, 1)).toBe(NO_SLOT);
    expect(table.forget(2 ** 53 - 1, 1)).toBe(NO_SLOT);
  });

  it('knows type, descriptor and identity of a node until its last reference goes', () => {
    const table = tableWithRoot();
    const slot = table.add(9, FILE, 0xffff_fff0, 0x8000_0001, 8, 1, 29, 0);
    const id = table.idOf(slot);
    table.reference(slot);
    expect(table.typeOf(slot)).toBe(FILE);
    expect(table.referencesOf(slot)).toBe(2);
    expect(table.forget(id, 1)).toBe(NO_SLOT);
    expect(table.slotOf(id)).toBe(slot);
    expect(table.forget(id, 1)).toBe(slot);
    expect(table.descriptorOf(slot)).toBe(9);
    expect(table.remove(slot)).toBe(NO_SLOT);
    expect(table.slotOf(id)).toBe(NO_SLOT);
    expect(table.identities.find(0xffff_fff0, 0x8000_0001, 8, 1, 29, 0)).toBe(NO_SLOT);
  });

  it('clears everything but the root', () => {
    const table = tableWithRoot();
    for (let i = 0; i < 1000; i++) table.add(10 + i, FILE, 100 + i, 0, 8, 1, 29, 0);
    const closed: number[] = [];
    table.clear((descriptor) => closed.push(descriptor));
    expect(closed).toEqual(Array.from({ length: 1000 }, (_, i) => 10 + i));
    expect(table.size).toBe(1);
    expect(table.identities.size).toBe(1);
    expect([...table.records()].map(({ id }) => id)).toEqual([ROOT_ID]);
  });

  it('counts like a model under storms of lookups and forgets', () => {
    const step = fc.tuple(fc.constantFrom('lookup', 'forget'), fc.nat(300), fc.integer({ min: 1, max: 3 }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 2000, size: 'max' }), (steps) => {
        const table = tableWithRoot();
        const references = new Map<number, number>();
        for (const [action, ino, count] of steps) {
          const slot = table.identities.find(1000 + ino, 0, 8, 1, 29, 0);
          const known = references.get(ino) ?? 0;
          expect(slot === NO_SLOT ? 0 : table.referencesOf(slot)).toBe(known);
          if (action === 'lookup') {
            if (slot === NO_SLOT) table.add(ino, FILE, 1000 + ino, 0, 8, 1, 29, 0);
            else table.reference(slot);
            references.set(ino, known + 1);
          } else if (slot !== NO_SLOT) {
            const idle = table.forget(table.idOf(slot), count);
            expect(idle).toBe(known > count ? NO_SLOT : slot);
            if (idle !== NO_SLOT) table.remove(idle);
            references.set(ino, Math.max(known - count, 0));
          }
        }
        const live = [...references.values()].filter((count) => count > 0).length;
        expect(table.size).toBe(live + 1);
      }),
      { numRuns: 40 },
    );
  });
});
