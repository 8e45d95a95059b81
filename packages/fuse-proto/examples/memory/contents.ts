import * as fuse from '../../src/index.js';
import { type Inode, S_IFREG, S_ISGID } from './inode.js';
import { PageBudget } from './sparse-file.js';
import { key, Tree } from './tree.js';

const { E2BIG, EBADF, EEXIST, EFBIG, EINVAL, EISDIR, ENODATA, ENOSPC, ENOTDIR, ENXIO, EOPNOTSUPP, ESTALE } =
  fuse;

const O_EXCL = 0o200;
const O_TRUNC = 0o1000;
const O_APPEND = 0o2000;
const FALLOC_FL_KEEP_SIZE = 0x01;
const FALLOC_FL_PUNCH_HOLE = 0x02;
const FALLOC_FL_ZERO_RANGE = 0x10;
const SEEK_DATA = 3;
const XATTR_CREATE = 1;
const XATTR_REPLACE = 2;
const XATTR_SIZE_MAX = 65536;
/** xattr(7). Not "system": ACLs would have to be heeded, not only stored. */
const XATTR_NAMESPACE = /^(user|trusted|security)\../;
/** Larger offsets than this are no exact numbers; no file needs them. */
const MAX_SIZE = Number.MAX_SAFE_INTEGER - 4096;

/** The bytes of what {@link key} has made a text. */
export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** The half of the file system that concerns what is in files: data and extended attributes. */
export class Contents implements fuse.FileSystem {
  protected readonly budget: PageBudget;
  protected readonly tree: Tree;
  protected nextHandle = 1;

  /** `capacity` is in bytes, `names` the number of inodes and names together. */
  constructor(capacity: number, names: number) {
    this.budget = new PageBudget(Math.floor(capacity / 4096));
    this.tree = new Tree(this.budget, names);
  }

  open(_ctx: fuse.Context, nodeid: number, input: fuse.OpenIn, reply: fuse.OpenOut): number {
    const inode = this.tree.inodes.get(nodeid);
    return inode === undefined ? -ESTALE : this.#open(inode, input.flags, reply);
  }

  create(
    ctx: fuse.Context,
    parent: number,
    name: fuse.Name,
    input: fuse.CreateIn,
    entry: fuse.EntryOut,
    reply: fuse.OpenOut,
  ): number {
    const directory = this.tree.directory(parent);
    if (typeof directory === 'number') return directory;
    const existing = directory.entries.get(key(name));
    if (existing !== undefined && (input.flags & O_EXCL) !== 0) return -EEXIST;
    const inode = existing ?? this.tree.create(ctx, parent, key(name), S_IFREG | (input.mode & 0o7777));
    if (typeof inode === 'number') return inode;
    const error = this.#open(inode, input.flags, reply);
    if (error === 0) inode.fillEntry(entry);
    return error;
  }

  tmpfile(
    ctx: fuse.Context,
    parent: number,
    input: fuse.CreateIn,
    entry: fuse.EntryOut,
    reply: fuse.OpenOut,
  ): number {
    const directory = this.tree.inodes.get(parent);
    if (directory?.directory === undefined) return -ENOTDIR;
    if (this.tree.free < 1) return -ENOSPC;
    const gid = (directory.mode & S_ISGID) !== 0 ? directory.gid : ctx.gid;
    const inode = this.tree.make(S_IFREG | (input.mode & 0o7777), ctx.uid, gid);
    inode.linkable = (input.flags & O_EXCL) === 0;
    inode.fillEntry(entry);
    return this.#open(inode, input.flags, reply);
  }

  read(_ctx: fuse.Context, nodeid: number, input: fuse.ReadIn, sink: fuse.DataRange): number {
    const inode = this.tree.inodes.get(nodeid);
    if (inode?.file === undefined) return -EBADF;
    const { offset } = input;
    inode.accessed();
    if (typeof offset === 'bigint') return 0;
    return inode.file.read(offset, sink.segments, sink.position, sink.length);
  }

  write(_ctx: fuse.Context, nodeid: number, input: fuse.WriteIn, source: fuse.DataRange): number {
    const inode = this.tree.inodes.get(nodeid);
    if (inode?.file === undefined) return -EBADF;
    const append = (input.flags & O_APPEND) !== 0 && (input.write_flags & fuse.FUSE_WRITE_CACHE) === 0;
    const offset = append ? inode.file.size : input.offset;
    if (offset > MAX_SIZE - source.length) return -EFBIG;
    if ((input.write_flags & fuse.FUSE_WRITE_KILL_SUIDGID) !== 0) killSuid(inode);
    const written = inode.file.write(Number(offset), source.segments, source.position, source.length);
    if (written === 0 && source.length > 0) return -ENOSPC;
    inode.modified();
    return written;
  }

  flush(): number {
    return 0;
  }

  release(_ctx: fuse.Context, nodeid: number): number {
    const inode = this.tree.inodes.get(nodeid);
    if (inode === undefined || inode.directory !== undefined || inode.opens === 0) return -EBADF;
    inode.opens--;
    this.tree.release(inode);
    return 0;
  }

  fsync(): number {
    return 0;
  }

