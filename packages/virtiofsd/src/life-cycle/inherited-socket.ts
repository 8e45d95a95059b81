import {
  AF_UNIX,
  FD_CLOEXEC,
  getSocketOption,
  OwnedFd,
  SO_ACCEPTCONN,
  SO_DOMAIN,
  SO_TYPE,
  SOCK_STREAM,
  setDescriptorFlags,
} from '@vfs/sys';
import { errorCode, StartError } from '../start-error.js';
import type { Listener } from './listener.js';

/** A socket that was opened and is removed by whoever has started the daemon. */
export class InheritedSocket implements Listener {
  readonly place: string;
  readonly #socket: OwnedFd;

  /**
   * Takes the descriptor over.
   *
   * @throws StartError when it is not a Unix stream socket that listens
   */
  constructor(fd: number) {
    this.place = `the inherited descriptor ${fd}`;
    const wrong = wrongWith(fd);
    if (wrong !== undefined) {
      throw new StartError(`${this.place} ${wrong}: pass a Unix stream socket that listens`);
    }
    setDescriptorFlags(fd, FD_CLOEXEC);
    this.#socket = new OwnedFd(fd);
  }

  get fd(): number {
    return this.#socket.fd;
  }

  publish(): void {
    // Whoever has made it has done that.
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }
}

function wrongWith(fd: number): string | undefined {
  try {
    if (getSocketOption(fd, SO_DOMAIN) !== AF_UNIX) return 'is not a Unix socket';
    if (getSocketOption(fd, SO_TYPE) !== SOCK_STREAM) return 'is not a stream socket';
    if (getSocketOption(fd, SO_ACCEPTCONN) === 0) return 'does not listen (it may be a connected socket)';
    return undefined;
  } catch (error) {
    switch (errorCode(error)) {
      case 'EBADF':
        return 'is not open';
      case 'ENOTSOCK':
        return 'is not a socket';
      default:
        throw error;
    }
  }
}
