import * as fuse from '../../src/index.js';
import { Directory, Inode, S_IFCHR, S_IFDIR, S_IFREG, S_ISGID } from './inode.js';
import { type PageBudget, SparseFile } from './sparse-file.js';

const { EEXIST, EINVAL, EISDIR, ENOENT, ENOSPC, ENOTDIR, ENOTEMPTY, EPERM, ESTALE } = fuse;

const RENAME_NOREPLACE = 1;
const RENAME_EXCHANGE = 2;
const RENAME_WHITEOUT = 4;

/** A name as a key: one character per byte, whatever the encoding. */
export function key(name: fuse.BytesIn): string {
  return String.fromCharCode(...name.copy());
}

/** Who makes a new file. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * All inodes and the names that lead to them. Methods keep link counts, ".." and times of directories right,
 * and return −errno where POSIX does not allow what they are asked for.
 */
export class Tree {
  readonly inodes = new Map<number, Inode>();
  readonly #budget: PageBudget;
  readonly #limit: number;
  #names = 0;
  #nextIno = fuse.FUSE_ROOT_ID;

  /** `limit` is how many inodes and names there may be, together. */
  constructor(budget: PageBudget, limit: number) {
    this.#budget = budget;
    this.#limit = limit;
    const root = this.make(S_IFDIR | 0o755, 0, 0);
    root.directory = new Directory(root);
    root.nlink = 2;
  }

