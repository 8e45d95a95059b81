import * as fuse from '@vfs/fuse-proto';
import type { Source } from '../engine/source.js';

/** What the fuzzer knows from replies, so that requests get further than the first check. */
export interface Known {
  readonly nodes: number[];
  /** File handles, with the node they belong to. */
  readonly handles: { readonly node: number; readonly fh: fuse.U64 }[];
  /** Requests that wait. */
  readonly uniques: number[];
}

/** How a request of one kind is made: its structure, and how many names or how much data follow. */
interface Shape {
  readonly opcode: number;
  readonly input?: fuse.ViewClass;
  readonly names?: number;
  readonly data?: boolean;
  /** It is about an open file, and so mostly given one. */
  readonly open?: boolean;
  /** How often it comes, compared with others. @default 1 */
  readonly weight?: number;
}

const SHAPES: readonly Shape[] = [
  { opcode: fuse.FUSE_LOOKUP, names: 1, weight: 8 },
  { opcode: fuse.FUSE_FORGET, input: fuse.ForgetIn, weight: 2 },
  { opcode: fuse.FUSE_BATCH_FORGET, input: fuse.BatchForgetIn, data: true },
  { opcode: fuse.FUSE_GETATTR, input: fuse.GetattrIn, weight: 2 },
  { opcode: fuse.FUSE_SETATTR, input: fuse.SetattrIn, weight: 4 },
  { opcode: fuse.FUSE_READLINK },
  { opcode: fuse.FUSE_SYMLINK, names: 2 },
  { opcode: fuse.FUSE_MKNOD, input: fuse.MknodIn, names: 1 },
  { opcode: fuse.FUSE_MKDIR, input: fuse.MkdirIn, names: 1, weight: 2 },
  { opcode: fuse.FUSE_UNLINK, names: 1, weight: 2 },
  { opcode: fuse.FUSE_RMDIR, names: 1 },
  { opcode: fuse.FUSE_RENAME, input: fuse.RenameIn, names: 2, weight: 2 },
  { opcode: fuse.FUSE_RENAME2, input: fuse.Rename2In, names: 2, weight: 2 },
  { opcode: fuse.FUSE_LINK, input: fuse.LinkIn, names: 1, weight: 2 },
  { opcode: fuse.FUSE_OPEN, input: fuse.OpenIn, weight: 6 },
  { opcode: fuse.FUSE_CREATE, input: fuse.CreateIn, names: 1, weight: 6 },
  { opcode: fuse.FUSE_TMPFILE, input: fuse.CreateIn, names: 1 },
  { opcode: fuse.FUSE_READ, input: fuse.ReadIn, open: true, weight: 4 },
  { opcode: fuse.FUSE_WRITE, input: fuse.WriteIn, data: true, open: true, weight: 6 },
  { opcode: fuse.FUSE_STATFS },
  { opcode: fuse.FUSE_RELEASE, input: fuse.ReleaseIn, open: true, weight: 3 },
  { opcode: fuse.FUSE_FSYNC, input: fuse.FsyncIn, open: true },
  { opcode: fuse.FUSE_FLUSH, input: fuse.FlushIn, open: true },
  { opcode: fuse.FUSE_LSEEK, input: fuse.LseekIn, open: true },
  { opcode: fuse.FUSE_FALLOCATE, input: fuse.FallocateIn, open: true, weight: 2 },
  { opcode: fuse.FUSE_COPY_FILE_RANGE, input: fuse.CopyFileRangeIn, open: true, weight: 2 },
  { opcode: fuse.FUSE_COPY_FILE_RANGE_64, input: fuse.CopyFileRangeIn, open: true },
  { opcode: fuse.FUSE_OPENDIR, input: fuse.OpenIn, weight: 2 },
  { opcode: fuse.FUSE_READDIR, input: fuse.ReadIn, open: true, weight: 2 },
  { opcode: fuse.FUSE_READDIRPLUS, input: fuse.ReadIn, open: true, weight: 2 },
  { opcode: fuse.FUSE_RELEASEDIR, input: fuse.ReleaseIn, open: true },
  { opcode: fuse.FUSE_FSYNCDIR, input: fuse.FsyncIn, open: true },
  { opcode: fuse.FUSE_SETXATTR, input: fuse.SetxattrIn, names: 1, data: true, weight: 2 },
  { opcode: fuse.FUSE_GETXATTR, input: fuse.GetxattrIn, names: 1, weight: 2 },
  { opcode: fuse.FUSE_LISTXATTR, input: fuse.GetxattrIn },
  { opcode: fuse.FUSE_REMOVEXATTR, names: 1 },
  { opcode: fuse.FUSE_GETLK, input: fuse.LkIn, open: true },
  { opcode: fuse.FUSE_SETLK, input: fuse.LkIn, open: true, weight: 3 },
  { opcode: fuse.FUSE_SETLKW, input: fuse.LkIn, open: true, weight: 3 },
  { opcode: fuse.FUSE_INTERRUPT, input: fuse.InterruptIn },
  { opcode: fuse.FUSE_ACCESS, input: fuse.AccessIn },
  { opcode: fuse.FUSE_IOCTL, input: fuse.IoctlIn, data: true, open: true },
  { opcode: fuse.FUSE_POLL, input: fuse.PollIn, open: true },
  { opcode: fuse.FUSE_BMAP, input: fuse.BmapIn },
  { opcode: fuse.FUSE_SYNCFS, input: fuse.SyncfsIn },
  { opcode: fuse.FUSE_STATX, input: fuse.StatxIn },
  { opcode: fuse.FUSE_NOTIFY_REPLY, input: fuse.NotifyRetrieveIn, data: true },
  { opcode: fuse.FUSE_SETUPMAPPING, input: fuse.SetupmappingIn },
  { opcode: fuse.FUSE_REMOVEMAPPING, input: fuse.RemovemappingIn, data: true },
];

