/**
 * The small language in which structs.ts declares the wire structures: scalars, arrays, structures.
 * Offsets follow the C rules (natural alignment), so a declaration reads like the header's.
 */
import type { U64 } from './u64.js';

/** The C integers that structures are made of; `time` is a u64 of whole seconds that is read as signed. */
export type ScalarKind = 'u8' | 'u16' | 'u32' | 'i32' | 'u64' | 'i64' | 'time';

/** One C integer. Its size is its alignment, in bytes. */
export interface Scalar<K extends ScalarKind = ScalarKind> {
  readonly kind: K;
  readonly size: number;
}

/** A C array of integers; in these structures always reserved room or opaque bytes. */
export interface ArrayOf<E extends Scalar = Scalar> {
  readonly kind: 'array';
  readonly element: E;
  readonly count: number;
  readonly size: number;
}

/** What a field of a structure can be. */
export type FieldType = Scalar | ArrayOf | Struct;
/** The fields of a structure, in its order. */
export type Members = { readonly [name: string]: FieldType };

/** A field at its place: `offset` and `type.size` in bytes from the start of the structure. */
export interface Field {
  readonly name: string;
  readonly type: FieldType;
  readonly offset: number;
}

/** A structure: `name` as the header spells it, `size` what C's sizeof gives. */
export interface Struct<M extends Members = Members> {
  readonly kind: 'struct';
  readonly name: string;
  readonly members: M;
  readonly fields: readonly Field[];
  readonly align: number;
  readonly size: number;
}

export const u8: Scalar<'u8'> = { kind: 'u8', size: 1 };
export const u16: Scalar<'u16'> = { kind: 'u16', size: 2 };
export const u32: Scalar<'u32'> = { kind: 'u32', size: 4 };
export const i32: Scalar<'i32'> = { kind: 'i32', size: 4 };
export const u64: Scalar<'u64'> = { kind: 'u64', size: 8 };
export const i64: Scalar<'i64'> = { kind: 'i64', size: 8 };
/**
 * Seconds since the epoch. The header says uint64_t, but both sides mean a signed number: a file of 1969 has
 * a negative time, and it would otherwise come out as a date 585 billion years ahead.
 */
export const time: Scalar<'time'> = { kind: 'time', size: 8 };

/** `count` integers one after the other. */
export function array<E extends Scalar>(element: E, count: number): ArrayOf<E> {
  return { kind: 'array', element, count, size: element.size * count };
}

function alignOf(type: FieldType): number {
  if (type.kind === 'array') return type.element.size;
  return type.kind === 'struct' ? type.align : type.size;
}

/** The next multiple that is not smaller than `value`; neither is negative. */
export function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}

/** A structure with its fields at the places where C puts them. */
export function struct<const M extends Members>(name: string, members: M): Struct<M> {
  const fields: Field[] = [];
  let align = 1;
  let end = 0;
  for (const [field, type] of Object.entries(members)) {
    const offset = roundUp(end, alignOf(type));
    fields.push({ name: field, type, offset });
    align = Math.max(align, alignOf(type));
    end = offset + type.size;
  }
  return { kind: 'struct', name, members, fields, align, size: roundUp(end, align) };
}

/** The JavaScript value of a field: 64-bit integers as {@link U64}, smaller ones as numbers. */
export type ValueOf<T extends FieldType> =
  T extends Struct<infer M>
    ? { -readonly [K in keyof M]: ValueOf<M[K]> }
    : T extends ArrayOf<infer E>
      ? ValueOf<E>[]
      : T extends Scalar<'u64' | 'i64' | 'time'>
        ? U64
        : number;

/** What `assign` takes: any part of a structure's fields. */
export type PartialValueOf<T extends FieldType> =
  T extends Struct<infer M> ? { readonly [K in keyof M]?: PartialValueOf<M[K]> } : Readonly<ValueOf<T>>;
