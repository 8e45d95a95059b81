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
export {
  allCapabilities,
  type Capabilities,
  getAmbientSet,
  getBoundingSet,
  getCapabilities,
  lastCapability,
  limitBoundingSet,
  lowerAmbient,
  ScopedCapabilities,
  setAmbientSet,
  setCapabilities,
} from './capabilities.js';
export {
  type Capability,
  type CapabilityName,
  CapabilitySet,
  capabilityName,
  capabilityNumber,
} from './capability-set.js';
export { Child, type ChildChange, type ExitStatus, pidfdOpen, pidfdSendSignal, waitid } from './child.js';
export { MonotonicClock } from './clock.js';
export * from './constants/capability.js';
export * from './constants/errno.js';
export * from './constants/file.js';
export * from './constants/io.js';
export * from './constants/landlock.js';
export * from './constants/memory.js';
export * from './constants/mount.js';
export * from './constants/open.js';
export * from './constants/prctl.js';
export * from './constants/process.js';
export * from './constants/resource.js';
export * from './constants/seccomp.js';
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
export { DATAGRAM_MAX, notifyServiceManager, sendDatagram } from './datagram.js';
export { linkat, mkdirat, mknodat, readlinkat, renameat2, symlinkat, unlinkat } from './directory.js';
export { type Dirent, readDirents } from './dirents.js';
export { check, errnoName, SysError } from './errors.js';
export { eventfd, eventfdRead, eventfdWrite, poll } from './eventfd.js';
export { close, dup, type FdLike, OwnedFd } from './fd.js';
export {
  copyFileRange,
  type Fsxattr,
  faccessat2,
  ficlone,
  fstatfs,
  getFsxattr,
  getInodeFlags,
  type Statfs,
  setFsxattr,
  setInodeFlags,
  statfs,
  syncfs,
} from './file.js';
export { flock } from './flock.js';
export { type FileHandle, nameToHandleAt, openByHandleAt } from './handle.js';
export {
  checkIdMap,
  denySetgroups,
  formatIdMap,
  ID_MAP_MAX,
  IdMapHelperError,
  type IdMapKind,
  type IdMapping,
  type IdMaps,
  parseIdMap,
  runIdMapHelper,
  writeIdMap,
  writeIdMaps,
} from './id-map.js';
export { AT_POSITION, fallocate, fdatasync, fsync, type IoBuffer, lseek, readvAt, writevAt } from './io.js';
export { type LandlockRules, landlockRuleset, landlockVersion } from './landlock.js';
export { LossWatcher } from './loss-watcher.js';
export { type MapOptions, MappedMemory, type MemoryWindow, WINDOW_SIZE } from './memory.js';
export {
  type MountAttr,
  type MountOptions,
  mount,
  mountSetattr,
  moveMount,
  openTree,
  umount2,
} from './mount.js';
export { type MountInfo, mountId, parseMountinfo, readMountinfo, uniqueMountId } from './mountinfo.js';
export { setns, unshare } from './namespace.js';
export {
  addSeals,
  getDescriptorFlags,
  getSeals,
  getStatusFlags,
  memfdCreate,
  openat,
  openat2,
  openRelativeTo,
  setDescriptorFlags,
  setStatusFlags,
} from './open.js';
export { OsFacts } from './os-facts.js';
export { PidFile, type PidFileOptions, readPidFile } from './pid-file.js';
export {
  getDumpable,
  getKeepCaps,
  getNoNewPrivs,
  getParentDeathSignal,
  getSecurebits,
  prctl,
  setDumpable,
  setKeepCaps,
  setNoNewPrivs,
  setParentDeathSignal,
  setSecurebits,
} from './privilege.js';
export type { Raw } from './raw.js';
export type { RawFile } from './raw-file.js';
export type { RawIsolation } from './raw-isolation.js';
export { getRecordLock, type RecordLock, setRecordLock } from './record-lock.js';
export { getrlimit, type Rlimit, setrlimit } from './rlimit.js';
export { chdir, chroot, fchdir, pivotRoot } from './root.js';
export type { PathLike } from './scratch.js';
export {
  type ArgumentCondition,
  isSeccompActionAvailable,
  loadSeccomp,
  loadSeccompWithListener,
  receiveSeccompNotification,
  reportSeccompTraps,
  type SeccompAction,
  type SeccompNotification,
  type SeccompOptions,
  type SeccompRules,
  seccompProgram,
  seccompReturn,
} from './seccomp.js';
export { SegmentList, type WindowSource } from './segment-list.js';
export { type Signal, signalName, signalNumber } from './signal.js';
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
  type ExecCapabilities,
  SpawnError,
  SpawnedChild,
  type SpawnOptions,
  type SpawnStage,
  spawn,
} from './spawn.js';
export { SPLIT_CHAINS_LIMIT, SplitChainsLane, SplitChainsOrder, SplitChainsRow } from './split-chains.js';
export {
  decodeStatx,
  fchmod,
  fchmodat,
  fchownat,
  fstatat,
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
export type { Step, StepArgument, StepBytes } from './step.js';
export type { Steps } from './steps.js';
export {
  type SyscallArch,
  type SyscallName,
  syscallArch,
  syscallName,
  syscallNumber,
} from './syscall-names.js';
export {
  LOG_ALERT,
  LOG_CRIT,
  LOG_DAEMON,
  LOG_DEBUG,
  LOG_EMERG,
  LOG_ERR,
  LOG_INFO,
  LOG_NOTICE,
  LOG_USER,
  LOG_WARNING,
  Syslog,
  type SyslogOptions,
} from './syslog.js';
export { type Done, ThreadPool, type ThreadPoolOptions } from './thread-pool.js';
export { parseThreadStatus, readThreads, type ThreadStatus } from './threads.js';
export { joinI64, joinU64, type U64 } from './u64.js';
export { ScopedUmask, umask } from './umask.js';
export { WATCH_READABLE, WATCH_WRITABLE, Watcher } from './watcher.js';
export { getxattr, listxattr, procPath, removexattr, setxattr, type XattrTarget } from './xattr.js';
