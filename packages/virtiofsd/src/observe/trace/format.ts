/**
 * The file of a recording, version 1; all numbers are little-endian.
 *
 * ```text
 * header      0  8  "VFSTRACE"
 *             8  2  version, 1
 *            10  2  length of the header, the description included
 *            12  4  how many bytes were recorded of the data of a request, at most
 *            16  8  when the recording began, in nanoseconds since 1970: times below count from here
 *            24  8  zero
 *            32     a description of what was recorded: JSON, UTF-8
 * record      0  4  length of the record, this included
 *             4  1  kind: 1 request, 2 reply, 3 the limit of the file is reached
 *             5  1  flags: 1 the message is longer than what is here
 *             6  2  zero
 *             8  8  time in nanoseconds
 *            16  4  of a request: how many bytes the guest has left for the reply; otherwise zero
 *            20     the message, as it is in linux/fuse.h: header, arguments, names, data
 * ```
 *
 * Messages are in the order in which requests were taken and answered. The `unique` of its header ties a reply to its request; what has no
 * reply in FUSE has none here. A reader passes over kinds that it does not know, and a file may end in the midst of a
 * record.
 */
export const MAGIC = Buffer.from('VFSTRACE');
export const VERSION = 1;

/** Offsets in the header. */
export const Header = { version: 8, length: 10, data: 12, startedLo: 16, startedHi: 20, SIZE: 32 } as const;

/** Offsets in a record. */
export const Entry = { size: 0, kind: 4, flags: 5, timeLo: 8, timeHi: 12, room: 16, SIZE: 20 } as const;

export const Kind = { request: 1, reply: 2, full: 3 } as const;

/** The message is longer than what was recorded of it. */
export const CUT = 1;

/** What is recorded of a message at most, apart from data: listings and lists of nodes can be longer. */
export const MESSAGE_LIMIT = 128 << 10;

/** The most data that can be recorded of a message, in bytes. */
export const DATA_LIMIT = 1 << 20;

const TWO_32 = 0x1_0000_0000;

/** Stores a time as its two halves. */
export function storeTime(view: DataView, at: number, nanoseconds: number): void {
  view.setUint32(at, nanoseconds >>> 0, true);
  view.setUint32(at + 4, Math.floor(nanoseconds / TWO_32), true);
}

/** A time from its two halves, exact for 104 days. */
export function loadTime(view: DataView, at: number): number {
  return view.getUint32(at + 4, true) * TWO_32 + view.getUint32(at, true);
}
