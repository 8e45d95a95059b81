import { constants } from 'node:fs';
import { F_WRLCK, getRecordLock } from '@vfs/sys';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { END, LockedFile, NONE, openOnHost, READ, shareWithLocks, WRITE } from './support.js';

/** Bytes that are looked at one by one; the last stands for all up to the end. */
const BYTES = 12;
const OWNERS = 3;

const range = fc
  .tuple(fc.nat(BYTES - 1), fc.nat(BYTES - 1))
  .map(([a, b]): [number, number] => [Math.min(a, b), Math.max(a, b)]);
const step = fc.oneof(
  fc.record({
    kind: fc.constant('set' as const),
    owner: fc.nat(OWNERS - 1),
    type: fc.constantFrom(READ, WRITE, NONE),
    range,
  }),
  fc.record({ kind: fc.constant('close' as const), owner: fc.nat(OWNERS - 1) }),
);

/** What POSIX says, byte by byte: which owner has which type. */
class Model {
  readonly #bytes = Array.from({ length: BYTES }, () => new Map<number, number>());

  set(owner: number, type: number, [start, end]: [number, number]): string {
    const bytes = this.#bytes.slice(start, end + 1);
    const taken = (byte: Map<number, number>) =>
      [...byte].some(([other, theirs]) => other !== owner && (type === WRITE || theirs === WRITE));
    if (type !== NONE && bytes.some(taken)) return 'EAGAIN';
    for (const byte of bytes) {
      if (type === NONE) byte.delete(owner);
      else byte.set(owner, type);
    }
    return '';
  }

  /** The strongest lock on each byte. */
  get strongest(): number[] {
    return this.#bytes.map((byte) => {
      const types = [...byte.values()];
      return types.includes(WRITE) ? WRITE : types.includes(READ) ? READ : NONE;
    });
  }
}

function place([start, end]: [number, number]): [number | bigint, number | bigint] {
  return [start, end === BYTES - 1 ? END : end];
}

/** What somebody else on the host finds on each byte. */
function onHost(fd: number): number[] {
  return Array.from({ length: BYTES }, (_, at) => {
    const length = at === BYTES - 1 ? 0 : 1;
    return getRecordLock(fd, { type: F_WRLCK, start: at, length })?.type ?? NONE;
  });
}

describe('POSIX locks', () => {
  it('are on every byte what POSIX says, among the processes of the guest and for the host', async () => {
    const fixture = await shareWithLocks();
    const file = await LockedFile.open(fixture, 'one', constants.O_RDWR);
    const host = openOnHost(fixture.path('one'));
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const model = new Model();
        for (const entry of steps) {
          if (entry.kind === 'close') {
            model.set(entry.owner, NONE, [0, BYTES - 1]);
            await file.flush(entry.owner);
          } else {
            const expected = model.set(entry.owner, entry.type, entry.range);
            expect(await file.set(entry.owner, entry.type, ...place(entry.range))).toBe(expected);
          }
          expect(onHost(host)).toEqual(model.strongest);
        }
        for (let owner = 0; owner < OWNERS; owner++) await file.flush(owner);
        expect(fixture.share.locks).toMatchObject({ size: 0, ranges: 0 });
      }),
      { numRuns: 300 },
    );
  });
});