  lseek(_ctx: fuse.Context, nodeid: number, input: fuse.LseekIn, reply: fuse.LseekOut): number {
    const file = this.tree.inodes.get(nodeid)?.file;
    if (file === undefined) return -EINVAL;
    const { offset } = input;
    const found = typeof offset === 'bigint' ? undefined : file.seek(offset, input.whence === SEEK_DATA);
    if (found === undefined) return -ENXIO;
    reply.offset = found;
    return 0;
  }

  fallocate(_ctx: fuse.Context, nodeid: number, input: fuse.FallocateIn): number {
    const inode = this.tree.inodes.get(nodeid);
    if (inode?.file === undefined) return -EBADF;
    const { file } = inode;
    const { mode } = input;
    const [offset, length] = [Number(input.offset), Number(input.length)];
    const known = FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE;
    if ((mode & ~known) !== 0) return -EOPNOTSUPP;
    if (offset > MAX_SIZE - length) return -EFBIG;
    if ((mode & (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE)) !== 0) file.punch(offset, length);
    if ((mode & FALLOC_FL_PUNCH_HOLE) === 0 && !file.allocate(offset, length)) return -ENOSPC;
    if ((mode & FALLOC_FL_KEEP_SIZE) === 0) file.size = Math.max(file.size, offset + length);
    inode.modified();
    return 0;
  }

  copy_file_range(_ctx: fuse.Context, nodeid: number, input: fuse.CopyFileRangeIn): number {
    const from = this.tree.inodes.get(nodeid)?.file;
    const target = this.tree.inodes.get(Number(input.nodeid_out));
    if (from === undefined || target?.file === undefined) return -EBADF;
    const { off_in, off_out } = input;
    if (off_in >= from.size || input.len === 0) return 0;
    // In pieces: the caller continues after a short copy.
    const count = Math.min(Number(input.len), from.size - Number(off_in), 1 << 20);
    if (off_out > MAX_SIZE - count) return -EFBIG;
    const piece = new fuse.ByteSegments(new Uint8Array(count));
    from.read(Number(off_in), piece, 0, count);
    const written = target.file.write(Number(off_out), piece, 0, count);
    if (written === 0) return -ENOSPC;
    target.modified();
    return written;
  }

  setxattr(
    _ctx: fuse.Context,
    nodeid: number,
    name: fuse.Name,
    value: fuse.BytesIn,
    input: fuse.SetxattrIn,
  ): number {
    const inode = this.tree.inodes.get(nodeid);
    if (inode === undefined) return -ESTALE;
    const attribute = key(name);
    if (!XATTR_NAMESPACE.test(attribute)) return -EOPNOTSUPP;
    if (value.length > XATTR_SIZE_MAX) return -E2BIG;
    const exists = inode.xattrs.has(attribute);
    if (exists && (input.flags & XATTR_CREATE) !== 0) return -EEXIST;
    if (!exists && (input.flags & XATTR_REPLACE) !== 0) return -ENODATA;
    if (!inode.xattrs.set(attribute, value.copy())) return -ENOSPC;
    inode.changed();
    return 0;
  }

  getxattr(_ctx: fuse.Context, nodeid: number, name: fuse.Name, reply: fuse.BytesOut): number {
    const inode = this.tree.inodes.get(nodeid);
    if (inode === undefined) return -ESTALE;
    const value = inode.xattrs.get(key(name));
    if (value === undefined) return -ENODATA;
    reply.set(value);
    return 0;
  }

  listxattr(_ctx: fuse.Context, nodeid: number, reply: fuse.BytesOut): number {
    const inode = this.tree.inodes.get(nodeid);
    if (inode === undefined) return -ESTALE;
    reply.set(bytesOf(inode.xattrs.names.map((name) => `${name}\0`).join('')));
    return 0;
  }

  removexattr(_ctx: fuse.Context, nodeid: number, name: fuse.Name): number {
    const inode = this.tree.inodes.get(nodeid);
    if (inode === undefined) return -ESTALE;
    if (!inode.xattrs.delete(key(name))) return -ENODATA;
    inode.changed();
    return 0;
  }

  #open(inode: Inode, flags: number, reply: fuse.OpenOut): number {
    if (inode.directory !== undefined) return -EISDIR;
    if ((flags & O_TRUNC) !== 0) {
      const error = this.truncate(inode, 0);
      if (error < 0) return error;
    }
    inode.opens++;
    reply.fh = this.nextHandle++;
    reply.open_flags = fuse.FOPEN_KEEP_CACHE;
    return 0;
  }

  protected truncate(inode: Inode, size: fuse.U64): number {
    if (inode.file === undefined) return inode.directory === undefined ? -EINVAL : -EISDIR;
    if (size > MAX_SIZE) return -EFBIG;
    inode.file.truncate(Number(size));
    inode.modified();
    return 0;
  }
}

/** What a write by somebody without privileges does to the set-user-id and set-group-id bits. */
function killSuid(inode: Inode): void {
  inode.mode &= ~0o4000;
  if ((inode.mode & 0o010) !== 0) inode.mode &= ~S_ISGID;
}
