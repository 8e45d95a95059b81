/** Reads tar archives: the POSIX formats (ustar, pax) and what GNU tar writes, except its sparse files. */

const BLOCK = 512;
const utf8 = new TextDecoder();
const encoder = new TextEncoder();

/** The bytes are no tar archive, or one with something in it that is not understood. */
export class TarError extends Error {
  readonly code = 'ERR_TAR';

  constructor(message: string, position: number) {
    super(`${message}, at byte ${position}`);
    this.name = 'TarError';
  }
}

/** One member of an archive. */
export interface Member {
  /** Path components as bytes, one character per byte; never empty, "." or "..". */
  readonly path: readonly string[];
  /** As in the archive: '0' a file, '1' a hard link, '2' a symbolic link, '5' a directory, … */
  readonly type: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Modification time: whole seconds, and nanoseconds. */
  readonly mtime: number;
  readonly mtimensec: number;
  /** What a link leads to, one character per byte. */
  readonly link: string;
  readonly rdev: number;
  /** The content, where it lies in the archive. */
  readonly data: Uint8Array;
  readonly xattrs: ReadonlyMap<string, Uint8Array>;
}

type Records = Map<string, Uint8Array>;

/** One character per byte. (A TextDecoder's "latin1" is windows-1252, where 0x80 to 0x9f are other characters.) */
function characters(bytes: Uint8Array): string {
  let text = '';
  // In pieces: there is a limit to the number of arguments.
  for (let at = 0; at < bytes.length; at += 8192) {
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  }
  return text;
}

function field(header: Uint8Array, offset: number, length: number): string {
  const end = header.indexOf(0, offset);
  const stop = end < 0 || end > offset + length ? offset + length : end;
  return characters(header.subarray(offset, stop));
}

/** Octal digits, or (GNU) a binary number marked by the first bit, negative if all bits of that byte are set. */
function numeric(header: Uint8Array, offset: number, length: number, position: number): number {
  let value = 0;
  if ((header[offset]! & 0x80) !== 0) {
    value = header[offset] === 0xff ? -1 : header[offset]! & 0x7f;
    for (let i = 1; i < length; i++) value = value * 256 + header[offset + i]!;
  } else {
    const digits = field(header, offset, length).trim();
    value = digits === '' ? 0 : Number.parseInt(digits, 8);
    if (!/^[0-7]*$/.test(digits)) throw new TarError(`"${digits}" is no octal number`, position + offset);
  }
  if (!Number.isSafeInteger(value)) throw new TarError('a number is too large', position + offset);
  return value;
}

function checkSum(header: Uint8Array, position: number): void {
  let sum = 8 * 0x20;
  for (let i = 0; i < BLOCK; i++) if (i < 148 || i >= 156) sum += header[i]!;
  if (sum !== numeric(header, 148, 8, position)) throw new TarError('a checksum is wrong', position);
}

/** Pax records: "length key=value\n", the length in decimal and counting everything. */
function paxRecords(data: Uint8Array, position: number, into: Records): void {
  for (let at = 0; at < data.length; ) {
    const space = data.indexOf(0x20, at);
    const length = Number(characters(data.subarray(at, space)));
    const end = at + length;
    const equals = data.indexOf(0x3d, space);
    if (!(space > at && equals > space && end > equals && end <= data.length)) {
      throw new TarError('a pax record is malformed', position + at);
    }
    into.set(utf8.decode(data.subarray(space + 1, equals)), data.slice(equals + 1, end - 1));
    at = end;
  }
}

function withoutNul(data: Uint8Array): Uint8Array {
  const nul = data.indexOf(0);
  return nul < 0 ? data : data.subarray(0, nul);
}

function split(path: string, position: number): string[] {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw new TarError(`"${path}" leads out of the archive`, position);
  return parts;
}

