import { raw } from './binding.js';
import { ENAMETOOLONG } from './constants/errno.js';
import {
  AF_UNIX,
  SCM_MAX_FD,
  SO_PEERCRED,
  SOCK_CLOEXEC,
  SOCK_STREAM,
  SOL_SOCKET,
  UNIX_PATH_MAX,
} from './constants/socket.js';
import { check, SysError } from './errors.js';
import { close, type FdLike, fdOf } from './fd.js';
import { checkBytes, DATA, DATA_SIZE, PATH_A, type PathLike, pathText, scratch } from './scratch.js';
import { checkFlags, checkInt } from './u64.js';

/** Where the descriptors of a message go: behind its bytes. */
const FDS = DATA + DATA_SIZE - 1024;
/** The most bytes of one {@link sendMessage} or {@link receiveMessage}. */
export const MESSAGE_MAX = FDS - DATA;

const encoder = new TextEncoder();

/**
 * Places an AF_UNIX address: a path, or an abstract address when its first byte is NUL.
 *
 * @returns its length
 */
function placeAddress(path: PathLike, syscall: string): number {
  const bytes = typeof path === 'string' ? encoder.encode(path) : path;
  checkBytes(bytes, 'path');
  if (bytes.length === 0) throw new TypeError(`${syscall}: the address is empty`);
  if (bytes[0] !== 0 && bytes.includes(0)) throw new TypeError(`${syscall}: the path contains a NUL`);
  // One byte is for the NUL that ends a path.
  const limit = bytes[0] === 0 ? UNIX_PATH_MAX : UNIX_PATH_MAX - 1;
  if (bytes.length > limit) throw new SysError(ENAMETOOLONG, syscall, addressText(path));
  scratch.u8.set(bytes, PATH_A);
  return bytes.length;
}

/** An abstract address is shown with '@', as other tools do. */
function addressText(path: PathLike): string {
  return pathText(path).replace(/^\0/, '@');
}

/** How to make a socket. */
export interface UnixSocketOptions {
  /** SOCK_STREAM, SOCK_SEQPACKET or SOCK_DGRAM. @default SOCK_STREAM */
  readonly type?: number;
  /** SOCK_NONBLOCK or 0; SOCK_CLOEXEC is always added. @default 0 */
  readonly flags?: number;
}

/** An AF_UNIX socket: socket(2). */
export function unixSocket({ type = SOCK_STREAM, flags = 0 }: UnixSocketOptions = {}): number {
  const kind = checkFlags(type, 'type') | checkFlags(flags, 'flags') | SOCK_CLOEXEC;
  return check(raw.socket(AF_UNIX, kind, 0), 'socket');
}

/** Two connected AF_UNIX sockets: socketpair(2). */
export function unixSocketPair({ type = SOCK_STREAM, flags = 0 }: UnixSocketOptions = {}): [number, number] {
  const kind = checkFlags(type, 'type') | checkFlags(flags, 'flags') | SOCK_CLOEXEC;
  check(raw.socketpair(AF_UNIX, kind, 0, scratch.id, DATA), 'socketpair');
  return [scratch.i32[DATA / 4]!, scratch.i32[DATA / 4 + 1]!];
}

/** How to listen. */
export interface ListenOptions extends UnixSocketOptions {
  /** Connections that may wait to be accepted. @default 16 */
  readonly backlog?: number;
}

/**
 * A socket that listens at an address: socket(2), bind(2), listen(2). Nothing is removed: an old socket file is EADDRINUSE.
 *
 * @param path - at most 107 bytes; with a leading NUL an abstract address of at most 108
 * @throws {@link SysError} EADDRINUSE, EACCES, ENOENT, ENAMETOOLONG; no descriptor is left open
 */
export function unixListen(path: PathLike, options: ListenOptions = {}): number {
  const backlog = checkInt(options.backlog ?? 16, 'backlog', 0, 0x7fff_ffff);
  const fd = unixSocket(options);
  try {
    check(raw.bindUnix(fd, scratch.id, PATH_A, placeAddress(path, 'bind')), 'bind', addressText(path));
    check(raw.listen(fd, backlog), 'listen', addressText(path));
    return fd;
  } catch (error) {
    close(fd);
    throw error;
  }
}

/**
 * A socket connected to an address: socket(2), connect(2).
 *
 * @throws {@link SysError} ECONNREFUSED, ENOENT, EACCES, EAGAIN (backlog full, non-blocking); no descriptor is left open
 */
export function unixConnect(path: PathLike, options: UnixSocketOptions = {}): number {
  const fd = unixSocket(options);
  try {
    check(
      raw.connectUnix(fd, scratch.id, PATH_A, placeAddress(path, 'connect')),
      'connect',
      addressText(path),
    );
    return fd;
  } catch (error) {
    close(fd);
    throw error;
  }
}

/**
 * The next connection of a listening socket, however that came to be (an inherited one too): accept4(2).
 *
 * @param flags - SOCK_NONBLOCK; SOCK_CLOEXEC is always added. @default 0
 * @throws {@link SysError} EAGAIN when none waits and the socket is non-blocking; EMFILE, ECONNABORTED
 */
