import { ProtocolError } from '../errors.js';
import { toBigInt, type U64 } from '../u64.js';

const SIZES = { u8: 1, u16: 2, u32: 4, u64: 8 } as const;

/** A field's type; `[n]` is n bytes of padding, written as zeros and not read. */
type FieldType = keyof typeof SIZES | readonly [padding: number];
type Layout = Readonly<Record<string, FieldType>>;
type ValueKeys<L extends Layout> = { [K in keyof L]: L[K] extends keyof typeof SIZES ? K : never }[keyof L];

/** A structure as decoded: u64 as bigint, everything smaller as number. */
export type StructValue<L extends Layout> = {
  readonly [K in ValueKeys<L>]: L[K] extends 'u64' ? bigint : number;
};
/** A structure to encode: where a u64 is due, an exact number will do. */
export type StructInput<L extends Layout> = {
  readonly [K in ValueKeys<L>]: L[K] extends 'u64' ? U64 : number;
};

/**
 * How a value travels in the body of a message. Decoding checks the length and nothing else: what a value means is
 * decided by whoever handles the request.
 */
export interface Codec<T, I = T> {
  /** Bytes of the body: exactly, or the fewest when `variable`. */
  readonly size: number;
  readonly variable: boolean;
  /** @throws ProtocolError BAD_LENGTH */
  decode(body: DataView): T;
  encode(value: I): Uint8Array<ArrayBuffer>;
}

/**
 * A packed structure of unsigned integers in the order of its declaration, without implicit padding. Byte order is the
 * machine's in the specification; this package runs on little-endian machines only.
 */
export class Struct<const L extends Layout> implements Codec<StructValue<L>, StructInput<L>> {
  readonly size: number;
  readonly variable = false;
  /** Byte offset of each field. */
  readonly offsets: { readonly [K in keyof L]: number };

  constructor(
    readonly name: string,
    readonly layout: L,
  ) {
    const offsets: Record<string, number> = {};
    let size = 0;
    for (const [field, type] of Object.entries(layout)) {
      offsets[field] = size;
      size += typeof type === 'string' ? SIZES[type] : type[0];
    }
    this.size = size;
    this.offsets = offsets as { readonly [K in keyof L]: number };
  }

  read(view: DataView, at: number): StructValue<L> {
    const value: Record<string, number | bigint> = {};
    for (const [field, type] of Object.entries(this.layout)) {
      const offset = at + this.offsets[field]!;
      if (type === 'u8') value[field] = view.getUint8(offset);
      else if (type === 'u16') value[field] = view.getUint16(offset, true);
      else if (type === 'u32') value[field] = view.getUint32(offset, true);
      else if (type === 'u64') value[field] = view.getBigUint64(offset, true);
    }
    return value as StructValue<L>;
  }

  write(view: DataView, at: number, value: StructInput<L>): void {
    for (const [field, type] of Object.entries(this.layout)) {
      const offset = at + this.offsets[field]!;
      if (typeof type !== 'string') continue;
      const given = (value as Record<string, U64>)[field]!;
      if (type === 'u64') {
        view.setBigUint64(offset, toBigInt(given), true);
        continue;
      }
      const limit = 2 ** (8 * SIZES[type]);
      if (typeof given !== 'number' || !Number.isInteger(given) || given < 0 || given >= limit) {
        throw new RangeError(`${this.name}.${field} does not fit in a ${type}: ${given}`);
      }
      if (type === 'u8') view.setUint8(offset, given);
      else if (type === 'u16') view.setUint16(offset, given, true);
      else view.setUint32(offset, given, true);
    }
  }

  decode(body: DataView): StructValue<L> {
    expectLength(this.name, body, this.size);
    return this.read(body, 0);
  }

  encode(value: StructInput<L>): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.size);
    this.write(new DataView(bytes.buffer), 0, value);
    return bytes;
  }
}

/** @throws ProtocolError BAD_LENGTH when `body` is not exactly `size` bytes. */
export function expectLength(name: string, body: DataView, size: number): void {
  if (body.byteLength !== size) {
    throw new ProtocolError('BAD_LENGTH', `${name} of ${body.byteLength} bytes, expected ${size}`);
  }
}
