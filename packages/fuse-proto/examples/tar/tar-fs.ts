/** A tar archive, served as it lies in memory: nothing is unpacked, and nothing can be changed. */
import * as fuse from '../../src/index.js';
import { linkPath, type Member, members, TarError } from './archive.js';

const { EBADF, EINVAL, EISDIR, ENODATA, ENOENT, ENOTDIR, EROFS, ESTALE } = fuse;

const S_IFDIR = 0o040000;
/** File types by tar's letters. */
const TYPES: Readonly<Record<string, number>> = {
  '0': 0o100000,
  '2': 0o120000,
  '3': 0o020000,
  '4': 0o060000,
  '5': S_IFDIR,
  '6': 0o010000,
  '7': 0o100000,
};
/** Nothing ever changes: the kernel may keep what it knows, for a year. */
const VALID = 365 * 86400;

const bytesOf = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const key = (name: fuse.BytesIn) => String.fromCharCode(...name.copy());

class Node {
  nlink = 0;
  readonly children = new Map<string, Node>();
  readonly ino: number;
  /** Undefined for a directory that the archive does not mention. */
  member: Member | undefined;
  readonly parent: Node;

  constructor(ino: number, member: Member | undefined, parent: Node | undefined) {
    this.ino = ino;
    this.member = member;
    this.parent = parent ?? this;
  }

  get mode(): number {
    return this.member === undefined ? S_IFDIR | 0o755 : TYPES[this.member.type]! | this.member.mode;
  }

  get isDirectory(): boolean {
    return (this.mode & 0o170000) === S_IFDIR;
  }

  get size(): number {
    const { member } = this;
    return member === undefined ? 0 : member.type === '2' ? member.link.length : member.data.length;
  }

  fillAttr(attr: fuse.AttrOut['attr']): void {
    const { member } = this;
    const mtime = member?.mtime ?? 0;
    const mtimensec = member?.mtimensec ?? 0;
    attr.assign({ ino: this.ino, size: this.size, blocks: Math.ceil(this.size / 512), mode: this.mode });
    attr.assign({ atime: mtime, mtime, ctime: mtime });
    attr.assign({ atimensec: mtimensec, mtimensec, ctimensec: mtimensec });
    attr.assign({ nlink: this.nlink, uid: member?.uid ?? 0, gid: member?.gid ?? 0 });
    attr.assign({ rdev: member?.rdev ?? 0, blksize: 4096 });
  }

  fillEntry(entry: fuse.EntryOut): void {
    entry.assign({ nodeid: this.ino, entry_valid: VALID, attr_valid: VALID });
    this.fillAttr(entry.attr);
  }
}

/**
 * A read-only file system over a tar archive. Later members replace earlier ones of the same name, directories
 * that are not mentioned are made up, and hard links share one inode.
 */
export class TarFs implements fuse.FileSystem {
  /** By node id, from 1 on: nodes are never dropped, so FORGET says nothing new. */
  readonly #nodes: Node[] = [];
  readonly #size: number;

  /** @throws TarError if the archive cannot be read */
  constructor(archive: Uint8Array) {
    this.#size = archive.length;
    const root = this.#make(undefined, undefined);
    root.nlink = 2;
    for (const member of members(archive)) {
      if (member.path.length === 0) root.member = member;
      else this.#place(member, root);
    }
  }

  lookup(_ctx: fuse.Context, parent: number, name: fuse.Name, reply: fuse.EntryOut): number {
    const node = this.#nodes[parent - 1];
    if (node === undefined) return -ESTALE;
    if (!node.isDirectory) return -ENOTDIR;
    const found = node.children.get(key(name));
    // A nodeid of 0 with a time: the kernel remembers that there is nothing.
    if (found === undefined) reply.entry_valid = VALID;
    else found.fillEntry(reply);
    return 0;
  }

  getattr(_ctx: fuse.Context, nodeid: number, _input: fuse.GetattrIn, reply: fuse.AttrOut): number {
    const node = this.#nodes[nodeid - 1];
    if (node === undefined) return -ESTALE;
    reply.attr_valid = VALID;
    node.fillAttr(reply.attr);
    return 0;
  }

  readlink(_ctx: fuse.Context, nodeid: number, reply: fuse.BytesOut): number {
    const member = this.#nodes[nodeid - 1]?.member;
    if (member?.type !== '2') return -EINVAL;
    reply.set(bytesOf(member.link));
    return 0;
  }

  open(_ctx: fuse.Context, nodeid: number, input: fuse.OpenIn, reply: fuse.OpenOut): number {
    const node = this.#nodes[nodeid - 1];
    if (node === undefined) return -ESTALE;
    if (node.isDirectory) return -EISDIR;
    if ((input.flags & 3) !== 0) return -EROFS;
    reply.open_flags = fuse.FOPEN_KEEP_CACHE | fuse.FOPEN_NOFLUSH;
    return 0;
  }

