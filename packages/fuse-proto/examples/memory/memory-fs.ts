/**
 * A file system in memory, with what POSIX and Linux expect of one: hard links, files that live on without a
 * name, sparse files, extended attributes, every flag of renameat2, exact times.
 *
 * Permissions are the kernel's affair: virtio-fs always checks them there, /dev/fuse when mounted with
 * `default_permissions`.
 */
import * as fuse from '../../src/index.js';
import { Directory, Inode, S_IFCHR, S_IFDIR, S_IFLNK, S_IFREG, S_ISGID, type Time } from './inode.js';
import { PageBudget, SparseFile } from './sparse-file.js';

const {
  E2BIG,
  EBADF,
  EEXIST,
  EFBIG,
  EINVAL,
  EISDIR,
  ENODATA,
  ENOENT,
  ENOSPC,
  ENOTDIR,
  ENOTEMPTY,
  ENXIO,
  EOPNOTSUPP,
  EPERM,
  ESTALE,
} = fuse;

const O_EXCL = 0o200;
const O_TRUNC = 0o1000;
const O_APPEND = 0o2000;
const RENAME_NOREPLACE = 1;
const RENAME_EXCHANGE = 2;
const RENAME_WHITEOUT = 4;
const FALLOC_FL_KEEP_SIZE = 0x01;
const FALLOC_FL_PUNCH_HOLE = 0x02;
const FALLOC_FL_ZERO_RANGE = 0x10;
const SEEK_DATA = 3;
const XATTR_CREATE = 1;
const XATTR_REPLACE = 2;
const XATTR_SIZE_MAX = 65536;
/** Larger offsets than this are no exact numbers; no file needs them. */
const MAX_SIZE = Number.MAX_SAFE_INTEGER - 4096;

/** One character per byte, whatever the encoding. */
const key = (name: fuse.BytesIn) => String.fromCharCode(...name.copy());
const bytesOf = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

export interface MemoryOptions {
  /** Bytes that all file contents may take together, 1 GiB by default. */
  capacity?: number;
}

/** An open directory: what it contained when it was last read from the beginning. */
interface Listing {
  readonly directory: Inode;
  names: [string, Inode][];
}

export class MemoryFs implements fuse.FileSystem {
  readonly #budget: PageBudget;
  #inodes = new Map<number, Inode>();
  #listings = new Map<number, Listing>();
  #nextIno = fuse.FUSE_ROOT_ID;
  #nextHandle = 1;

  constructor({ capacity = 1 << 30 }: MemoryOptions = {}) {
    this.#budget = new PageBudget(Math.floor(capacity / 4096));
    const root = this.#make(S_IFDIR | 0o755, 0, 0);
    root.directory = new Directory(root);
    root.nlink = 2;
  }

  /** Inodes in use: for tests, to see that nothing is left behind. */
  get inodes(): number {
    return this.#inodes.size;
  }

  destroy(): void {
    // The kernel has forgotten everything at once.
    this.#listings.clear();
    for (const inode of this.#inodes.values()) {
      inode.lookups = 0;
      inode.opens = 0;
      this.#release(inode);
    }
  }

  lookup(_ctx: fuse.Context, parent: number, name: fuse.Name, reply: fuse.EntryOut): number {
    const directory = this.#directory(parent);
    if (typeof directory === 'number') return directory;
    const found = directory.entries.get(key(name));
    if (found === undefined) return -ENOENT;
    found.fillEntry(reply);
    return 0;
  }

  forget(nodeid: number, nlookup: number): void {
    const inode = this.#inodes.get(nodeid);
    if (inode === undefined) return;
    inode.lookups = Math.max(inode.lookups - nlookup, 0);
    this.#release(inode);
  }

  getattr(_ctx: fuse.Context, nodeid: number, _input: fuse.GetattrIn, reply: fuse.AttrOut): number {
    const inode = this.#inodes.get(nodeid);
    return inode === undefined ? -ESTALE : this.#attributes(inode, reply);
  }

