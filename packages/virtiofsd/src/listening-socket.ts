import { lstatSync, statSync, unlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  close,
  OwnedFd,
  ScopedUmask,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SysError,
  unixConnect,
  unixListen,
} from '@vfs/sys';
import { errorCode, StartError } from './start-error.js';

/** sun_path has 108 bytes, the last of them for a NUL. */
const PATH_LIMIT = 107;
/** Only the daemon's own user may connect. */
const UMASK = 0o077;

/**
 * A Unix socket that listens at a path, which is removed with it.
 *
 * A socket that a dead process left there is replaced; one that somebody listens on, and any other file, is not touched.
 */
export class ListeningSocket implements Disposable {
  readonly path: string;
  readonly #socket: OwnedFd;
  readonly #identity: { readonly dev: bigint; readonly ino: bigint };

  /** @throws StartError */
  constructor(path: string) {
    this.path = path;
    checkPath(path);
    removeStale(path);
    this.#socket = new OwnedFd(listen(path));
    try {
      this.#identity = lstatSync(path, { bigint: true });
    } catch (error) {
      this.#socket.close();
      throw unusable(path, error);
    }
  }

  /** The descriptor, open as long as this object is not disposed of. */
  get fd(): number {
    return this.#socket.fd;
  }

  /** Closes the socket and removes the path, unless that is somebody else's by now. Idempotent. */
  [Symbol.dispose](): void {
    this.#socket.close();
    try {
      const found = lstatSync(this.path, { bigint: true });
      const { dev, ino } = this.#identity;
      // By its type too: a file that came after the socket had been removed may have the same number.
      if (found.isSocket() && found.dev === dev && found.ino === ino) unlinkSync(this.path);
    } catch {
      // Gone already, or out of reach: there is nobody left to tell.
    }
  }
}

function checkPath(path: string): void {
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

function removeStale(path: string): void {
  const existing = lstatSync(path, { throwIfNoEntry: false });
  if (!existing) return;
  if (!existing.isSocket()) {
    throw new StartError(`'${path}' exists and is not a socket: remove it, or choose another socket path`);
  }
  try {
    // Of another type than ours, so that a daemon there is not taken for waiting for this very connection.
    close(unixConnect(path, { type: SOCK_DGRAM }));
  } catch (error) {
    switch (errorCode(error)) {
      case 'ECONNREFUSED':
        unlinkStale(path);
        return;
      case 'ENOENT':
        return;
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

function unlinkStale(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw unusable(path, error);
  }
}

function listen(path: string): number {
  using _ = new ScopedUmask(UMASK);
  try {
    return unixListen(path, { flags: SOCK_NONBLOCK });
  } catch (error) {
    throw unusable(path, error);
  }
}

function unusable(path: string, error: unknown): StartError {
  if (errorCode(error) === 'EACCES') {
    return new StartError(
      `the socket '${path}' cannot be created: permission denied; choose a folder that this user may write to`,
    );
  }
  if (error instanceof SysError && error.code === 'EADDRINUSE') {
    return new StartError(`somebody has just created '${path}': choose another socket path`);
  }
  return new StartError(`the socket '${path}' cannot be created: ${(error as Error).message}`);
}
