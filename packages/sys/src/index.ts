/**
 * Linux system calls for Node, in two tiers over one addon.
 *
 * ```text
 *   openat(AT_FDCWD, '/etc/passwd', O_RDONLY)      safe tier: strings, typed arrays, objects; throws SysError
 *        │ places its strings in private memory
 *   raw.openat(AT_FDCWD, window, offset, 0, 0)     raw tier: 32-bit integers in, the value or −errno out
 *        │ one generic trampoline, every place checked
 *   openat(2)
 * ```
 *
 * Memory that system calls see is {@link MappedMemory}, looked at through {@link MemoryWindow}s of at most 1 GiB; a
 * {@link SegmentList} names many pieces of it. A {@link Watcher} waits for a descriptor on the event loop.
 *
 * @packageDocumentation
 */
export { raw } from './binding.js';
export * from './constants/errno.js';
export * from './constants/io.js';
export * from './constants/memory.js';
export * from './constants/open.js';
export * from './constants/resource.js';
export * from './constants/socket.js';
export * from './constants/stat.js';
export {
  type Credentials,
  getgroups,
  getresgid,
  getresuid,
  type Ids,
  ScopedCredentials,
  setgroups,
  setresgid,
  setresuid,
  UNCHANGED,
} from './credentials.js';
export { linkat, mkdirat, mknodat, readlinkat, renameat2, symlinkat, unlinkat } from './directory.js';
export { check, errnoName, SysError } from './errors.js';
export { eventfd, eventfdRead, eventfdWrite, poll } from './eventfd.js';
export { close, dup, type FdLike, OwnedFd } from './fd.js';
export { AT_POSITION, fallocate, fdatasync, fsync, type IoBuffer, lseek, readvAt, writevAt } from './io.js';
export { type MapOptions, MappedMemory, type MemoryWindow, WINDOW_SIZE } from './memory.js';
export {
  addSeals,
  getDescriptorFlags,
  getSeals,
  getStatusFlags,
  memfdCreate,
  OsFacts,
  openat,
  openat2,
  openRelativeTo,
  setDescriptorFlags,
  setStatusFlags,
} from './open.js';
export type { Raw } from './raw.js';
export { getrlimit, type Rlimit, setrlimit } from './rlimit.js';
export type { PathLike } from './scratch.js';
export { SegmentList } from './segment_list.js';
export {
  accept,
  getSocketOption,
  type ListenOptions,
  MESSAGE_MAX,
  type PeerCredentials,
  peerCredentials,
  type ReceivedMessage,
  receiveMessage,
  sendMessage,
  setSocketOption,
  shutdown,
  type UnixSocketOptions,
  unixConnect,
  unixListen,
  unixSocket,
  unixSocketPair,
} from './socket.js';
export {
  decodeStatx,
  fchmod,
  fchmodat,
  fchownat,
  fstatx,
  ftruncate,
  futimens,
  SIZEOF_STATX,
  STATX_OFFSETS,
  type Statx,
  type StatxTimestamp,
  statx,
  type TimeSpec,
  utimensat,
} from './stat.js';
export { joinI64, joinU64, type U64 } from './u64.js';
export { ScopedUmask, umask } from './umask.js';
export { WATCH_READABLE, WATCH_WRITABLE, Watcher } from './watcher.js';