  setattr(_ctx: fuse.Context, nodeid: number, input: fuse.SetattrIn, reply: fuse.AttrOut): number {
    const inode = this.#inodes.get(nodeid);
    if (inode === undefined) return -ESTALE;
    const { valid } = input;
    if ((valid & fuse.FATTR_SIZE) !== 0) {
      const error = this.#truncate(inode, input.size);
      if (error < 0) return error;
    }
    inode.changed();
    if ((valid & fuse.FATTR_MODE) !== 0) inode.mode = inode.type | (input.mode & 0o7777);
    if ((valid & fuse.FATTR_UID) !== 0) inode.uid = input.uid;
    if ((valid & fuse.FATTR_GID) !== 0) inode.gid = input.gid;
    const time = (set: number, toNow: number, given: Time, old: Time) => {
      if ((valid & toNow) !== 0) return inode.ctime;
      return (valid & set) !== 0 ? given : old;
    };
    const { atime, atimensec, mtime, mtimensec, ctime, ctimensec } = input;
    const { FATTR_ATIME, FATTR_ATIME_NOW, FATTR_MTIME, FATTR_MTIME_NOW } = fuse;
    inode.atime = time(FATTR_ATIME, FATTR_ATIME_NOW, { sec: atime, nsec: atimensec }, inode.atime);
    inode.mtime = time(FATTR_MTIME, FATTR_MTIME_NOW, { sec: mtime, nsec: mtimensec }, inode.mtime);
    if ((valid & fuse.FATTR_CTIME) !== 0) inode.ctime = { sec: ctime, nsec: ctimensec };
    return this.#attributes(inode, reply);
  }

  readlink(_ctx: fuse.Context, nodeid: number, reply: fuse.BytesOut): number {
    const target = this.#inodes.get(nodeid)?.target;
    if (target === undefined) return -EINVAL;
    reply.set(target);
    return 0;
  }

  symlink(
    ctx: fuse.Context,
    parent: number,
    name: fuse.Name,
    target: fuse.Name,
    reply: fuse.EntryOut,
  ): number {
    const made = this.#create(ctx, parent, name, S_IFLNK | 0o777);
    if (typeof made === 'number') return made;
    made.target = target.copy();
    made.fillEntry(reply);
    return 0;
  }

  mknod(
    ctx: fuse.Context,
    parent: number,
    name: fuse.Name,
    input: fuse.MknodIn,
    reply: fuse.EntryOut,
  ): number {
    const made = this.#create(ctx, parent, name, input.mode, input.rdev);
    if (typeof made === 'number') return made;
    made.fillEntry(reply);
    return 0;
  }

  mkdir(
    ctx: fuse.Context,
    parent: number,
    name: fuse.Name,
    input: fuse.MkdirIn,
    reply: fuse.EntryOut,
  ): number {
    const made = this.#create(ctx, parent, name, S_IFDIR | (input.mode & 0o7777));
    if (typeof made === 'number') return made;
    made.fillEntry(reply);
    return 0;
  }

  unlink(_ctx: fuse.Context, parent: number, name: fuse.Name): number {
    const directory = this.#directory(parent);
    if (typeof directory === 'number') return directory;
    const inode = directory.entries.get(key(name));
    if (inode === undefined) return -ENOENT;
    if (inode.directory !== undefined) return -EISDIR;
    this.#detach(parent, key(name), inode);
    return 0;
  }

  rmdir(_ctx: fuse.Context, parent: number, name: fuse.Name): number {
    const directory = this.#directory(parent);
    if (typeof directory === 'number') return directory;
    const inode = directory.entries.get(key(name));
    if (inode === undefined) return -ENOENT;
    if (inode.directory === undefined) return -ENOTDIR;
    if (inode.directory.entries.size > 0) return -ENOTEMPTY;
    this.#detach(parent, key(name), inode);
    return 0;
  }

  rename(
    ctx: fuse.Context,
    parent: number,
    name: fuse.Name,
    newParent: number,
    newName: fuse.Name,
    flags: number,
  ): number {
    const from = this.#directory(parent);
    const to = this.#directory(newParent);
    if (typeof from === 'number') return from;
    if (typeof to === 'number') return to;
    const [source, target] = [key(name), key(newName)];
    const inode = from.entries.get(source);
    const other = to.entries.get(target);
    const error = this.#checkRename(inode, other, parent, newParent, flags);
    if (error !== 0) return error;
    if (inode === undefined || inode === other) return 0;

    if ((flags & RENAME_EXCHANGE) !== 0 && other !== undefined) {
      this.#move(from, parent, source, other);
      this.#move(to, newParent, target, inode);
    } else {
      if (other !== undefined) this.#detach(newParent, target, other);
      from.entries.delete(source);
      this.#move(to, newParent, target, inode);
      if ((flags & RENAME_WHITEOUT) !== 0) this.#create(ctx, parent, name, S_IFCHR);
    }
    this.#inodes.get(parent)?.modified();
    this.#inodes.get(newParent)?.modified();
    return 0;
  }

