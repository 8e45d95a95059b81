import { join } from 'node:path';
import {
  check,
  MappedMemory,
  MSG_DONTWAIT,
  OwnedFd,
  raw,
  receiveMessage,
  SOCK_DGRAM,
  SysError,
  unixSocket,
} from '@vfs/sys';
import { after, temporaryDirectory } from './fixture.js';

/** A socket that takes datagrams, as a service manager and a system logger have. */
export function datagrams(path = join(temporaryDirectory(), 'datagrams')) {
  const socket = new OwnedFd(unixSocket({ type: SOCK_DGRAM }));
  after(() => socket.close());
  const memory = MappedMemory.anonymous(256);
  const window = memory.windows[0]!;
  window.u8.set(Buffer.from(path));
  check(raw.bindUnix(socket.fd, window.id, 0, Buffer.byteLength(path)), 'bind');
  memory.unmap();
  return {
    path,
    close: () => socket.close(),
    /** What has come since this was asked last. */
    heard(): string[] {
      const messages: string[] = [];
      while (socket.fd >= 0) {
        try {
          messages.push(Buffer.from(receiveMessage(socket, 4096, 0, MSG_DONTWAIT).bytes).toString());
        } catch (error) {
          if (error instanceof SysError && error.code === 'EAGAIN') break;
          throw error;
        }
      }
      return messages;
    },
  };
}
