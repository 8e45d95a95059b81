import { direntplusSize, direntSize, FUSE_NAME_OFFSET, FUSE_NAME_OFFSET_DIRENTPLUS } from '../abi/dirent.js';
import type { U64 } from '../abi/u64.js';
import { decode } from '../abi/view.js';
import { Dirent, EntryOut } from '../abi/views.js';
import { MalformedReplyError } from '../errors.js';

/** One record of READDIR. */
export interface DirectoryEntry {
  readonly ino: U64;
  /** The cookie to continue after this record. */
  readonly off: U64;
  /** As d_type: 4 a directory, 8 a regular file, 10 a symbolic link. */
  readonly type: number;
  readonly name: Uint8Array;
}

/** One record of READDIRPLUS. */
export interface DirectoryEntryPlus extends DirectoryEntry {
  /** As LOOKUP would answer; nodeid 0 if the name was not looked up. */
  readonly entry: ReturnType<EntryOut['toObject']>;
}

function direntAt(payload: Uint8Array, at: number, nameOffset: number): DirectoryEntry {
  if (payload.length - at < nameOffset) throw new MalformedReplyError('a directory record is cut off');
  const dirent = decode(Dirent, payload, at + nameOffset - FUSE_NAME_OFFSET);
  const start = at + nameOffset;
  const { ino, off, type, namelen } = dirent;
  if (namelen === 0 || namelen > payload.length - start) {
    throw new MalformedReplyError(`a directory record has a name of ${namelen} bytes`);
  }
  return { ino, off, type, name: payload.slice(start, start + namelen) };
}

/** @throws MalformedReplyError if a record reaches beyond the payload */
export function decodeDirents(payload: Uint8Array): DirectoryEntry[] {
  const found: DirectoryEntry[] = [];
  for (let at = 0; at < payload.length; ) {
    const entry = direntAt(payload, at, FUSE_NAME_OFFSET);
    found.push(entry);
    at += direntSize(entry.name.length);
  }
  return found;
}

/** @throws MalformedReplyError if a record reaches beyond the payload */
export function decodeDirentsPlus(payload: Uint8Array): DirectoryEntryPlus[] {
  const found: DirectoryEntryPlus[] = [];
  for (let at = 0; at < payload.length; ) {
    const entry = direntAt(payload, at, FUSE_NAME_OFFSET_DIRENTPLUS);
    found.push({ ...entry, entry: decode(EntryOut, payload, at).toObject() });
    at += direntplusSize(entry.name.length);
  }
  return found;
}