  link(
    _ctx: fuse.Context,
    nodeid: number,
    newParent: number,
    newName: fuse.Name,
    reply: fuse.EntryOut,
  ): number {
    const inode = this.#inodes.get(nodeid);
    const directory = this.#directory(newParent);
    if (inode === undefined) return -ESTALE;
    if (typeof directory === 'number') return directory;
    if (inode.directory !== undefined) return -EPERM;
    if (inode.nlink === 0 && !inode.linkable) return -ENOENT;
    if (directory.entries.has(key(newName))) return -EEXIST;
    this.#attach(newParent, directory, key(newName), inode);
    inode.changed();
    inode.fillEntry(reply);
    return 0;
  }

  open(_ctx: fuse.Context, nodeid: number, input: fuse.OpenIn, reply: fuse.OpenOut): number {
    const inode = this.#inodes.get(nodeid);
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
    const directory = this.#directory(parent);
    if (typeof directory === 'number') return directory;
    const existing = directory.entries.get(key(name));
    if (existing !== undefined && (input.flags & O_EXCL) !== 0) return -EEXIST;
    const inode = existing ?? this.#create(ctx, parent, name, S_IFREG | (input.mode & 0o7777));
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
    const directory = this.#inodes.get(parent);
    if (directory?.directory === undefined) return -ENOTDIR;
    const gid = (directory.mode & S_ISGID) !== 0 ? directory.gid : ctx.gid;
    const inode = this.#make(S_IFREG | (input.mode & 0o7777), ctx.uid, gid);
    inode.linkable = (input.flags & O_EXCL) === 0;
    inode.fillEntry(entry);
    return this.#open(inode, input.flags, reply);
  }

  read(_ctx: fuse.Context, nodeid: number, input: fuse.ReadIn, sink: fuse.DataRange): number {
    const inode = this.#inodes.get(nodeid);
    if (inode?.file === undefined) return -EBADF;
    const { offset } = input;
    inode.accessed();
    if (typeof offset === 'bigint') return 0;
    return inode.file.read(offset, sink.segments, sink.position, sink.length);
  }

  write(_ctx: fuse.Context, nodeid: number, input: fuse.WriteIn, source: fuse.DataRange): number {
    const inode = this.#inodes.get(nodeid);
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
    const inode = this.#inodes.get(nodeid);
    if (inode === undefined || inode.opens === 0) return -EBADF;
    inode.opens--;
    this.#release(inode);
    return 0;
  }

  fsync(): number {
    return 0;
  }

  opendir(_ctx: fuse.Context, nodeid: number, _input: fuse.OpenIn, reply: fuse.OpenOut): number {
    const directory = this.#inodes.get(nodeid);
    if (directory === undefined) return -ESTALE;
    if (directory.directory === undefined) return -ENOTDIR;
    directory.opens++;
    this.#listings.set(this.#nextHandle, { directory, names: [] });
    reply.fh = this.#nextHandle++;
    return 0;
  }

