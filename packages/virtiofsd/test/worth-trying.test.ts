import { describe, expect, it } from 'vitest';
import { HandleTable } from '../src/passthrough/handle-table.js';
import type { Share } from '../src/passthrough/share.js';
import {
  CANNOT_TRY_WRITING,
  lacks,
  learnFromTry,
  Storage,
  setLacking,
  storageOf,
  worthTrying,
} from '../src/passthrough/storage.js';

describe('reads of a handle are tried without waiting', () => {
  const handles = new HandleTable();
  const share = { handles } as Share;
  const open = (): number => {
    const handle = handles.add(1, 3, 0);
    handles.setStorage(handle, Storage.DISK);
    return handle;
  };
  /** How many reads go untried before the next one that is tried. */
  const untried = (handle: number): number => {
    let count = 0;
    while (!worthTrying(share, handle)) count++;
    return count;
  };

  it('always, as long as no two in a row are in vain', () => {
    const handle = open();
    for (let i = 0; i < 100; i++) {
      expect(untried(handle)).toBe(0);
      learnFromTry(share, handle, i % 2 === 0);
    }
  });

  it('once in fifteen while they are in vain, and always again from the first on that works', () => {
    const handle = open();
    const other = open();
    learnFromTry(share, handle, false);
    for (let i = 0; i < 10; i++) {
      expect(untried(handle)).toBe(0);
      learnFromTry(share, handle, false);
      expect(untried(handle)).toBe(14);
      expect(untried(other)).toBe(0);
    }
    learnFromTry(share, handle, true);
    for (let i = 0; i < 100; i++) expect(untried(handle)).toBe(0);
  });

  it('and what else is known of the handle stays', () => {
    const handle = open();
    setLacking(share, handle, CANNOT_TRY_WRITING);
    for (let i = 0; i < 50; i++) {
      if (worthTrying(share, handle)) learnFromTry(share, handle, i > 40);
      expect([storageOf(share, handle), lacks(share, handle, CANNOT_TRY_WRITING)]).toEqual([
        Storage.DISK,
        true,
      ]);
    }
  });
});