/** All members in order. @throws TarError if the archive is damaged, or holds a type that is not understood */
export function* members(archive: Uint8Array): Generator<Member> {
  const global: Records = new Map();
  let records: Records = new Map();
  for (let position = 0; position + BLOCK <= archive.length; ) {
    const header = archive.subarray(position, position + BLOCK);
    if (header.every((byte) => byte === 0)) return;
    checkSum(header, position);
    const type = String.fromCharCode(header[156]! || 0x30);
    const own = numeric(header, 124, 12, position);
    const size = decimal(records, 'size', position) ?? own;
    const start = position + BLOCK;
    if (!(size >= 0 && size <= archive.length - start)) throw new TarError('a member is cut off', position);
    const data = archive.subarray(start, start + size);
    if (type === 'x') paxRecords(data, start, records);
    else if (type === 'g') paxRecords(data, start, global);
    else if (type === 'L') records.set('path', withoutNul(data));
    else if (type === 'K') records.set('linkpath', withoutNul(data));
    else {
      if (!'01234567'.includes(type)) throw new TarError(`a member has the unknown type "${type}"`, position);
      yield member(header, type, data, new Map([...global, ...records]), position);
      records = new Map();
    }
    position = start + Math.ceil(size / BLOCK) * BLOCK;
  }
}

function text(records: Records, key: string): string | undefined {
  const value = records.get(key);
  return value && characters(value);
}

/** A whole number out of the records, undefined if they have none. */
function decimal(records: Records, key: string, position: number): number | undefined {
  const digits = text(records, key);
  if (digits === undefined) return undefined;
  const value = Number(digits);
  if (!/^\d+$/.test(digits) || !Number.isSafeInteger(value)) {
    throw new TarError(`"${digits}" is no ${key}`, position);
  }
  return value;
}

/** The modification time: in the records with a sign and a fraction, which count from 0 on, both in the same direction. */
function timeOf(header: Uint8Array, records: Records, position: number): Pick<Member, 'mtime' | 'mtimensec'> {
  const given = text(records, 'mtime');
  if (given === undefined) return { mtime: numeric(header, 136, 12, position), mtimensec: 0 };
  const [, sign, seconds, fraction = ''] = /^(-?)(\d+)(?:\.(\d*))?$/.exec(given) ?? [];
  const whole = Number(seconds);
  if (!Number.isSafeInteger(whole)) throw new TarError(`"${given}" is no time`, position);
  const nanoseconds = Number(fraction.padEnd(9, '0').slice(0, 9));
  if (sign === '') return { mtime: whole, mtimensec: nanoseconds };
  return nanoseconds === 0
    ? { mtime: 0 - whole, mtimensec: 0 }
    : { mtime: -whole - 1, mtimensec: 1e9 - nanoseconds };
}

function member(
  header: Uint8Array,
  type: string,
  data: Uint8Array,
  records: Records,
  position: number,
): Member {
  const prefix = field(header, 257, 6) === 'ustar' ? field(header, 345, 155) : '';
  const name = field(header, 0, 100);
  const path = text(records, 'path') ?? (prefix === '' ? name : `${prefix}/${name}`);
  const id = (key: string, offset: number) => {
    const value = decimal(records, key, position) ?? numeric(header, offset, 8, position);
    if (value < 0 || value > 0xffff_ffff) throw new TarError(`${value} is no ${key}`, position);
    return value;
  };
  const attributes = [...records].flatMap(([key, value]): [string, Uint8Array][] =>
    key.startsWith('SCHILY.xattr.') ? [[characters(encoder.encode(key.slice(13))), value]] : [],
  );
  return {
    path: split(path, position),
    type,
    mode: numeric(header, 100, 8, position) & 0o7777,
    uid: id('uid', 108),
    gid: id('gid', 116),
    ...timeOf(header, records, position),
    link: text(records, 'linkpath') ?? field(header, 157, 100),
    rdev: deviceNumber(numeric(header, 329, 8, position), numeric(header, 337, 8, position)),
    data,
    xattrs: new Map(attributes),
  };
}

/** As Linux packs major and minor into 32 bits. */
function deviceNumber(major: number, minor: number): number {
  return ((minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12)) >>> 0;
}

/** The path components of a link within the archive. */
export function linkPath(member: Member): string[] {
  return split(member.link, 0);
}
