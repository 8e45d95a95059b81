import { linkSync, mkdirSync, unlinkSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { FileHandleMode } from '../src/passthrough/settings.js';
import { sharedDirectory } from './support/fixture.js';

const FILES = 40;

/**
 * What the guest has looked up, by inode. A directory that is forgotten may stay as long as it leads back to something that is not: that is
 * all the freedom there is.
 */
interface Model {
  readonly references: Map<number, number>;
  readonly inodes: Map<number, number>;
}

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ lookup: fc.nat(FILES - 1) }) },
  { weight: 1, arbitrary: fc.record({ list: fc.constantFrom('readdir', 'readdirplus' as const) }) },
  { weight: 2, arbitrary: fc.record({ use: fc.nat() }) },
  { weight: 3, arbitrary: fc.record({ forget: fc.nat(), count: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 1, arbitrary: fc.record({ replace: fc.nat(FILES - 1) }) },
  { weight: 1, arbitrary: fc.record({ link: fc.nat(FILES - 1) }) },
  { weight: 1, arbitrary: fc.record({ age: fc.nat(3) }) },
);

it.each<[FileHandleMode, number, number]>([
  ['never', 1000, 0],
  ['never', 24, 0],
  ['prefer', 1000, 0],
  ['prefer', 24, 0],
  ['never', 1000, 3],
  ['never', 24, 10],
  ['prefer', 1000, 10],
])(
  'lookups and forgets are counted exactly, file handles: %s, with %d descriptors, keeping %d of the forgotten',
  async (mode, descriptorBudget, keepForgotten) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 120, size: 'max' }), async (steps) => {
        const { client, share, path } = await sharedDirectory({
          parent: '/dev/shm',
          share: { inodeFileHandles: mode, descriptorBudget, keepForgotten },
        });
        mkdirSync(path('dir'));
        for (let i = 0; i < FILES; i++) writeFileSync(path('dir', `${i}`), '');
        const dir = Number(await client.walk('dir'));
        const model: Model = { references: new Map([[dir, 1]]), inodes: new Map() };
        const known = (id: number, ino: number | bigint) => {
          model.references.set(id, (model.references.get(id) ?? 0) + 1);
          const before = model.inodes.get(id);
          if (before !== undefined) expect(Number(ino)).toBe(before);
          model.inodes.set(id, Number(ino));
        };
        for (const one of steps) {
          const ids = [...model.references.keys()].filter((id) => id !== dir);
          if ('lookup' in one) {
            const { nodeid, attr } = await client.lookup(dir, `${one.lookup}`);
            known(Number(nodeid), attr.ino);
          } else if ('list' in one) {
            for (const { entry } of await client.list(dir, one.list)) {
              if (entry && entry.nodeid !== 0) known(Number(entry.nodeid), entry.attr.ino);
            }
          } else if ('use' in one) {
            if (ids.length > 0) await client.getattr(ids[one.use % ids.length]!).catch(isStale);
          } else if ('replace' in one) {
            unlinkSync(path('dir', `${one.replace}`));
            writeFileSync(path('dir', `${one.replace}`), 'new');
          } else if ('age' in one) {
            for (let i = 0; i < one.age; i++) share.forgotten.removeOldest();
          } else if ('link' in one) {
            unlinkSync(path('dir', `${one.link}`));
            linkSync(path('dir', `${(one.link + 1) % FILES}`), path('dir', `${one.link}`));
          } else if (ids.length > 0) {
            const id = ids[one.forget % ids.length]!;
            const count = Math.min(one.count, model.references.get(id)!);
            await client.forget(id, count);
            const left = model.references.get(id)! - count;
            if (left > 0) model.references.set(id, left);
            else model.references.delete(id);
            if (left === 0) await expect(client.getattr(id)).rejects.toThrow('ESTALE');
            if (left === 0) model.inodes.delete(id);
          }
          if (keepForgotten === 0) expect(share.nodes.size).toBe(model.references.size + 1);
        }
        share.forgotten.clear();
        expect(share.nodes.size).toBe(model.references.size + 1);
        for (const [id, count] of model.references) {
          expect(share.nodes.referencesOf(share.nodes.slotOf(id))).toBe(count);
        }
        await client.batchForget(...model.references);
        share.forgotten.clear();
        const { size, closed, bytes } = share.nodes;
        expect([size, closed, bytes, share.budget.used]).toEqual([1, 0, 0, 0]);
        share[Symbol.dispose]();
      }),
      { numRuns: keepForgotten > 0 ? 100 : 25 },
    );
  },
  120_000,
);

function isStale(error: Error): void {
  expect(error.message).toBe('ESTALE');
}
