import {
  type Field,
  FUSE_READDIR,
  FUSE_READDIRPLUS,
  FUSE_SETXATTR,
  opcodeName,
  type Struct,
} from '@vfs/fuse-proto';
import { errnoName } from '@vfs/sys';
import { withoutControls } from '../log.js';
import type { TraceRecord } from '../observe/trace/reader.js';
import { LAYOUTS } from './layouts.js';
import { InMessage, OutMessage } from './messages.js';

/** Fields that would only be noise. */
const DULL = new Set(['padding', 'unused', 'spare', 'dummy', 'reserved']);

/** Prints the messages of a recording, a line each. */
export class Printer {
  /** Requests that have no reply yet, by their ids. */
  readonly #open = new Map<bigint, { readonly opcode: number; readonly time: number }>();

  line(record: TraceRecord): string {
    const time = (record.time / 1e9).toFixed(6).padStart(12);
    if (record.kind === 'full') return `${time}    the limit of the recording is reached`;
    return `${time} ${record.kind === 'request' ? this.#request(record) : this.#reply(record)}`;
  }

  #request({ message, cut, time }: TraceRecord): string {
    if (!InMessage.fits(message)) return `-> a request of ${message.length} bytes`;
    const { opcode, unique, nodeid, uid, gid, pid, length } = new InMessage(message);
    this.#open.set(unique, { opcode, time });
    const { input, names = 0 } = LAYOUTS[opcode] ?? {};
    const body = message.subarray(InMessage.SIZE);
    const parts = [`-> ${unique} ${opcodeName(opcode)} node=${nodeid}`];
    if (input) parts.push(...fieldsOf(input, body));
    if (opcode === FUSE_SETXATTR) parts.push(`${body.length} bytes`);
    parts.push(...namesOf(body.subarray(input?.size ?? 0), names));
    if (uid !== 0 || gid !== 0) parts.push(`uid=${uid} gid=${gid}`);
    if (pid !== 0) parts.push(`pid=${pid}`);
    if (cut) parts.push(`(${message.length} of ${length} bytes recorded)`);
    return parts.join(' ');
  }

  #reply({ message, time }: TraceRecord): string {
    const { unique, error, length } = new OutMessage(message);
    const request = this.#open.get(unique);
    this.#open.delete(unique);
    const parts = [`<- ${unique}`];
    if (request) parts.push(opcodeName(request.opcode));
    if (error !== 0) parts.push(errnoName(-error));
    else if (request) parts.push(...resultOf(request.opcode, message.subarray(OutMessage.SIZE), length));
    if (request) parts.push(`in ${((time - request.time) / 1000).toFixed(1)} µs`);
    return parts.join(' ');
  }
}

function resultOf(opcode: number, payload: Buffer, length: number): string[] {
  const { output } = LAYOUTS[opcode] ?? {};
  const bytes = `${length - OutMessage.SIZE} bytes`;
  if (!output || opcode === FUSE_READDIR || opcode === FUSE_READDIRPLUS) {
    return length > OutMessage.SIZE ? [bytes] : ['ok'];
  }
  const parts: string[] = [];
  let at = 0;
  for (const struct of output) {
    if (payload.length < at + struct.size) return [...parts, bytes];
    parts.push(...fieldsOf(struct, payload.subarray(at)));
    at += struct.size;
  }
  return parts.length > 0 ? parts : ['ok'];
}

/** The fields of a structure that are not 0; those of structures within by their own names. */
function fieldsOf(struct: Struct, bytes: Buffer): string[] {
  if (bytes.length < struct.size) return [`(${bytes.length} of ${struct.size} bytes)`];
  return struct.fields.flatMap((field) => fieldText(field, bytes.subarray(field.offset)));
}

function fieldText({ name, type }: Field, bytes: Buffer): string[] {
  if (type.kind === 'struct') return fieldsOf(type, bytes);
  if (type.kind === 'array' || DULL.has(name)) return [];
  const value = numberIn(type.kind, bytes);
  if (value === 0n) return [];
  return [`${name}=${/mode|umask/.test(name) ? `0${value.toString(8)}` : value}`];
}

function numberIn(kind: string, bytes: Buffer): bigint {
  switch (kind) {
    case 'u8':
      return BigInt(bytes.readUInt8());
    case 'u16':
      return BigInt(bytes.readUInt16LE());
    case 'u32':
      return BigInt(bytes.readUInt32LE());
    case 'i32':
      return BigInt(bytes.readInt32LE());
    case 'u64':
      return bytes.readBigUInt64LE();
    default:
      return bytes.readBigInt64LE();
  }
}

function namesOf(bytes: Buffer, count: number): string[] {
  const names: string[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    const end = bytes.indexOf(0, at);
    if (end < 0) break;
    names.push(JSON.stringify(withoutControls(bytes.toString('utf8', at, end))));
    at = end + 1;
  }
  return names;
}