  read(_ctx: fuse.Context, nodeid: number, input: fuse.ReadIn, sink: fuse.DataRange): number {
    const data = this.#nodes[nodeid - 1]?.member?.data;
    if (data === undefined) return -EBADF;
    const offset = Math.min(Number(input.offset), data.length);
    const piece = data.subarray(offset, offset + sink.length);
    sink.copyFrom(piece);
    return piece.length;
  }

  release(): number {
    return 0;
  }

  opendir(_ctx: fuse.Context, nodeid: number, _input: fuse.OpenIn, reply: fuse.OpenOut): number {
    const node = this.#nodes[nodeid - 1];
    if (node === undefined) return -ESTALE;
    if (!node.isDirectory) return -ENOTDIR;
    reply.open_flags = fuse.FOPEN_KEEP_CACHE | fuse.FOPEN_CACHE_DIR;
    return 0;
  }

  readdir(_ctx: fuse.Context, nodeid: number, input: fuse.ReadIn, reply: fuse.DirentList): number {
    return this.#list(nodeid, input, (name, node, off) =>
      reply.add(node.ino, 0, off, 0, node.mode >> 12, name, 0, name.length),
    );
  }

  readdirplus(_ctx: fuse.Context, nodeid: number, input: fuse.ReadIn, reply: fuse.DirentPlusList): number {
    return this.#list(nodeid, input, (name, node, off) => {
      if (!reply.fits(name.length)) return false;
      if (off > 2) node.fillEntry(reply.entry);
      return reply.add(node.ino, 0, off, 0, node.mode >> 12, name, 0, name.length);
    });
  }

  releasedir(): number {
    return 0;
  }

  statfs(_ctx: fuse.Context, _nodeid: number, reply: fuse.Kstatfs): number {
    reply.assign({ bsize: 512, frsize: 512, blocks: Math.ceil(this.#size / 512), namelen: 255 });
    reply.files = this.#nodes.length;
    return 0;
  }

  getxattr(_ctx: fuse.Context, nodeid: number, name: fuse.Name, reply: fuse.BytesOut): number {
    const value = this.#nodes[nodeid - 1]?.member?.xattrs.get(key(name));
    if (value === undefined) return -ENODATA;
    reply.set(value);
    return 0;
  }

  listxattr(_ctx: fuse.Context, nodeid: number, reply: fuse.BytesOut): number {
    const names = this.#nodes[nodeid - 1]?.member?.xattrs.keys() ?? [];
    reply.set(bytesOf([...names].map((name) => `${name}\0`).join('')));
    return 0;
  }

  #make(member: Member | undefined, parent: Node | undefined): Node {
    const node = new Node(this.#nodes.length + 1, member, parent);
    this.#nodes.push(node);
    return node;
  }

  /** Puts a member where its path says. */
  #place(member: Member, root: Node): void {
    const directory = this.#walk(root, member.path.slice(0, -1));
    const name = member.path.at(-1)!;
    const existing = directory.children.get(name);
    if (member.type === '5' && existing?.isDirectory) {
      existing.member = member;
      return;
    }
    const node = member.type === '1' ? this.#linked(root, member) : this.#make(member, directory);
    this.#attach(directory, name, node);
  }

  #attach(directory: Node, name: string, node: Node): void {
    const replaced = directory.children.get(name);
    if (replaced !== undefined) replaced.nlink--;
    directory.children.set(name, node);
    node.nlink += node.isDirectory ? 2 : 1;
    if (node.isDirectory) directory.nlink++;
  }

  /** The directory at a path, with those above it made up where needed. */
  #walk(root: Node, path: readonly string[]): Node {
    let node = root;
    for (const name of path) {
      let next = node.children.get(name);
      if (next === undefined || !next.isDirectory) {
        next = this.#make(undefined, node);
        this.#attach(node, name, next);
      }
      node = next;
    }
    return node;
  }

  #linked(root: Node, member: Member): Node {
    let node: Node | undefined = root;
    for (const name of linkPath(member)) node = node?.children.get(name);
    if (node === undefined || node.isDirectory)
      throw new TarError(`nothing to link to at "${member.link}"`, 0);
    return node;
  }

  #list(
    nodeid: number,
    input: fuse.ReadIn,
    add: (name: Uint8Array, node: Node, off: number) => boolean,
  ): number {
    const node = this.#nodes[nodeid - 1];
    if (node === undefined) return -ENOENT;
    const listed: [string, Node][] = [['.', node], ['..', node.parent], ...node.children];
    for (let i = Number(input.offset); i < listed.length; i++) {
      const [name, child] = listed[i]!;
      if (!add(bytesOf(name), child, i + 1)) break;
    }
    return 0;
  }
}
