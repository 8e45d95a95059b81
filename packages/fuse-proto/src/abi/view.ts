import type { ArrayOf, Field, FieldType, PartialValueOf, ScalarKind, Struct, ValueOf } from './layout.js';
import { joinI64, joinU64, storeI64, storeU64, type U64 } from './u64.js';

/**
 * A wire structure lying at `_base` of `_data`. The subclasses in views.ts have one accessor per field: those
 * are generated as separate code so that each stays monomorphic and inlinable, which accessors shared between
 * structures would not be. The methods here are the convenient, slower way: whole structures as objects.
 */
export abstract class View<S extends Struct = Struct> {
  /** The bytes; little-endian, as FUSE is on every machine this package runs on. */
  _data: DataView;
  /** Where the structure starts, in bytes from the start of `_data`. */
  _base: number;

  constructor(data: DataView, base = 0) {
    this._data = data;
    this._base = base;
  }

  /** The declaration this view follows. */
  abstract get layout(): S;

  /** Moves the view, and the views nested in it, to other bytes. */
  attach(data: DataView, base: number): void {
    this._data = data;
    this._base = base;
  }

  /** Sets every byte of the structure to zero. */
  clear(): void {
    new Uint8Array(this._data.buffer, this._data.byteOffset + this._base, this.layout.size).fill(0);
  }

  /**
   * Stores the given fields and leaves the others.
   * @throws ValueRangeError for a 64-bit value that does not fit; smaller ones are taken modulo 2^bits, as C does
   */
  assign(values: PartialValueOf<S>): this {
    store(this._data, this._base, this.layout, values);
    return this;
  }

  /** A plain copy of all fields. */
  toObject(): ValueOf<S> {
    return load(this._data, this._base, this.layout) as ValueOf<S>;
  }
}

/** What any view can do, whatever its structure. */
export interface AnyView {
  readonly layout: Struct;
  attach(data: DataView, base: number): void;
  clear(): void;
  assign(values: never): unknown;
  toObject(): unknown;
}

/** A view class, as found in views.ts. */
export interface ViewClass<V extends AnyView = AnyView> {
  new (data: DataView, base?: number): V;
  /** sizeof, in bytes. */
  readonly SIZE: number;
}

/** The bytes of a structure with the given fields, all others zero. */
export function encode<V extends AnyView>(
  view: ViewClass<V>,
  values: Parameters<V['assign']>[0],
): Uint8Array {
  const bytes = new Uint8Array(view.SIZE);
  new view(new DataView(bytes.buffer)).assign(values as never);
  return bytes;
}

/**
 * A view of the structure at `offset` of `bytes`.
 * @throws RangeError on access to a field beyond the end of `bytes`
 */
export function decode<V extends AnyView>(view: ViewClass<V>, bytes: Uint8Array, offset = 0): V {
  return new view(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset);
}

export function loadArray(data: DataView, at: number, type: ArrayOf): U64[] {
  return Array.from({ length: type.count }, (_, i) =>
    LOAD[type.element.kind](data, at + i * type.element.size),
  );
}

/** Stores the elements given; the ones missing at the end become zero. */
export function storeArray(data: DataView, at: number, type: ArrayOf, values: readonly U64[]): void {
  const { kind, size } = type.element;
  for (let i = 0; i < type.count; i++) STORE[kind](data, at + i * size, values[i] ?? 0);
}

function load(data: DataView, at: number, type: FieldType): unknown {
  if (type.kind === 'array') return loadArray(data, at, type);
  if (type.kind !== 'struct') return LOAD[type.kind](data, at);
  return Object.fromEntries(
    type.fields.map((field) => [field.name, load(data, at + field.offset, field.type)]),
  );
}

function store(data: DataView, at: number, type: FieldType, value: unknown): void {
  if (type.kind === 'array') {
    storeArray(data, at, type, value as readonly U64[]);
  } else if (type.kind !== 'struct') {
    STORE[type.kind](data, at, value as U64);
  } else {
    const given = value as Readonly<Record<string, unknown>>;
    const present = ({ name }: Field) => given[name] !== undefined;
    for (const { name, offset, type: inner } of type.fields.filter(present)) {
      store(data, at + offset, inner, given[name]);
    }
  }
}

const LOAD: { readonly [K in ScalarKind]: (data: DataView, at: number) => U64 } = {
  u8: (data, at) => data.getUint8(at),
  u16: (data, at) => data.getUint16(at, true),
  u32: (data, at) => data.getUint32(at, true),
  i32: (data, at) => data.getInt32(at, true),
  u64: (data, at) => joinU64(data.getUint32(at, true), data.getUint32(at + 4, true)),
  i64: (data, at) => joinI64(data.getUint32(at, true), data.getUint32(at + 4, true)),
  time: (data, at) => LOAD.i64(data, at),
};

const STORE: { readonly [K in ScalarKind]: (data: DataView, at: number, value: U64) => void } = {
  u8: (data, at, value) => data.setUint8(at, Number(value)),
  u16: (data, at, value) => data.setUint16(at, Number(value), true),
  u32: (data, at, value) => data.setUint32(at, Number(value), true),
  i32: (data, at, value) => data.setInt32(at, Number(value), true),
  u64: storeU64,
  i64: storeI64,
  time: storeI64,
};
