import type { U64 } from '../abi/u64.js';
import { decode, encode } from '../abi/view.js';
import { InHeader, OutHeader } from '../abi/views.js';
import { MalformedReplyError } from '../errors.js';

/** What a request's header says besides its length and opcode; the rest is 0. */
export type RequestHeader = Omit<Parameters<InHeader['assign']>[0], 'opcode'>;

/** The bytes of all parts, one after the other. */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const encoder = new TextEncoder();

/** A name as requests carry it: its bytes and a NUL. */
export function nameBytes(name: string | Uint8Array): Uint8Array {
  return concat([typeof name === 'string' ? encoder.encode(name) : name, new Uint8Array(1)]);
}

/** A request: the header, with `len` as it is unless `header` gives another, and the parts of the body. */
export function encodeRequest(
  opcode: number,
  header: RequestHeader,
  ...body: readonly Uint8Array[]
): Uint8Array {
  const parts = concat(body);
  return concat([encode(InHeader, { len: InHeader.SIZE + parts.length, ...header, opcode }), parts]);
}

/** A reply taken apart. */
export interface Reply {
  readonly unique: U64;
  /** 0, or −errno. */
  readonly error: number;
  /** What follows the header; empty for an error. */
  readonly payload: Uint8Array;
}

/**
 * Takes a reply apart, as strictly as the kernel does.
 * @throws MalformedReplyError unless it is exactly one reply, to `unique` if that is given
 */
export function decodeReply(bytes: Uint8Array, unique?: U64): Reply {
  if (bytes.length < OutHeader.SIZE) throw new MalformedReplyError(`a reply of ${bytes.length} bytes`);
  const header = decode(OutHeader, bytes);
  const { len, error } = header;
  if (len !== bytes.length) throw new MalformedReplyError(`a length of ${len} in ${bytes.length} bytes`);
  if (error > 0 || error <= -512) throw new MalformedReplyError(`an error of ${error}`);
  if (error !== 0 && len !== OutHeader.SIZE) throw new MalformedReplyError(`error ${error} with a payload`);
  // By value: one may be a number and the other a bigint.
  if (unique !== undefined && BigInt(header.unique) !== BigInt(unique)) {
    throw new MalformedReplyError(`a reply to ${header.unique} instead of ${unique}`);
  }
  return { unique: header.unique, error, payload: bytes.subarray(OutHeader.SIZE) };
}
