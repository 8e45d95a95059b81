import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ByteStore } from '../src/passthrough/byte-store.js';

it('gives every string back as it was, whatever comes and goes beside it', () => {
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({ add: fc.uint8Array({ maxLength: 255 }) }) },
    { weight: 2, arbitrary: fc.record({ remove: fc.nat() }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300, size: 'max' }), (steps) => {
      const store = new ByteStore();
      const model = new Map<number, Uint8Array>();
      for (const one of steps) {
        if ('add' in one) {
          const padded = Uint8Array.from([1, 2, 3, ...one.add, 4]);
          const reference = store.add(padded, 3, one.add.length);
          expect(model.has(reference)).toBe(false);
          model.set(reference, one.add);
        } else if (model.size > 0) {
          const reference = [...model.keys()][one.remove % model.size]!;
          store.remove(reference);
          model.delete(reference);
        }
      }
      const target = new Uint8Array(260);
      for (const [reference, bytes] of model) {
        const length = store.copy(reference, target, 2);
        expect(target.slice(2, 2 + length)).toEqual(bytes);
        expect(store.equals(reference, bytes, 0, bytes.length)).toBe(true);
        expect(store.equals(reference, Uint8Array.from([...bytes, 0]), 0, bytes.length + 1)).toBe(false);
        if (length > 0)
          expect(
            store.equals(
              reference,
              bytes.map((byte) => byte ^ 1),
              0,
              length,
            ),
          ).toBe(false);
      }
      expect(store.count).toBe(model.size);
      for (const reference of model.keys()) store.remove(reference);
      expect([store.count, store.bytes]).toEqual([0, 0]);
    }),
    { numRuns: 60 },
  );
});

it('uses what was given back before it takes more', () => {
  const store = new ByteStore();
  const bytes = new Uint8Array(255);
  store.add(bytes, 0, 1);
  const references = Array.from({ length: 5000 }, () => store.add(bytes, 0, 255));
  const first = new Set(references);
  for (const reference of references) store.remove(reference);
  for (let i = 0; i < 5000; i++) expect(first.has(store.add(bytes, 0, 255))).toBe(true);
});
