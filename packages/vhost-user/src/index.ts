/**
 * vhost-user in TypeScript: the protocol between a VMM (the front-end) and a process that implements a virtio device
 * (the back-end), from both sides.
 *
 * ```text
 *   front-end                                   back-end
 *   ─────────────────── Unix socket ──────────────────
 *   GET_FEATURES               →
 *                              ←   features
 *   SET_MEM_TABLE + memfds     →   mmap
 *   SET_VRING_NUM, ADDR, BASE  →
 *   SET_VRING_KICK + eventfd   →
 *   SET_VRING_CALL + eventfd   →
 *   SET_VRING_ENABLE           →
 *   ────────── shared memory and eventfds ────────────
 *   available ring, kick       →   pop a descriptor chain
 *                              ←   used ring, call
 *   ─────────────────── Unix socket ──────────────────
 *   GET_VRING_BASE             →   complete what is in flight
 *                              ←   position in the available ring
 * ```
 *
 * @packageDocumentation
 */
export { Backend, type BackendOptions, MAX_QUEUES } from './backend/backend.js';
export { BackendChannel } from './backend/backend_channel.js';
export type { Device } from './device.js';
export type { BackendRequestHandler, DecodedBackendRequest } from './driver/backend_requests.js';
export { FrontendChannel } from './driver/channel.js';
export { DriverQueue, type DriverQueueOptions, type RequestPart } from './driver/driver_queue.js';
export { Frontend, type FrontendOptions } from './driver/frontend.js';
export { DriverMemory, DriverRegion, type DriverRegionOptions, type GuestBuffer } from './driver/memory.js';
export { PackedDriver } from './driver/packed_driver.js';
export type {
  IndirectMemory,
  RingDriver,
  RingDriverOptions,
  Segment,
  Used,
} from './driver/ring_driver.js';
export { SplitDriver, type SplitDriverOptions, writeDescriptor } from './driver/split_driver.js';
export * from './errors.js';
export * from './features.js';
export { type Logger, silentLogger } from './logger.js';
export { DirtyLog, dirtyLogSize, LOG_PAGE_SIZE } from './memory/dirty_log.js';
export { Append, GuestMemory } from './memory/guest_memory.js';
export { MemoryRegion } from './memory/region.js';
export {
  backendRequests,
  frontendRequests,
  type ReplyBody,
  type RequestBody,
  type RequestInput,
  type RequestRule,
} from './message/catalog.js';
export * from './message/header.js';
export * from './message/payloads.js';
export { RequestChannel } from './message/request_channel.js';
export * from './message/requests.js';
export { type Codec, Struct, type StructInput, type StructValue } from './message/struct.js';
export { Chain, type ChainOwner } from './ring/chain.js';
export { ChainPool } from './ring/chain_pool.js';
export * from './ring/layout.js';
export {
  descStatePacked,
  type LeftChain,
  PackedInflight,
  type PackedPosition,
  type PackedRingFlags,
  packedInflightSize,
  queueRegionPacked,
} from './ring/packed_inflight.js';
export * from './ring/packed_layout.js';
export { PackedQueue, type PackedQueueOptions } from './ring/packed_queue.js';
export { descStateSplit, queueRegionSplit, SplitInflight, splitInflightSize } from './ring/split_inflight.js';
export { SplitQueue, type SplitQueueOptions } from './ring/split_queue.js';
export type { DirtyTracker, RingParts, VirtQueue, VirtQueueOptions } from './ring/virtqueue.js';
export type { U64 } from './u64.js';
