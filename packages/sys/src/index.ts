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
export { check, errnoName, SysError } from './errors.js';
export { close, dup, type FdLike, OwnedFd } from './fd.js';
export { type MapOptions, MappedMemory, type MemoryWindow, WINDOW_SIZE } from './memory.js';
export type { Raw } from './raw.js';
export { SegmentList } from './segment_list.js';
export { joinI64, joinU64, type U64 } from './u64.js';
export { WATCH_READABLE, WATCH_WRITABLE, Watcher } from './watcher.js';
