import { createHash } from 'node:crypto';
import * as abi from '@vfs/fuse-proto';
import {
  type AnyView,
  AttrOut,
  decode,
  decodeDirents,
  decodeDirentsPlus,
  EntryOut,
  GetxattrOut,
  InitOut,
  IoctlOut,
  LkOut,
  LseekOut,
  OpenOut,
  opcodeName,
  StatfsOut,
  StatxOut,
  type U64,
  type ViewClass,
  WriteOut,
} from '@vfs/fuse-proto';
import type { Symbols } from './symbols.js';

/** A reply's payload, field by field, without what must differ between two daemons on two folders. */
export type Fields = Readonly<Record<string, string>>;

/** The structures that a reply consists of; what has none is bytes. */
const SHAPES: Readonly<Record<string, readonly ViewClass[]>> = {
  LOOKUP: [EntryOut],
  SYMLINK: [EntryOut],
  MKNOD: [EntryOut],
  MKDIR: [EntryOut],
  LINK: [EntryOut],
  GETATTR: [AttrOut],
  SETATTR: [AttrOut],
  OPEN: [OpenOut],
  OPENDIR: [OpenOut],
  CREATE: [EntryOut, OpenOut],
  TMPFILE: [EntryOut, OpenOut],
  WRITE: [WriteOut],
  COPY_FILE_RANGE: [WriteOut],
  STATFS: [StatfsOut],
  LSEEK: [LseekOut],
  INIT: [InitOut],
  STATX: [StatxOut],
  GETLK: [LkOut],
  IOCTL: [IoctlOut],
};

/** Short enough to be read in a table of differences. */
const READABLE = 64;

/** A reply that is taken apart. */
export interface ReplyContext {
  readonly opcode: number;
  /** Whom the request was for. */
  readonly nodeid: U64;
  /** What a GETXATTR or LISTXATTR asked for. */
  readonly size: number;
  /** Of the request: names what appears first in this reply. */
  readonly label: string;
  readonly symbols: Symbols;
}

/** Takes the payload of a successful reply apart. */
export function replyFields(payload: Uint8Array, context: ReplyContext): Fields {
  const { opcode, size } = context;
  const name = opcodeName(opcode);
  if (name === 'READDIR') return listing(decodeDirents(payload), context);
  if (name === 'READDIRPLUS') return listing(decodeDirentsPlus(payload), context);
  const asked = (name === 'GETXATTR' || name === 'LISTXATTR') && size === 0;
  const shapes: readonly ViewClass[] = asked ? [GetxattrOut] : (SHAPES[name] ?? []);
  const fields: Record<string, string> = {};
  let at = 0;
  for (const shape of shapes) {
    if (at + shape.SIZE > payload.length) break;
    Object.assign(fields, flatten((decode(shape, payload, at) as AnyView).toObject() as Values, context));
    at += shape.SIZE;
  }
  if (name === 'INIT') nameFlags(fields);
  if (at < payload.length) fields['bytes'] = bytesText(payload.subarray(at));
  return fields;
}

/** The flags of INIT are bigints, unlike everything else that the protocol numbers. */
const INIT_FLAGS = Object.entries(abi).filter(
  (entry): entry is [string, bigint] => typeof entry[1] === 'bigint' && entry[0] !== 'FUSE_DIRECT_IO_RELAX',
);

/** Puts a field for each flag of INIT in the place of the two numbers. */
function nameFlags(fields: Record<string, string>): void {
  const { flags = '0', flags2 = '0' } = fields;
  const word = BigInt(flags) | (BigInt(flags2) << 32n);
  delete fields['flags'];
  delete fields['flags2'];
  for (const [name, flag] of INIT_FLAGS)
    fields[name.replace('FUSE_', '')] = (word & flag) === 0n ? 'off' : 'on';
}

/** Text where it is some, else hexadecimal, else a digest. */
export function bytesText(bytes: Uint8Array): string {
  if (bytes.length > READABLE) {
    return `${bytes.length} bytes ${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}`;
  }
  const text = Buffer.from(bytes).toString('latin1').replaceAll('\0', '\\0');
  return /^[\x20-\x7e]*$/.test(text) ? `'${text}'` : Buffer.from(bytes).toString('hex');
}

function listing(
  entries: ReturnType<typeof decodeDirents> | ReturnType<typeof decodeDirentsPlus>,
  context: ReplyContext,
): Fields {
  const { symbols } = context;
  const fields: Record<string, string> = { entries: String(entries.length) };
  entries.forEach((entry, i) => {
    const text = Buffer.from(entry.name).toString();
    const label = `${context.label}, ${text}`;
    const [inode, cookie] = [
      symbols.name('listed inode', entry.ino, label),
      symbols.name('cookie', entry.off, label),
    ];
    fields[`${i}`] = `${text} ${inode} ${cookie} type ${entry.type}`;
    if (!('entry' in entry)) return;
    for (const [key, value] of Object.entries(flatten(entry.entry as Values, { ...context, label }))) {
      fields[`${text}.${key}`] = value;
    }
  });
  return fields;
}

type Values = { readonly [name: string]: U64 | Values | readonly U64[] };

/** How much of a file system is free changes while one looks. */
const CHANGES = new Set(['bfree', 'bavail', 'ffree']);

function flatten(values: Values, context: ReplyContext): Fields {
  // Attributes are the node's that the reply names before, else of the one that was asked for.
  const inner = 'nodeid' in values ? { ...context, nodeid: values['nodeid'] as U64 } : context;
  const fields: Record<string, string> = {};
  for (const [name, value] of Object.entries(values)) {
    if (typeof value === 'object') {
      if (Array.isArray(value)) fields[name] = value.join(' ');
      else Object.assign(fields, flatten(value as Values, inner));
    } else {
      fields[name] = scalar(name, value as U64, values, inner);
    }
  }
  return fields;
}

function scalar(name: string, value: U64, values: Values, context: ReplyContext): string {
  const { symbols, label, nodeid } = context;
  if (name === 'nodeid') return value === 0 ? 'none' : symbols.name('node', value, label);
  if (name === 'fh') return symbols.name('handle', value, label);
  if (name === 'ino') return symbols.name('inode', value, label, nodeid);
  // With a node id it names a node for good; alone it means nothing.
  if (name === 'generation') return 'any';
  if (/^[amc]time$/.test(name)) return symbols.time(value, values[`${name}nsec`] as number);
  if (/^[amc]timensec$/.test(name)) return 'with the seconds';
  if (CHANGES.has(name)) return value === 0 ? '0' : 'some';
  if (name === 'mode') return `0${value.toString(8)}`;
  if (name.startsWith('flags') || name === 'open_flags') return `0x${value.toString(16)}`;
  return String(value);
}