export function accept(fd: FdLike, flags = 0): number {
  return check(raw.accept4(fdOf(fd), checkFlags(flags, 'flags') | SOCK_CLOEXEC), 'accept4');
}

/** Ends one or both directions of a connection: shutdown(2). @param how - SHUT_RD, SHUT_WR or SHUT_RDWR */
export function shutdown(fd: FdLike, how: number): void {
  check(raw.shutdown(fdOf(fd), checkInt(how, 'how', 0, 2)), 'shutdown');
}

/** Who made the other end of a connection. */
export interface PeerCredentials {
  /** 0 when the process is not visible from here (another pid namespace). */
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

/** The credentials of the peer at the time it connected: getsockopt(2) SO_PEERCRED, unix(7). */
export function peerCredentials(fd: FdLike): PeerCredentials {
  check(raw.getsockopt(fdOf(fd), SOL_SOCKET, SO_PEERCRED, scratch.id, DATA, 12), 'getsockopt');
  const at = DATA / 4;
  return { pid: scratch.i32[at]!, uid: scratch.u32[at + 1]!, gid: scratch.u32[at + 2]! };
}

/** An integer option of level SOL_SOCKET: getsockopt(2). @param name - an SO_ constant */
export function getSocketOption(fd: FdLike, name: number): number {
  check(raw.getsockopt(fdOf(fd), SOL_SOCKET, checkFlags(name, 'name'), scratch.id, DATA, 4), 'getsockopt');
  return scratch.i32[DATA / 4]!;
}

/** Sets an integer option of level SOL_SOCKET: setsockopt(2). @param name - an SO_ constant */
export function setSocketOption(fd: FdLike, name: number, value: number): void {
  scratch.i32[DATA / 4] = checkInt(value, 'value', -0x8000_0000, 0x7fff_ffff);
  check(raw.setsockopt(fdOf(fd), SOL_SOCKET, checkFlags(name, 'name'), scratch.id, DATA, 4), 'setsockopt');
}

/**
 * Sends bytes and descriptors (SCM_RIGHTS): sendmsg(2), never with a SIGPIPE. The descriptors stay open here.
 *
 * @param bytes - at most {@link MESSAGE_MAX}; not empty when descriptors are sent over a stream, which carries them with a byte
 * @param fds - at most SCM_MAX_FD (253). @default none
 * @param flags - MSG_ flags such as MSG_DONTWAIT. @default 0
 * @returns the bytes sent; a stream that is full may take fewer, and has then taken the descriptors
 * @throws {@link SysError} EPIPE, EAGAIN, EBADF, ETOOMANYREFS
 */
export function sendMessage(fd: FdLike, bytes: Uint8Array, fds: readonly FdLike[] = [], flags = 0): number {
  const number = fdOf(fd);
  checkBytes(bytes, 'bytes');
  checkInt(bytes.length, 'bytes.length', 0, MESSAGE_MAX);
  checkInt(fds.length, 'fds.length', 0, SCM_MAX_FD);
  checkFlags(flags, 'flags');
  for (const [i, each] of fds.entries()) scratch.i32[FDS / 4 + i] = fdOf(each);
  scratch.u8.set(bytes, DATA);
  const result = raw.sendmsg(number, scratch.id, DATA, bytes.length, scratch.id, FDS, fds.length, flags);
  return check(result, 'sendmsg');
}

/** What came over a socket. The caller owns the descriptors, which are close-on-exec. */
export interface ReceivedMessage {
  /** Empty at the end of a stream. */
  readonly bytes: Uint8Array;
  readonly fds: number[];
}

/**
 * Receives bytes and descriptors: recvmsg(2) with MSG_CMSG_CLOEXEC.
 *
 * @param length - the most bytes to take, at most {@link MESSAGE_MAX}
 * @param maxFds - the most descriptors to accept, at most SCM_MAX_FD (253). @default 0
 * @param flags - MSG_ flags such as MSG_DONTWAIT. @default 0
 * @throws {@link SysError} EAGAIN, ECONNRESET; EMFILE when more descriptors came or could not be installed: all are closed, and
 *   the bytes are gone
 */
export function receiveMessage(fd: FdLike, length: number, maxFds = 0, flags = 0): ReceivedMessage {
  const number = fdOf(fd);
  checkInt(length, 'length', 0, MESSAGE_MAX);
  checkInt(maxFds, 'maxFds', 0, SCM_MAX_FD);
  checkFlags(flags, 'flags');
  const result = raw.recvmsg(number, scratch.id, DATA, length, scratch.id, FDS, maxFds, flags);
  // MSG_TRUNC makes it the length of the datagram, which may be more than was stored.
  const stored = Math.min(check(result, 'recvmsg'), length);
  const count = scratch.i32[FDS / 4]!;
  return {
    bytes: scratch.u8.slice(DATA, DATA + stored),
    fds: Array.from(scratch.i32.subarray(FDS / 4 + 1, FDS / 4 + 1 + count)),
  };
}
