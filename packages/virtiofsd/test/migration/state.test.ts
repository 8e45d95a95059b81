import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MigrationError } from '../../src/migration/migration-error.js';
import { decodeState, encodeState, type State } from '../../src/migration/state.js';

const id = fc.oneof(fc.nat(), fc.maxSafeNat());
const bytes = fc.uint8Array({ maxLength: 300 });
const handle = fc.record({ mountId: id, type: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), bytes });
const location = fc.oneof(
  fc.record({ kind: fc.constant('root' as const) }),
  fc.record({ kind: fc.constant('entry' as const), parent: id, name: bytes }),
  fc.record({ kind: fc.constant('invalid' as const) }),
  fc.record({ kind: fc.constant('path' as const), path: bytes }),
  fc.record({ kind: fc.constant('handle' as const), handle }),
);
const state: fc.Arbitrary<State> = fc.record({
  nodes: fc.array(fc.record({ id, references: id, location, handle: fc.option(handle, { nil: undefined }) })),
  nextNode: id,
  handles: fc.array(fc.record({ id, node: id, flags: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }) })),
  nextHandle: id,
  agreement: fc.record({
    writeback: fc.boolean(),
    announceSubmounts: fc.boolean(),
    posixAcl: fc.boolean(),
    supplementaryGroups: fc.boolean(),
  }),
  mounts: fc.array(fc.tuple(id, bytes)).map((entries) => new Map(entries)),
});

/** Every byte string that differs from `from` by one bit, or ends earlier. */
function* damaged(from: Uint8Array): Generator<Uint8Array> {
  for (let end = 0; end < from.length; end++) yield from.slice(0, end);
  for (let bit = 0; bit < from.length * 8; bit++) {
    const copy = from.slice();
    copy[bit >> 3]! ^= 1 << (bit & 7);
    yield copy;
  }
}

describe('the device state', () => {
  it('comes back as it was, whatever it is', () => {
    fc.assert(
      fc.property(state, (before) => {
        expect(decodeState(encodeState(before).slice())).toEqual(before);
      }),
    );
  });

  it('of a share with one file open has the 25 bytes of the reference daemon', () => {
    const encoded = encodeState({
      nodes: [
        { id: 1, references: 2, location: { kind: 'root' }, handle: undefined },
        {
          id: 2,
          references: 1,
          location: { kind: 'entry', parent: 1, name: Buffer.from('f') },
          handle: undefined,
        },
      ],
      nextNode: 3,
      handles: [{ id: 0, node: 2, flags: 2 }],
      nextHandle: 1,
      agreement: { writeback: false, announceSubmounts: true, posixAcl: false, supplementaryGroups: true },
      mounts: new Map(),
    });
    expect([...encoded]).toEqual([
      1, 2, 1, 2, 0, 0, 2, 1, 1, 1, 1, 0x66, 0, 3, 1, 0, 2, 0, 4, 1, 0, 1, 0, 1, 0,
    ]);
  });

  it('that is damaged is refused, or read as another one; never with another error', () => {
    const [sample] = fc.sample(state, { numRuns: 1, seed: 7 });
    for (const bytes of damaged(encodeState(sample!).slice(0, 400))) {
      try {
        decodeState(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(MigrationError);
        expect((error as MigrationError).code).toBe('MALFORMED');
      }
    }
  });

  it('made up by somebody hostile is refused without taking memory for what it claims', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        try {
          decodeState(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(MigrationError);
        }
      }),
      { numRuns: 2000 },
    );
    const manyNodes = [1, 0xff, 0xff, 0xff, 0xff, 0x7f];
    expect(() => decodeState(Uint8Array.from(manyNodes))).toThrow(/list of .* entries at byte 6/);
  });

  it('of another version is refused by its number', () => {
    expect(() => decodeState(Uint8Array.of(2))).toThrow('unknown version 3');
  });
});
