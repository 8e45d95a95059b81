import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FieldType, Struct } from '../src/abi/layout.js';
import { joinI64, joinU64, storeI64, storeU64, type U64 } from '../src/abi/u64.js';
import * as views from '../src/abi/views.js';
import { type AnyView, decode, encode, ValueRangeError, type ViewClass } from '../src/index.js';

/** Values around the places where a representation changes hands. */
const edges = [0n, 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 53n + 1n];
const unsignedEdges = [...edges, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n];
const signedEdges = [...edges, ...edges.map((edge) => -edge), 2n ** 63n - 1n, -(2n ** 63n)];

/** A number where it is exact, else a bigint: the form in which the accessors hand it out. */
function normal(value: bigint): U64 {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

const unsigned = fc
  .oneof(fc.constantFrom(...unsignedEdges), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }))
  .map(normal);
const signed = fc
  .oneof(fc.constantFrom(...signedEdges), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }))
  .map(normal);

function arbitrary(type: FieldType): fc.Arbitrary<unknown> {
  switch (type.kind) {
    case 'struct':
      return fc.record(Object.fromEntries(type.fields.map((field) => [field.name, arbitrary(field.type)])));
    case 'array':
      return fc.array(arbitrary(type.element), { minLength: type.count, maxLength: type.count });
    case 'u64':
      return unsigned;
    case 'i64':
    case 'time':
      return signed;
    case 'i32':
      return fc.integer();
    default:
      return fc.nat({ max: 2 ** (8 * type.size) - 1 });
  }
}

const classes = Object.entries(views) as unknown as [string, ViewClass<AnyView & { layout: Struct }>][];
const layoutOf = (view: ViewClass<AnyView & { layout: Struct }>) =>
  new view(new DataView(new ArrayBuffer(0))).layout;

describe.each(classes)('%s', (_, view) => {
  const layout = layoutOf(view);

  test('decode(encode(x)) = x', () => {
    expect(view.SIZE).toBe(layout.size);
    fc.assert(
      fc.property(arbitrary(layout), (values) => {
        const bytes = encode(view, values as never);
        expect(bytes.length).toBe(layout.size);
        expect(decode(view, bytes).toObject()).toEqual(values);
      }),
      { numRuns: 50 },
    );
  });

  test('each accessor reads and writes its own bytes and no others', () => {
    fc.assert(
      fc.property(arbitrary(layout), (values) => {
        const given = values as Record<string, unknown>;
        const bytes = new Uint8Array(layout.size + 3);
        const one = decode(view, bytes, 3) as unknown as Record<string, unknown>;
        const flat = layout.fields.filter(({ type }) => type.kind !== 'struct');
        for (const { name } of flat) one[name] = given[name];
        for (const { name, type } of flat) {
          expect(one[name]).toEqual(given[name]);
          if (type.kind === 'array' || type.size !== 8) continue;
          const halves = (BigInt(one[`${name}_hi`] as number) << 32n) | BigInt(one[`${name}_lo`] as number);
          expect(halves).toBe(BigInt.asUintN(64, BigInt(given[name] as U64)));
        }
        const whole = encode(view, Object.fromEntries(flat.map(({ name }) => [name, given[name]])) as never);
        expect(bytes.subarray(3)).toEqual(whole);
        expect([...bytes.subarray(0, 3)]).toEqual([0, 0, 0]);
        (one as unknown as AnyView).clear();
        expect(bytes.every((byte) => byte === 0)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});

test('nested views move with the one around them', () => {
  const bytes = new Uint8Array(views.EntryOut.SIZE * 2);
  const view = decode(views.EntryOut, bytes);
  view.attach(view._data, views.EntryOut.SIZE);
  view.attr.ino = 5;
  expect(decode(views.EntryOut, bytes, views.EntryOut.SIZE).toObject().attr.ino).toBe(5);
  expect(decode(views.EntryOut, bytes).attr.ino).toBe(0);
});

describe('64-bit values', () => {
  const data = new DataView(new ArrayBuffer(8));

  test.each(unsignedEdges.map((edge) => [edge]))('unsigned %d survives', (value) => {
    storeU64(data, 0, value);
    expect(data.getBigUint64(0, true)).toBe(value);
    expect(joinU64(data.getUint32(0, true), data.getUint32(4, true))).toBe(normal(value));
  });

  test.each(signedEdges.map((edge) => [edge]))('signed %d survives', (value) => {
    storeI64(data, 0, value);
    expect(data.getBigInt64(0, true)).toBe(value);
    const back = joinI64(data.getUint32(0, true), data.getUint32(4, true));
    expect(Object.is(back, normal(value)) || back === normal(value)).toBe(true);
    storeI64(data, 0, normal(value));
    expect(data.getBigInt64(0, true)).toBe(value);
  });

  test.each([[-1], [0.5], [2 ** 53], [Number.NaN], [Number.POSITIVE_INFINITY], [-1n], [2n ** 64n]])(
    '%d is refused as unsigned',
    (value) => expect(() => storeU64(data, 0, value)).toThrow(ValueRangeError),
  );

  test.each([[0.5], [2 ** 53], [-(2 ** 53)], [Number.NaN], [2n ** 63n], [-(2n ** 63n) - 1n]])(
    '%d is refused as signed',
    (value) => expect(() => storeI64(data, 0, value)).toThrow(ValueRangeError),
  );
});
