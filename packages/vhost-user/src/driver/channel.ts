import { EAGAIN, ECONNREFUSED, ENOENT, SOCK_NONBLOCK, SysError, unixConnect } from '@vfs/sys';
import { frontendRequests } from '../message/catalog.js';
import { RequestChannel } from '../message/request_channel.js';
import { requestName } from '../message/requests.js';

/** Pause between two attempts to connect, in milliseconds. */
const CONNECT_INTERVAL = 10;
/** Nobody listens yet, or too many wait. */
const RETRIABLE = new Set([ENOENT, ECONNREFUSED, EAGAIN]);

/** The front-end's end of the socket. It knows the messages and not what they are for. */
export class FrontendChannel extends RequestChannel<typeof frontendRequests> {
  /** @param fd - a connected stream socket, owned from here on, even when the constructor throws */
  constructor(fd: number) {
    super(fd, frontendRequests, requestName);
  }

  /**
   * Connects to a back-end that listens at `path`.
   *
   * @param timeout - how long to try while nobody listens there, in milliseconds
   * @throws SysError of connect(2)
   */
  static async connect(path: string, timeout = 0): Promise<FrontendChannel> {
    const deadline = Date.now() + timeout;
    for (;;) {
      try {
        return new FrontendChannel(unixConnect(path, { flags: SOCK_NONBLOCK }));
      } catch (error) {
        if (!(error instanceof SysError && RETRIABLE.has(error.errno)) || Date.now() >= deadline) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, CONNECT_INTERVAL));
    }
  }
}
