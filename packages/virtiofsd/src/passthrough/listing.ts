import type { DirentList, DirentPlusList } from '@vfs/fuse-proto';
import { EINVAL } from '@vfs/sys';
import type { DirectoryStream } from './directory-stream.js';
import { ROOT_SLOT } from './node-table.js';
import { fillEntry, inodeTag, lookupNode, openNode } from './nodes.js';
import type { Share } from './share.js';
import { NO_SLOT } from './slot-ids.js';

const DOT = 0x2e;

/** Fills a READDIR reply from a cookie on: 0 or −errno. */
export function list(
  share: Share,
  slot: number,
  stream: DirectoryStream,
  cookieLo: number,
  cookieHi: number,
  reply: DirentList,
): number {
  return fill(share, slot, stream, cookieLo, cookieHi, reply, () => {});
}

/**
 * Fills a READDIRPLUS reply: each entry comes with a lookup. An entry whose lookup fails (a file just removed, no descriptor left)
 * is listed without: the guest looks it up itself when it wants it, and loses nothing else.
 */
export function listPlus(
  share: Share,
  slot: number,
  directory: number,
  stream: DirectoryStream,
  cookieLo: number,
  cookieHi: number,
  reply: DirentPlusList,
): number {
  return fill(share, slot, stream, cookieLo, cookieHi, reply, (isDots) => {
    const child = isDots ? NO_SLOT : lookupListed(share, slot, directory, stream);
    if (child > NO_SLOT) fillEntry(share, child, reply.entry);
    else describe(stream, reply.entry.attr);
  });
}

/**
 * Adds entries as long as they fit, after `prepare` has been called for each. A reply without entries means the end, so room for less
 * than one entry is EINVAL, as getdents says.
 */
function fill(
  share: Share,
  slot: number,
  stream: DirectoryStream,
  cookieLo: number,
  cookieHi: number,
  reply: DirentList | DirentPlusList,
  prepare: (isDots: boolean) => void,
): number {
  const error = stream.seek(cookieLo, cookieHi);
  if (error < 0) return error;
  const names = share.chunks.window.u8;
  const tag = slot === NO_SLOT ? 0 : inodeTag(share, slot);
  let result = stream.next();
  while (result > 0 && reply.fits(stream.nameLength)) {
    const isDots = isSelf(names, stream) || isParent(names, stream);
    if (isDots && slot === ROOT_SLOT) hideParent(share, stream);
    prepare(isDots);
    const { inoLo, inoHi, offLo, offHi, type, nameOffset, nameLength } = stream;
    reply.add(inoLo, (inoHi ^ tag) >>> 0, offLo, offHi, type, names, nameOffset, nameLength);
    stream.advance();
    result = stream.next();
  }
  stream.pause();
  // An error waits if there is something to give.
  if (reply.count > 0 || result === 0) return 0;
  return result < 0 ? result : -EINVAL;
}

/** The inode number of the entry says whether the file is probably known, and so which way is the shorter one. */
function lookupListed(share: Share, slot: number, directory: number, stream: DirectoryStream): number {
  // Without room for one more descriptor a lookup may still do, opening does not.
  const known =
    share.budget.left <= 0 ||
    (slot !== NO_SLOT && share.nodes.identities.findBeside(slot, stream.inoLo, stream.inoHi) !== NO_SLOT);
  const find = known ? lookupNode : openNode;
  return find(share, slot, directory, share.chunks.window.id, stream.nameOffset);
}

/** What a directory entry itself says of its file. */
function describe(stream: DirectoryStream, attr: { ino_lo: number; ino_hi: number; mode: number }): void {
  attr.ino_lo = stream.inoLo;
  attr.ino_hi = stream.inoHi;
  attr.mode = stream.type << 12;
}

/** The parent of the shared folder is none of the guest's business: as in any root, `..` is the folder itself. */
function hideParent(share: Share, stream: DirectoryStream): void {
  stream.inoLo = share.nodes.identities.inoLo(ROOT_SLOT);
  stream.inoHi = share.nodes.identities.inoHi(ROOT_SLOT);
}

function isSelf(names: Uint8Array, stream: DirectoryStream): boolean {
  return stream.nameLength === 1 && names[stream.nameOffset] === DOT;
}

function isParent(names: Uint8Array, stream: DirectoryStream): boolean {
  return stream.nameLength === 2 && names[stream.nameOffset] === DOT && names[stream.nameOffset + 1] === DOT;
}