const DECK = SHAPES.flatMap((shape) => Array.from({ length: shape.weight ?? 1 }, () => shape));

const text = new TextEncoder();
/** Names that exist, or may: few, so that they meet. */
const NAMES = [
  'a',
  'b',
  'c',
  'd',
  'e',
  'dir',
  'link',
  'escape',
  'user.x',
  'user.y',
  'system.posix_acl_access',
];
/** Names that must lead nowhere. */
const HOSTILE = [
  ...['', '.', '..', '/', 'a/b', '../outside/secret', '/etc/passwd', './a', 'dir/..', 'escape/secret'],
  ...['x'.repeat(255), 'x'.repeat(256), 'x'.repeat(4096), 'a\0b', 'security.capability', 'trusted.x'],
].map((name) => text.encode(name));

const SMALL = [0, 1, 2, 3, 7, 8, 16, 24, 40, 255, 256, 511, 512, 4095, 4096, 4097, 65_536, 1 << 20];
const LARGE = [0x7fff_ffff, 0x8000_0000, 0xffff_ffff, (1 << 20) + 1];
const HUGE = [2n ** 32n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n];

/** The bytes of a request that makes sense more or less, and the room that its reply is given. */
export function makeRequest(
  random: Source,
  known: Known,
  unique: number,
): { bytes: Uint8Array; room: number } {
  if (random.oneIn(200)) return { bytes: random.bytes(random.below(200)), room: random.below(200) };
  const shape = random.pick(DECK);
  const handle = shape.open && known.handles.length > 0 ? random.pick(known.handles) : undefined;
  const node = handle && !random.oneIn(20) ? handle.node : nodeOf(random, known);
  const parts: Uint8Array[] = [];
  const data = shape.data ? random.bytes(random.pick([0, 1, 16, 16, 28, 100, 100, 4096, 10_000])) : undefined;
  if (shape.input) parts.push(structure(random, known, shape.input, handle?.fh, data?.length));
  for (let i = 0; i < (shape.names ?? 0); i++) parts.push(terminated(nameOf(random)));
  if (data) parts.push(data);
  if (random.oneIn(10)) parts.push(extensions(random));
  const header = {
    unique,
    nodeid: node,
    uid: random.pick([0, 0, 0, 1000, 0xffff_ffff]),
    gid: random.pick([0, 0, 0, 1000, 0xffff_ffff]),
    pid: random.below(100),
  };
  const opcode = random.oneIn(200) ? random.below(5000) : shape.opcode;
  return { bytes: damage(random, fuse.encodeRequest(opcode, header, ...parts)), room: roomOf(random) };
}

