import { raw } from './binding.js';
import { ENAMETOOLONG } from './constants/errno.js';
import { SOCK_DGRAM, UNIX_PATH_MAX } from './constants/socket.js';
import { check, SysError } from './errors.js';
import { close, type FdLike, fdOf } from './fd.js';
import { checkBytes, DATA, DATA_SIZE, PATH_A, type PathLike, pathText, scratch } from './scratch.js';
import { unixSocket } from './socket.js';
import { checkFlags, checkInt } from './u64.js';

/** The most bytes of one {@link sendDatagram}. */
export const DATAGRAM_MAX = DATA_SIZE;

const encoder = new TextEncoder();

/**
 * Sends a datagram over an AF_UNIX socket to an address: sendto(2), never with a SIGPIPE.
 *
 * @param fd - a socket of `unixSocket({ type: SOCK_DGRAM })`
 * @param bytes - at most {@link DATAGRAM_MAX}
 * @param address - a path of at most 107 bytes; with a leading NUL an abstract address of at most 108
 * @param flags - MSG_DONTWAIT. @default 0
 * @throws {@link SysError} ECONNREFUSED and ENOENT when nobody receives, EAGAIN when the receiver's queue is full
 *   and MSG_DONTWAIT or a non-blocking socket says not to wait, EMSGSIZE, EACCES, EPROTOTYPE for a receiver that is
 *   no datagram socket, EISCONN
 */
export function sendDatagram(fd: FdLike, bytes: Uint8Array, address: PathLike, flags = 0): void {
  const number = fdOf(fd);
  checkBytes(bytes, 'bytes');
  checkInt(bytes.length, 'bytes.length', 0, DATAGRAM_MAX);
  checkFlags(flags, 'flags');
  const path = typeof address === 'string' ? encoder.encode(address) : address;
  checkBytes(path, 'address');
  const abstract = path[0] === 0;
  if (path.length === 0) throw new TypeError('address is empty');
  if (!abstract && path.includes(0)) throw new TypeError('address contains a NUL');
  const shown = pathText(address).replace(/^\0/, '@');
  // One byte is for the NUL that ends a path.
  if (path.length > (abstract ? UNIX_PATH_MAX : UNIX_PATH_MAX - 1))
    throw new SysError(ENAMETOOLONG, 'sendto', shown);
  scratch.u8.set(path, PATH_A);
  scratch.u8.set(bytes, DATA);
  const result = raw.sendtoUnix(
    number,
    scratch.id,
    DATA,
    bytes.length,
    scratch.id,
    PATH_A,
    path.length,
    flags,
  );
  check(result, 'sendto', shown);
}

/**
 * Tells the service manager about the state of the service, as sd_notify(3): sends `state` to the socket that
 * $NOTIFY_SOCKET names, a path or an abstract address.
 *
 * ```ts
 * notifyServiceManager('READY=1\nSTATUS=Waiting for a connection');
 * ```
 *
 * @param state - assignments, separated by newlines
 * @param socket - the address, `@` standing for the NUL of an abstract one. @default $NOTIFY_SOCKET
 * @returns false when there is no service manager to tell
 * @throws {@link SysError} of {@link sendDatagram}
 * @throws RangeError for an address of another kind than these two (vsock)
 */
export function notifyServiceManager(state: string, socket = process.env['NOTIFY_SOCKET']): boolean {
  if (socket === undefined || socket === '') return false;
  if (!/^[@/]/.test(socket)) throw new RangeError(`the address '${socket}' is neither a path nor abstract`);
  const fd = unixSocket({ type: SOCK_DGRAM });
  try {
    sendDatagram(fd, encoder.encode(state), socket.replace(/^@/, '\0'));
    return true;
  } finally {
    close(fd);
  }
}
