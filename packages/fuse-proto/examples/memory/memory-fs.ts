/**
 * A file system in memory, with what POSIX and Linux expect of one: hard links, files that live on without a
 * name, sparse files, extended attributes, every flag of renameat2, exact times.
 *
 * Permissions are the kernel's affair: virtio-fs always checks them there, /dev/fuse when mounted with
 * `default_permissions`.
 */
import * as fuse from '../../src/index.js';
import { bytesOf, Contents } from './contents.js';
import {
  type Inode,
  S_IFBLK,
  S_IFCHR,
  S_IFDIR,
  S_IFIFO,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
  S_IFSOCK,
  type Time,
} from './inode.js';
import { key } from './tree.js';

const { EBADF, EINVAL, ENOENT, ENOTDIR, EPERM, ESTALE } = fuse;

/** What MKNOD makes. */
const NODE_TYPES = [S_IFREG, S_IFIFO, S_IFCHR, S_IFBLK, S_IFSOCK];

export interface MemoryOptions {
  /** Bytes that all file contents and extended attributes may take together, 1 GiB by default. */
  capacity?: number;
  /** How many inodes and names there may be together, 1,048,576 by default. */
  names?: number;
}

/** An open directory: what it contained when it was last read from the beginning. */
interface Listing {
  readonly directory: Inode;
  names: [string, Inode][];
}

/** The half that concerns names, attributes and listings, on top of {@link Contents}. */
export class MemoryFs extends Contents {
  readonly #listings = new Map<number, Listing>();
  readonly #names: number;

  constructor({ capacity = 1 << 30, names = 1 << 20 }: MemoryOptions = {}) {
    super(capacity, names);
    this.#names = names;
  }

  /** Inodes in use: for tests, to see that nothing is left behind. */
  get inodes(): number {
    return this.tree.inodes.size;
  }

  destroy(): void {
    // The kernel has forgotten everything at once.
    this.#listings.clear();
    for (const inode of this.tree.inodes.values()) {
      inode.lookups = 0;
      inode.opens = 0;
      this.tree.release(inode);
    }
  }

  lookup(_ctx: fuse.Context, parent: number, name: fuse.Name, reply: fuse.EntryOut): number {
    const directory = this.tree.directory(parent);
    if (typeof directory === 'number') return directory;
    const found = directory.entries.get(key(name));
    if (found === undefined) return -ENOENT;
    found.fillEntry(reply);
    return 0;
  }

  forget(nodeid: number, nlookup: number): void {
    const inode = this.tree.inodes.get(nodeid);
    if (inode === undefined) return;
    inode.lookups = Math.max(inode.lookups - nlookup, 0);
    this.tree.release(inode);
  }

  getattr(_ctx: fuse.Context, nodeid: number, _input: fuse.GetattrIn, reply: fuse.AttrOut): number {
    const inode = this.tree.inodes.get(nodeid);
    return inode === undefined ? -ESTALE : this.#attributes(inode, reply);
  }

  setattr(_ctx: fuse.Context, nodeid: number, input: fuse.SetattrIn, reply: fuse.AttrOut): number {
    const inode = this.tree.inodes.get(nodeid);
    if (inode === undefined) return -ESTALE;
    const { valid } = input;
    if ((valid & fuse.FATTR_SIZE) !== 0) {
      const error = this.truncate(inode, input.size);
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
    const target = this.tree.inodes.get(nodeid)?.target;
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
    const made = this.tree.create(ctx, parent, key(name), S_IFLNK | 0o777);
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
    const type = input.mode & S_IFMT || S_IFREG;
    if (type === S_IFDIR) return -EPERM;
    if (!NODE_TYPES.includes(type)) return -EINVAL;
    const made = this.tree.create(ctx, parent, key(name), type | (input.mode & 0o7777), input.rdev);
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
    const made = this.tree.create(ctx, parent, key(name), S_IFDIR | (input.mode & 0o7777));
    if (typeof made === 'number') return made;
    made.fillEntry(reply);
    return 0;
  }

  unlink(_ctx: fuse.Context, parent: number, name: fuse.Name): number {
    return this.tree.remove(parent, key(name), false);
  }

  rmdir(_ctx: fuse.Context, parent: number, name: fuse.Name): number {
    return this.tree.remove(parent, key(name), true);
  }

  rename(
    ctx: fuse.Context,
    parent: number,
    name: fuse.Name,
    newParent: number,
    newName: fuse.Name,
    flags: number,
  ): number {
    return this.tree.rename(ctx, parent, key(name), newParent, key(newName), flags);
  }

  link(
    _ctx: fuse.Context,
    nodeid: number,
    newParent: number,
    newName: fuse.Name,
    reply: fuse.EntryOut,
  ): number {
    const inode = this.tree.link(nodeid, newParent, key(newName));
    if (typeof inode === 'number') return inode;
    inode.fillEntry(reply);
    return 0;
  }

  opendir(_ctx: fuse.Context, nodeid: number, _input: fuse.OpenIn, reply: fuse.OpenOut): number {
    const directory = this.tree.inodes.get(nodeid);
    if (directory === undefined) return -ESTALE;
    if (directory.directory === undefined) return -ENOTDIR;
    directory.opens++;
    this.#listings.set(this.nextHandle, { directory, names: [] });
    reply.fh = this.nextHandle++;
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
    this.tree.release(listing.directory);
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
    reply.blocks = this.budget.total;
    reply.bfree = this.budget.free;
    reply.bavail = this.budget.free;
    reply.files = this.#names;
    reply.ffree = this.tree.free;
    reply.namelen = 255;
    return 0;
  }

  #attributes(inode: Inode, reply: fuse.AttrOut): number {
    reply.attr_valid = 3600;
    inode.fillAttr(reply.attr);
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
}