function nodeOf(random: Source, { nodes }: Known): number {
  if (random.oneIn(30)) return random.pick([0, 2, 2 ** 28, 2 ** 40, 2 ** 53 - 1]);
  return random.oneIn(3) ? 1 : random.pick(nodes);
}

function nameOf(random: Source): string | Uint8Array {
  return random.oneIn(8) ? random.pick(HOSTILE) : random.pick(NAMES);
}

/** With the NUL that ends it. */
function terminated(name: string | Uint8Array): Uint8Array {
  return Uint8Array.from([...(typeof name === 'string' ? text.encode(name) : name), 0]);
}

function roomOf(random: Source): number {
  if (random.oneIn(20)) return random.below(160);
  return random.pick([160, 4096, 4096, 70_000]);
}

/** A structure whose fields have values that such fields have, or that are at the edge of what they can have. */
function structure(
  random: Source,
  known: Known,
  view: fuse.ViewClass,
  fh: fuse.U64 | undefined,
  dataLength: number | undefined,
): Uint8Array {
  const bytes = new Uint8Array(view.SIZE);
  const object = new view(new DataView(bytes.buffer));
  fill(object.layout);
  return bytes;

  function fill(struct: { readonly fields: readonly Field[] }, base = 0): void {
    for (const { name, offset, type } of struct.fields) {
      if (type.kind === 'struct') fill(type as unknown as { fields: readonly Field[] }, base + offset);
      else if (type.kind !== 'array') put(base + offset, type.size, value(name));
    }
  }

  function put(at: number, size: number, number: fuse.U64): void {
    const exact = BigInt(number);
    for (let i = 0; i < size; i++) bytes[at + i] = Number((exact >> BigInt(8 * i)) & 0xffn);
  }

  function value(name: string): fuse.U64 {
    if (random.oneIn(15)) return random.pick([...LARGE, ...HUGE]);
    switch (name) {
      case 'fh':
      case 'fh_in':
        return fh ?? 0;
      case 'fh_out':
        return known.handles.length > 0 ? random.pick(known.handles).fh : 0;
      case 'nodeid':
      case 'newdir':
      case 'oldnodeid':
      case 'nodeid_out':
        return nodeOf(random, known);
      case 'unique':
        return known.uniques.length > 0 ? random.pick(known.uniques) : 0;
      case 'size':
        return dataLength !== undefined && !random.oneIn(8) ? dataLength : random.pick(SMALL);
      case 'flags':
        return random.oneIn(2) ? random.below(4) : random.u32() & 0o2447703;
      case 'mode':
        return random.pick([
          0o100644,
          0o100755,
          0o040755,
          0o010600,
          0o020600,
          0o140600,
          0o104755,
          random.u32(),
        ]);
      case 'valid':
        return random.u32() & 0xffff;
      case 'type':
        return random.below(4);
      case 'cmd':
        return random.pick([0x8008_6601, 0x4008_6602, 0x801c_581f, 0x401c_5820, 0x4004_9409, random.u32()]);
      case 'nlookup':
      case 'count':
        return random.below(4);
      default:
        return random.oneIn(2) ? random.pick(SMALL) : random.u32() & (random.u32() | 0xff);
    }
  }
}

interface Field {
  readonly name: string;
  readonly offset: number;
  readonly type: { readonly kind: string; readonly size: number };
}

/** Security contexts and groups, as far as chance makes them right. */
function extensions(random: Source): Uint8Array {
  const groups = random.below(3);
  const header = fuse.encode(fuse.ExtHeader, {
    size: random.pick([16, 24, 8, 0, 4096]),
    type: random.pick([32, 1, 0, 31]),
  });
  const body = fuse.encode(fuse.SuppGroups, { nr_groups: groups });
  return Uint8Array.from([...header, ...body, ...random.bytes(4 * groups)]);
}

function damage(random: Source, bytes: Uint8Array): Uint8Array {
  if (!random.oneIn(25)) return bytes;
  if (random.oneIn(2)) return bytes.slice(0, random.below(bytes.length + 1));
  const copy = bytes.slice();
  for (let i = random.below(4); i >= 0; i--) copy[random.below(copy.length)] = random.u32();
  return copy;
}
