import { lstatSync } from 'node:fs';
import { OwnedFd } from '@vfs/sys';
import {
  checkPath,
  type Identity,
  listen,
  removeIf,
  removeStale,
  unusable,
} from '../life-cycle/socket-path.js';

/** Mode 0600. */
const UMASK = 0o177;

/** A Unix socket that metrics are published at: only for the user of this process. */
export class MetricsSocket implements Disposable {
  readonly #path: string;
  readonly #socket: OwnedFd;
  readonly #identity: Identity;

  /** @throws StartError */
  constructor(path: string) {
    checkPath(path);
    removeStale(path);
    this.#path = path;
    this.#socket = new OwnedFd(listen(path, path, UMASK));
    try {
      this.#identity = lstatSync(path, { bigint: true });
    } catch (error) {
      this.#socket.close();
      throw unusable(path, error);
    }
  }

  /** The descriptor, which is somebody else's to close from now on. */
  take(): number {
    return this.#socket.release();
  }

  /** Removes the socket. */
  [Symbol.dispose](): void {
    this.#socket.close();
    removeIf(this.#path, this.#identity);
  }
}