  readdir(_ctx: fuse.Context, _nodeid: number, input: fuse.ReadIn, reply: fuse.DirentList): number {
    return this.#list(input, (name, inode, off) =>
      reply.add(inode.ino, 0, off, 0, inode.type >> 12, name, 0, name.length),
    );
  }

  readdirplus(_ctx: fuse.Context, _nodeid: number, input: fuse.ReadIn, reply: fuse.DirentPlusList): number {
    return this.#list(input, (name, inode, off) => {
      if (!reply.fits(name.length)) return false;
      // "." and ".." are listed, not looked up.
      if (off > 2) inode.fillEntry(reply.entry);
      return reply.add(inode.ino, 0, off, 0, inode.type >> 12, name, 0, name.length);
    });
  }

  releasedir(_ctx: fuse.Context, _nodeid: number, input: fuse.ReleaseIn): number {
    const listing = this.#listings.get(Number(input.fh));
    if (listing === undefined) return -EBADF;
    this.#listings.delete(Number(input.fh));
    listing.directory.opens--;
    this.#release(listing.directory);
    return 0;
  }

  fsyncdir(): number {
    return 0;
  }

  syncfs(): number {
    return 0;
  }

  statfs(_ctx: fuse.Context, _nodeid: number, reply: fuse.Kstatfs): number {
    reply.bsize = 4096;
    reply.frsize = 4096;
    reply.blocks = this.#budget.total;
    reply.bfree = this.#budget.free;
    reply.bavail = this.#budget.free;
    reply.files = this.#inodes.size;
    reply.ffree = 0xffff_ffff;
    reply.namelen = 255;
    return 0;
  }

  lseek(_ctx: fuse.Context, nodeid: number, input: fuse.LseekIn, reply: fuse.LseekOut): number {
    const file = this.#inodes.get(nodeid)?.file;
    if (file === undefined) return -EINVAL;
    const { offset } = input;
    const found = typeof offset === 'bigint' ? undefined : file.seek(offset, input.whence === SEEK_DATA);
    if (found === undefined) return -ENXIO;
    reply.offset = found;
    return 0;
  }

  fallocate(_ctx: fuse.Context, nodeid: number, input: fuse.FallocateIn): number {
    const inode = this.#inodes.get(nodeid);
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
    const from = this.#inodes.get(nodeid)?.file;
    const target = this.#inodes.get(Number(input.nodeid_out));
    if (from === undefined || target?.file === undefined) return -EBADF;
    const { off_in, off_out } = input;
    if (off_in >= from.size) return 0;
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
    const inode = this.#inodes.get(nodeid);
    if (inode === undefined) return -ESTALE;
    const attribute = key(name);
    // ACLs would have to be heeded, not only stored.
    if (attribute.startsWith('system.')) return -EOPNOTSUPP;
    if (value.length > XATTR_SIZE_MAX) return -E2BIG;
    const exists = inode.xattrs.has(attribute);
    if (exists && (input.flags & XATTR_CREATE) !== 0) return -EEXIST;
    if (!exists && (input.flags & XATTR_REPLACE) !== 0) return -ENODATA;
    inode.xattrs.set(attribute, value.copy());
    inode.changed();
    return 0;
  }

  getxattr(_ctx: fuse.Context, nodeid: number, name: fuse.Name, reply: fuse.BytesOut): number {
    const value = this.#inodes.get(nodeid)?.xattrs.get(key(name));
    if (value === undefined) return -ENODATA;
    reply.set(value);
    return 0;
  }

  listxattr(_ctx: fuse.Context, nodeid: number, reply: fuse.BytesOut): number {
    const inode = this.#inodes.get(nodeid);
    if (inode === undefined) return -ESTALE;
    reply.set(bytesOf([...inode.xattrs.keys()].map((name) => `${name}\0`).join('')));
    return 0;
  }

  removexattr(_ctx: fuse.Context, nodeid: number, name: fuse.Name): number {
    const inode = this.#inodes.get(nodeid);
    if (inode === undefined) return -ESTALE;
    if (!inode.xattrs.delete(key(name))) return -ENODATA;
    inode.changed();
    return 0;
  }

  #directory(nodeid: number): Directory | number {
    const inode = this.#inodes.get(nodeid);
    if (inode === undefined) return -ESTALE;
    return inode.directory ?? -ENOTDIR;
  }

  #attributes(inode: Inode, reply: fuse.AttrOut): number {
    reply.attr_valid = 3600;
    inode.fillAttr(reply.attr);
    return 0;
  }

  #make(mode: number, uid: number, gid: number, rdev = 0): Inode {
    const inode = new Inode(this.#nextIno++, mode, uid, gid, rdev);
    if (inode.type === S_IFREG) inode.file = new SparseFile(this.#budget);
    this.#inodes.set(inode.ino, inode);
    return inode;
  }

  /** A new inode under a new name, with the group of a set-group-id directory. */
  #create(ctx: fuse.Context, parent: number, name: fuse.Name, mode: number, rdev = 0): Inode | number {
    const holder = this.#inodes.get(parent);
    if (holder === undefined) return -ESTALE;
    if (holder.directory === undefined) return -ENOTDIR;
    // A removed directory that is still in use takes no new names.
    if (holder.nlink === 0) return -ENOENT;
    if (holder.directory.entries.has(key(name))) return -EEXIST;
    const inherits = (holder.mode & S_ISGID) !== 0;
    const inode = this.#make(mode, ctx.uid, inherits ? holder.gid : ctx.gid, rdev);
    if (inode.type === S_IFDIR) {
      inode.directory = new Directory(holder);
      inode.nlink = 1;
      if (inherits) inode.mode |= S_ISGID;
    }
    this.#attach(parent, holder.directory, key(name), inode);
    return inode;
  }

  #attach(parent: number, directory: Directory, name: string, inode: Inode): void {
    this.#move(directory, parent, name, inode);
    inode.nlink++;
    this.#inodes.get(parent)?.modified();
  }

  /** Puts an inode under a name, and a directory's ".." in order. */
  #move(directory: Directory, parent: number, name: string, inode: Inode): void {
    directory.entries.set(name, inode);
    inode.changed();
    const holder = this.#inodes.get(parent);
    if (holder === undefined || inode.directory === undefined) return;
    if (inode.nlink > 1) inode.directory.parent.nlink--;
    inode.directory.parent = holder;
    holder.nlink++;
  }

  /** Takes a name away; a directory that loses its name is gone. */
  #detach(parent: number, name: string, inode: Inode): void {
    const holder = this.#inodes.get(parent);
    holder?.directory?.entries.delete(name);
    holder?.modified();
    if (inode.directory === undefined) {
      inode.nlink--;
    } else {
      inode.nlink = 0;
      if (holder !== undefined) holder.nlink--;
    }
    inode.changed();
    this.#release(inode);
  }

  #checkRename(
    inode: Inode | undefined,
    other: Inode | undefined,
    parent: number,
    newParent: number,
    flags: number,
  ): number {
    const exchange = (flags & RENAME_EXCHANGE) !== 0;
    if ((flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE | RENAME_WHITEOUT)) !== 0) return -EINVAL;
    if (exchange && flags !== RENAME_EXCHANGE) return -EINVAL;
    if (inode === undefined) return -ENOENT;
    if ((flags & RENAME_NOREPLACE) !== 0 && other !== undefined) return -EEXIST;
    if (exchange && other === undefined) return -ENOENT;
    if (this.#isWithin(newParent, inode)) return -EINVAL;
    if (other !== undefined && this.#isWithin(parent, other)) return exchange ? -EINVAL : -ENOTEMPTY;
    if ((this.#inodes.get(newParent)?.nlink ?? 0) === 0) return -ENOENT;
    if (exchange || other === undefined || inode === other) return 0;
    if (inode.directory === undefined) return other.directory === undefined ? 0 : -EISDIR;
    if (other.directory === undefined) return -ENOTDIR;
    return other.directory.entries.size > 0 ? -ENOTEMPTY : 0;
  }

  /** Whether a directory is `ancestor` or lies below it. */
  #isWithin(nodeid: number, ancestor: Inode): boolean {
    let at = this.#inodes.get(nodeid);
    while (at !== undefined && at !== ancestor) {
      const parent: Inode | undefined = at.directory?.parent;
      at = parent === at ? undefined : parent;
    }
    return at === ancestor;
  }

  #open(inode: Inode, flags: number, reply: fuse.OpenOut): number {
    if (inode.directory !== undefined) return -EISDIR;
    if ((flags & O_TRUNC) !== 0) {
      const error = this.#truncate(inode, 0);
      if (error < 0) return error;
    }
    inode.opens++;
    reply.fh = this.#nextHandle++;
    reply.open_flags = fuse.FOPEN_KEEP_CACHE;
    return 0;
  }

  #truncate(inode: Inode, size: fuse.U64): number {
    if (inode.file === undefined) return inode.directory === undefined ? -EINVAL : -EISDIR;
    if (size > MAX_SIZE) return -EFBIG;
    inode.file.truncate(Number(size));
    inode.modified();
    return 0;
  }

  /** Offers entries from the cookie on; `add` says when the reply is full. */
  #list(input: fuse.ReadIn, add: (name: Uint8Array, inode: Inode, off: number) => boolean): number {
    const listing = this.#listings.get(Number(input.fh));
    if (listing?.directory.directory === undefined) return -EBADF;
    const { entries, parent } = listing.directory.directory;
    if (input.offset === 0) {
      listing.names = [['.', listing.directory], ['..', parent], ...entries];
      listing.directory.accessed();
    }
    for (let i = Number(input.offset); i < listing.names.length; i++) {
      const [name, inode] = listing.names[i]!;
      // Names that are gone by now must not come back through a READDIRPLUS.
      if (i >= 2 && entries.get(name) !== inode) continue;
      if (!add(bytesOf(name), inode, i + 1)) break;
    }
    return 0;
  }

  /** Drops an inode that nothing refers to any more, and its memory. */
  #release(inode: Inode): void {
    if (!inode.unused || !this.#inodes.delete(inode.ino)) return;
    inode.file?.truncate(0);
  }
}

/** What a write by somebody without privileges does to the set-user-id and set-group-id bits. */
function killSuid(inode: Inode): void {
  inode.mode &= ~0o4000;
  if ((inode.mode & 0o010) !== 0) inode.mode &= ~S_ISGID;
}