  /** How many more inodes and names there may be. */
  get free(): number {
    return Math.max(this.#limit - this.inodes.size - this.#names, 0);
  }

  /** A directory by its id, or −ESTALE or −ENOTDIR. */
  directory(nodeid: number): Directory | number {
    const inode = this.inodes.get(nodeid);
    if (inode === undefined) return -ESTALE;
    return inode.directory ?? -ENOTDIR;
  }

  /** A new inode, not yet under any name. */
  make(mode: number, uid: number, gid: number, rdev = 0): Inode {
    const inode = new Inode(this.#nextIno++, mode, uid, gid, rdev, this.#budget);
    if (inode.type === S_IFREG) inode.file = new SparseFile(this.#budget);
    this.inodes.set(inode.ino, inode);
    return inode;
  }

  /** A new inode under a new name, with the group of a set-group-id directory. */
  create(owner: Owner, parent: number, name: string, mode: number, rdev = 0): Inode | number {
    const holder = this.inodes.get(parent);
    if (holder === undefined) return -ESTALE;
    if (holder.directory === undefined) return -ENOTDIR;
    // A removed directory that is still in use takes no new names.
    if (holder.nlink === 0) return -ENOENT;
    if (holder.directory.entries.has(name)) return -EEXIST;
    if (this.free < 2) return -ENOSPC;
    const inherits = (holder.mode & S_ISGID) !== 0;
    const inode = this.make(mode, owner.uid, inherits ? holder.gid : owner.gid, rdev);
    if (inode.type === S_IFDIR) {
      inode.directory = new Directory(holder);
      inode.nlink = 1;
      if (inherits) inode.mode |= S_ISGID;
    }
    this.#attach(parent, holder.directory, name, inode);
    return inode;
  }

  /** Gives an inode another name. */
  link(nodeid: number, newParent: number, newName: string): Inode | number {
    const inode = this.inodes.get(nodeid);
    const directory = this.directory(newParent);
    if (inode === undefined) return -ESTALE;
    if (typeof directory === 'number') return directory;
    if (inode.directory !== undefined) return -EPERM;
    if (inode.nlink === 0 && !inode.linkable) return -ENOENT;
    if (this.inodes.get(newParent)?.nlink === 0) return -ENOENT;
    if (directory.entries.has(newName)) return -EEXIST;
    if (this.free < 1) return -ENOSPC;
    this.#attach(newParent, directory, newName, inode);
    return inode;
  }

  /** Takes away a name, of a directory (which has to be empty) or of anything else. */
  remove(parent: number, name: string, directory: boolean): number {
    const holder = this.directory(parent);
    if (typeof holder === 'number') return holder;
    const inode = holder.entries.get(name);
    if (inode === undefined) return -ENOENT;
    if (!directory && inode.directory !== undefined) return -EISDIR;
    if (directory && inode.directory === undefined) return -ENOTDIR;
    if (directory && inode.directory!.entries.size > 0) return -ENOTEMPTY;
    this.#detach(parent, name, inode);
    return 0;
  }

  /** As renameat2(2). */
  rename(
    owner: Owner,
    parent: number,
    name: string,
    newParent: number,
    newName: string,
    flags: number,
  ): number {
    const from = this.directory(parent);
    const to = this.directory(newParent);
    if (typeof from === 'number') return from;
    if (typeof to === 'number') return to;
    const inode = from.entries.get(name);
    const other = to.entries.get(newName);
    const error = this.#checkRename(inode, other, parent, newParent, flags);
    if (error !== 0) return error;
    if (inode === undefined || inode === other) return 0;

    if ((flags & RENAME_EXCHANGE) !== 0 && other !== undefined) {
      this.#move(from, parent, name, other);
      this.#move(to, newParent, newName, inode);
    } else {
      if (other !== undefined) this.#detach(newParent, newName, other);
      from.entries.delete(name);
      this.#move(to, newParent, newName, inode);
      if ((flags & RENAME_WHITEOUT) !== 0) this.create(owner, parent, name, S_IFCHR);
    }
    this.inodes.get(parent)?.modified();
    this.inodes.get(newParent)?.modified();
    return 0;
  }

  /** Drops an inode that nothing refers to any more, and its memory. */
  release(inode: Inode): void {
    if (!inode.unused || !this.inodes.delete(inode.ino)) return;
    inode.file?.truncate(0);
    inode.xattrs.clear();
  }

  #attach(parent: number, directory: Directory, name: string, inode: Inode): void {
    this.#move(directory, parent, name, inode);
    inode.nlink++;
    this.#names++;
    this.inodes.get(parent)?.modified();
  }

  /** Puts an inode under a name, and a directory's ".." in order. */
  #move(directory: Directory, parent: number, name: string, inode: Inode): void {
    directory.entries.set(name, inode);
    inode.changed();
    const holder = this.inodes.get(parent);
    if (holder === undefined || inode.directory === undefined) return;
    if (inode.nlink > 1) inode.directory.parent.nlink--;
    inode.directory.parent = holder;
    holder.nlink++;
  }

  /** Takes a name away; a directory that loses its name is gone. */
  #detach(parent: number, name: string, inode: Inode): void {
    const holder = this.inodes.get(parent);
    holder?.directory?.entries.delete(name);
    this.#names--;
    holder?.modified();
    if (inode.directory === undefined) {
      inode.nlink--;
    } else {
      inode.nlink = 0;
      if (holder !== undefined) holder.nlink--;
    }
    inode.changed();
    this.release(inode);
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
    if ((flags & RENAME_WHITEOUT) !== 0 && this.free < 2) return -ENOSPC;
    if ((flags & RENAME_NOREPLACE) !== 0 && other !== undefined) return -EEXIST;
    if (exchange && other === undefined) return -ENOENT;
    if (this.#isWithin(newParent, inode)) return -EINVAL;
    if (other !== undefined && this.#isWithin(parent, other)) return exchange ? -EINVAL : -ENOTEMPTY;
    if ((this.inodes.get(newParent)?.nlink ?? 0) === 0) return -ENOENT;
    if (exchange || other === undefined || inode === other) return 0;
    if (inode.directory === undefined) return other.directory === undefined ? 0 : -EISDIR;
    if (other.directory === undefined) return -ENOTDIR;
    return other.directory.entries.size > 0 ? -ENOTEMPTY : 0;
  }

  /** Whether a directory is `ancestor` or lies below it. */
  #isWithin(nodeid: number, ancestor: Inode): boolean {
    let at = this.inodes.get(nodeid);
    while (at !== undefined && at !== ancestor) {
      const parent: Inode | undefined = at.directory?.parent;
      at = parent === at ? undefined : parent;
    }
    return at === ancestor;
  }
}
