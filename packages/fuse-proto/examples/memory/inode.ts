import type { AttrOut, EntryOut, U64 } from '../../src/index.js';
import type { PageBudget, SparseFile } from './sparse-file.js';
import { Xattrs } from './xattrs.js';

export const S_IFMT = 0o170000;
export const S_IFIFO = 0o010000;
export const S_IFCHR = 0o020000;
export const S_IFDIR = 0o040000;
export const S_IFBLK = 0o060000;
export const S_IFREG = 0o100000;
export const S_IFLNK = 0o120000;
export const S_IFSOCK = 0o140000;
export const S_ISGID = 0o2000;

/** A point in time: seconds may be negative, or beyond 2^53. */
export interface Time {
  readonly sec: U64;
  readonly nsec: number;
}

export function now(): Time {
  const milliseconds = performance.timeOrigin + performance.now();
  const sec = Math.floor(milliseconds / 1000);
  return { sec, nsec: Math.floor((milliseconds - sec * 1000) * 1e6) };
}

/** A file of any type. It lives as long as a name, a lookup or an open file refers to it. */
export class Inode {
  readonly ino: number;
  /** Type and permissions. */
  mode: number;
  uid: number;
  gid: number;
  readonly rdev: number;
  nlink = 0;
  atime: Time = now();
  mtime: Time = this.atime;
  ctime: Time = this.atime;
  /** How often the kernel was told of it and has not taken that back. */
  lookups = 0;
  /** How often it is open. */
  opens = 0;
  /** Has no name but may be given one: what O_TMPFILE makes. */
  linkable = false;
  readonly xattrs: Xattrs;
  /** Of a regular file. */
  file: SparseFile | undefined;
  /** Of a symbolic link. */
  target: Uint8Array | undefined;
  /** Of a directory. */
  directory: Directory | undefined;

  constructor(ino: number, mode: number, uid: number, gid: number, rdev: number, budget: PageBudget) {
    this.ino = ino;
    this.mode = mode;
    this.uid = uid;
    this.gid = gid;
    this.rdev = rdev;
    this.xattrs = new Xattrs(budget);
  }

  get type(): number {
    return this.mode & S_IFMT;
  }

  get unused(): boolean {
    return this.nlink === 0 && this.lookups === 0 && this.opens === 0;
  }

  /** The content has changed. */
  modified(): void {
    this.mtime = now();
    this.ctime = this.mtime;
  }

  /** The attributes have changed. */
  changed(): void {
    this.ctime = now();
  }

  /** As with relatime: remembered only if the last access is older than the last change, or than a day. */
  accessed(): void {
    const { sec } = this.atime;
    const time = now();
    const stale = later(this.mtime, this.atime) || later(this.ctime, this.atime);
    if (stale || BigInt(time.sec) - BigInt(sec) > 86_400n) this.atime = time;
  }

  fillAttr(attr: AttrOut['attr']): void {
    attr.ino = this.ino;
    attr.size = this.file?.size ?? this.target?.length ?? this.directory?.entries.size ?? 0;
    attr.blocks = this.file?.blocks ?? 0;
    attr.atime = this.atime.sec;
    attr.atimensec = this.atime.nsec;
    attr.mtime = this.mtime.sec;
    attr.mtimensec = this.mtime.nsec;
    attr.ctime = this.ctime.sec;
    attr.ctimensec = this.ctime.nsec;
    attr.mode = this.mode;
    attr.nlink = this.nlink;
    attr.uid = this.uid;
    attr.gid = this.gid;
    attr.rdev = this.rdev;
    attr.blksize = 4096;
  }

  /** Fills in an entry, which counts as a lookup. */
  fillEntry(entry: EntryOut): void {
    this.lookups++;
    entry.nodeid = this.ino;
    // Nobody else changes this file system: the kernel's cache is always right.
    entry.entry_valid = 3600;
    entry.attr_valid = 3600;
    this.fillAttr(entry.attr);
  }
}

function later(a: Time, b: Time): boolean {
  return a.sec > b.sec || (a.sec === b.sec && a.nsec > b.nsec);
}

/** The names in a directory. Keys have one character per byte: names need not be UTF-8. */
export class Directory {
  readonly entries = new Map<string, Inode>();
  /** Where ".." leads; the root's leads to itself. */
  parent: Inode;

  constructor(parent: Inode) {
    this.parent = parent;
  }
}
