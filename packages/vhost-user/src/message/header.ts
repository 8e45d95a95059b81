import { ProtocolError } from '../errors.js';

/** Bytes of a message's header: request, flags, size, each u32 (specification: "Header"). */
export const HEADER_SIZE = 12;

/**
 * Longest body accepted, in bytes. The longest body the protocol knows is that of GET_CONFIG or of a memory table, far
 * below; the limit bounds what a peer can make this process hold.
 */
export const MAX_BODY_SIZE = 4096;

/** Most descriptors in one message: the 32 regions that one memory table can have here. */
export const MAX_DESCRIPTORS = 32;

/** Bits of a header's flags. */
export const HeaderFlag = {
  VERSION_MASK: 0x3,
  VERSION: 0x1,
  REPLY: 0x4,
  NEED_REPLY: 0x8,
} as const;

/** A message's header, decoded. */
export interface MessageHeader {
  readonly request: number;
  readonly flags: number;
  /** Bytes of the body that follows. */
  readonly size: number;
}

/** Decodes and checks a header: version and size only, not whether the request exists. @throws ProtocolError */
export function decodeHeader(view: DataView, offset = 0): MessageHeader {
  const request = view.getUint32(offset, true);
  const flags = view.getUint32(offset + 4, true);
  const size = view.getUint32(offset + 8, true);
  if ((flags & HeaderFlag.VERSION_MASK) !== HeaderFlag.VERSION) {
    throw new ProtocolError('BAD_HEADER', `message version ${flags & HeaderFlag.VERSION_MASK}, expected 1`);
  }
  if (size > MAX_BODY_SIZE) {
    throw new ProtocolError(
      'BAD_LENGTH',
      `message body of ${size} bytes, at most ${MAX_BODY_SIZE} are legal`,
    );
  }
  return { request, flags, size };
}

/** Writes a header; `flags` without the version, which is added. */
export function encodeHeader(
  view: DataView,
  offset: number,
  request: number,
  flags: number,
  size: number,
): void {
  view.setUint32(offset, request, true);
  view.setUint32(offset + 4, flags | HeaderFlag.VERSION, true);
  view.setUint32(offset + 8, size, true);
}
