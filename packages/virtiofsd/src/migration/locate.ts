import {
  close,
  DT_DIR,
  DT_UNKNOWN,
  fstatx,
  O_CLOEXEC,
  O_DIRECTORY,
  O_NOFOLLOW,
  O_PATH,
  O_RDONLY,
  openat,
  openat2,
  RESOLVE_BENEATH,
  RESOLVE_NO_MAGICLINKS,
  RESOLVE_NO_SYMLINKS,
  readlinkat,
  type Statx,
  SysError,
} from '@vfs/sys';
import { DirectoryStream } from '../passthrough/directory-stream.js';
import { nodeDescriptor } from '../passthrough/node-descriptors.js';
import { ROOT_SLOT } from '../passthrough/node-table.js';
import type { Share } from '../passthrough/share.js';

/** A name leads to what lies in the directory, and nowhere else. */
export const INSIDE = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
const SLASH = '/';

/** A path relative to the shared folder, one character per byte. */
export type Path = string;

/**
 * Finds a path for every node but the root; nodes that have none are left out.
 *
 * The kernel knows where a file is that has been renamed; of one that has several names and lost the one it was opened by it does not, so
 * the folder is searched for those.
 */
export function locateNodes(share: Share): Map<number, Path> {
  const found = new Map<number, Path>();
  const elsewhere = new Map<string, number>();
  const root = rootPath(share);
  for (const slot of share.nodes.slots()) {
    if (slot === ROOT_SLOT) continue;
    const descriptor = nodeDescriptor(share, slot);
    if (descriptor < 0) continue;
    const wanted = fstatx(descriptor);
    const path = pathBelow(root, linkOf(share, descriptor));
    if (path !== undefined && leadsTo(share, path, wanted)) found.set(slot, path);
    else if (wanted.stx_nlink > 0) elsewhere.set(identityOf(wanted), slot);
  }
  if (elsewhere.size > 0) search(share, '', elsewhere, found);
  return found;
}

/** The bytes of a path, or of a part of it. */
export function bytesOf(path: Path): Uint8Array {
  return new Uint8Array(Buffer.from(path, 'latin1'));
}

/** What the kernel says a descriptor is a descriptor of. */
function linkOf(share: Share, descriptor: number): Path {
  return Buffer.from(readlinkat(share.procSelfFd, String(descriptor))).toString('latin1');
}

function rootPath(share: Share): Path {
  const path = linkOf(share, nodeDescriptor(share, ROOT_SLOT));
  return path.endsWith(SLASH) ? path : path + SLASH;
}

function pathBelow(root: Path, path: Path): Path | undefined {
  return path.startsWith(root) && path.length > root.length ? path.slice(root.length) : undefined;
}

/** The link of a file without that name ends in words that can also be a name: only what is found there counts. */
function leadsTo(share: Share, path: Path, wanted: Statx): boolean {
  const descriptor = openBelow(share, path, O_PATH);
  if (descriptor === undefined) return false;
  try {
    return identityOf(fstatx(descriptor)) === identityOf(wanted);
  } finally {
    close(descriptor);
  }
}

/** Opens what a path relative to the shared folder leads to ('' is the folder); undefined when it leads nowhere, or outside. */
export function openBelow(share: Share, path: Path, flags: number): number | undefined {
  try {
    const root = nodeDescriptor(share, ROOT_SLOT);
    return openat2(root, path === '' ? '.' : bytesOf(path), flags | O_NOFOLLOW | O_CLOEXEC, 0, INSIDE);
  } catch (error) {
    if (error instanceof SysError) return undefined;
    throw error;
  }
}

function identityOf(of: Statx): string {
  return `${of.stx_dev_major}:${of.stx_dev_minor}:${of.stx_mnt_id}:${of.stx_ino}`;
}

/** Looks at every entry below a directory until nothing is wanted any more. */
function search(share: Share, path: Path, wanted: Map<string, number>, found: Map<number, Path>): void {
  const descriptor = openBelow(share, path, O_RDONLY | O_DIRECTORY);
  if (descriptor === undefined) return;
  const below: Path[] = [];
  const stream = new DirectoryStream(descriptor, share.chunks, share.scratch);
  try {
    while (wanted.size > 0 && stream.next() > 0) {
      const { nameOffset, nameLength, type } = stream;
      const bytes = share.chunks.window.u8.subarray(nameOffset, nameOffset + nameLength);
      const name = Buffer.from(bytes).toString('latin1');
      stream.advance();
      if (name === '.' || name === '..') continue;
      const entry = path === '' ? name : path + SLASH + name;
      match(descriptor, name, entry, wanted, found);
      if (type === DT_DIR || type === DT_UNKNOWN) below.push(entry);
    }
  } finally {
    stream.close();
    close(descriptor);
  }
  for (const directory of below) {
    if (wanted.size > 0) search(share, directory, wanted, found);
  }
}

function match(
  directory: number,
  name: string,
  entry: Path,
  wanted: Map<string, number>,
  found: Map<number, Path>,
): void {
  let descriptor: number;
  try {
    descriptor = openat(directory, bytesOf(name), O_PATH | O_NOFOLLOW);
  } catch (error) {
    if (error instanceof SysError) return;
    throw error;
  }
  try {
    const identity = identityOf(fstatx(descriptor));
    const slot = wanted.get(identity);
    if (slot === undefined) return;
    wanted.delete(identity);
    found.set(slot, entry);
  } finally {
    close(descriptor);
  }
}
