import { lchownSync, lstatSync, statSync, unlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import {
  AT_FDCWD,
  close,
  OwnedFd,
  type PidFile,
  RENAME_NOREPLACE,
  renameat2,
  ScopedUmask,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  unixConnect,
  unixListen,
} from '@vfs/sys';
import { errorCode, StartError } from '../start-error.js';
import { groupId } from './group.js';
import type { Listener } from './listener.js';
import { acquirePidFile } from './pid-file.js';

/** sun_path has 108 bytes, the last of them for a NUL. */
const PATH_LIMIT = 107;
/** Only the daemon's own user may connect; with a group, its members too. */
const UMASK = 0o077;
const GROUP_UMASK = 0o007;

/** What tells a file from another one that takes its place. */
export interface Identity {
  readonly dev: bigint;
  readonly ino: bigint;
}

/**
 * A Unix socket at a path, and the pid file beside it; both are removed with it.
 *
 * The socket is made under another name and appears at its path when it is {@link publish}ed, listening and with the right owner:
 * nobody ever finds one there that refuses. A socket that a dead process left is replaced; one that somebody listens
 * on, and any other file, is not touched.
 */
export class SocketPath implements Listener {
  readonly place: string;
  readonly #path: string;
  readonly #pidFile: PidFile;
  readonly #socket: OwnedFd;
  readonly #identity: Identity;
  /** Where the socket is now. */
  #name: string;
  #disposed = false;

  /** @throws StartError */
  constructor(path: string, group?: string) {
    checkPath(path);
    const gid = group === undefined ? undefined : groupId(group);
    this.#path = path;
    this.place = path;
    this.#pidFile = acquirePidFile(path);
    try {
      checkUnused(path);
      this.#name = provisionalName(path);
      // From an earlier attempt: it is ours alone, by the lock of the pid file.
      removeStale(this.#name);
      this.#socket = new OwnedFd(listen(this.#name, path, gid === undefined ? UMASK : GROUP_UMASK));
    } catch (error) {
      this.#pidFile.remove();
      throw error;
    }
    try {
      this.#identity = lstatSync(this.#name, { bigint: true });
      if (gid !== undefined) giveTo(this.#name, gid, group!);
    } catch (error) {
      this.#socket.close();
      unlinkSync(this.#name);
      this.#pidFile.remove();
      throw error instanceof StartError ? error : unusable(path, error);
    }
  }

  get fd(): number {
    return this.#socket.fd;
  }

  get lock(): number {
    return this.#pidFile.fd;
  }

  publish(): void {
    if (this.#name === this.#path) return;
    removeStale(this.#path);
    try {
      rename(this.#name, this.#path);
    } catch (error) {
      throw unusable(this.#path, error);
    }
    this.#name = this.#path;
  }

  /** Closes the socket and removes it and the pid file, unless somebody else's are there by now. Idempotent. */
  [Symbol.dispose](): void {
    // The next daemon's socket may have the very same number.
    if (this.#disposed) return;
    this.#disposed = true;
    this.#socket.close();
    removeIf(this.#name, this.#identity);
    try {
      this.#pidFile.remove();
    } catch {
      // Out of reach; the lock is given up all the same.
    }
  }
}

/** @throws StartError when no socket can be at a path */
export function checkPath(path: string): void {
  const length = Buffer.byteLength(path);
  if (length > PATH_LIMIT) {
    throw new StartError(
      `the socket path '${path}' has ${length} bytes, but the system takes at most ${PATH_LIMIT}: choose a shorter one`,
    );
  }
  const folder = dirname(path);
  try {
    if (statSync(folder).isDirectory()) return;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') {
      throw new StartError(
        `the folder '${folder}' for the socket does not exist: create it, or choose another path`,
      );
    }
    throw unusable(path, error);
  }
  throw new StartError(`'${folder}', where the socket should be, is not a directory: choose another path`);
}

/** A name in the same folder that fits into an address, too. */
function provisionalName(path: string): string {
  const name = `${path}.new`;
  return Buffer.byteLength(name) <= PATH_LIMIT
    ? name
    : join(dirname(path), basename(path) === '~' ? '-' : '~');
}

/** @returns what a dead process left at the path, if anything @throws StartError when anything else is there */
function checkUnused(path: string): Identity | undefined {
  const existing = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  if (!existing) return undefined;
  if (!existing.isSocket()) {
    throw new StartError(`'${path}' exists and is not a socket: remove it, or choose another socket path`);
  }
  try {
    // Of another type than ours, so that a daemon there is not taken for waiting for this very connection.
    close(unixConnect(path, { type: SOCK_DGRAM }));
  } catch (error) {
    switch (errorCode(error)) {
      case 'ECONNREFUSED':
        return existing;
      case 'ENOENT':
        return undefined;
      case 'EPROTOTYPE':
        break;
      default:
        throw unusable(path, error);
    }
  }
  throw new StartError(
    `somebody listens on the socket '${path}' already: stop that process, or choose another socket path`,
  );
}

/** Removes what a dead process left at a path. @throws StartError when anything else is there */
export function removeStale(path: string): void {
  const stale = checkUnused(path);
  if (stale) removeIf(path, stale);
}

/** Removes a socket, but no other file that has taken its place. */
export function removeIf(path: string, { dev, ino }: Identity): void {
  try {
    const found = lstatSync(path, { bigint: true });
    // By its type too: a file that came after the socket had been removed may have the same number.
    if (found.isSocket() && found.dev === dev && found.ino === ino) unlinkSync(path);
  } catch {
    // Gone already, or out of reach: whoever needs the place finds out.
  }
}

/** A Unix socket that listens; its mode is what `umask` leaves of 0777. @param path - how to call it in an error */
export function listen(name: string, path: string, umask: number): number {
  using _ = new ScopedUmask(umask);
  try {
    return unixListen(name, { flags: SOCK_NONBLOCK });
  } catch (error) {
    throw unusable(path, error);
  }
}

function giveTo(name: string, gid: number, group: string): void {
  try {
    lchownSync(name, -1, gid);
  } catch (error) {
    throw new StartError(
      `the socket cannot be given to the group '${group}' (${errorCode(error)}): run as root or as a member of it`,
    );
  }
}

function rename(from: string, to: string): void {
  try {
    renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);
  } catch (error) {
    // Not every file system can refuse to replace; nothing was there a moment ago.
    if (errorCode(error) !== 'EINVAL') throw error;
    renameat2(AT_FDCWD, from, AT_FDCWD, to);
  }
}

/** What to say when a socket cannot be made. */
export function unusable(path: string, error: unknown): StartError {
  switch (errorCode(error)) {
    case 'EACCES':
      return new StartError(
        `the socket '${path}' cannot be created: permission denied; choose a folder that this user may write to`,
      );
    case 'EADDRINUSE':
    case 'EEXIST':
      return new StartError(`somebody has just created '${path}': choose another socket path`);
    default:
      return new StartError(`the socket '${path}' cannot be created: ${(error as Error).message}`);
  }
}
