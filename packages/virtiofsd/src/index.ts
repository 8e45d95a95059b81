/**
 * The virtio-fs daemon as a library: what the command `virtiofsd` is made of.
 *
 * ```text
 *   guest ── virtqueue ── Backend (@vfs/vhost-user) ── FileSystemDevice
 *                                                            │ one descriptor chain is one request
 *                                              Session (@vfs/fuse-proto)
 *                                                            │ one request is one method
 *                                              PassthroughFileSystem
 *                                                            │ one method is a system call or a few (@vfs/sys)
 *                                              the shared folder: Share
 * ```
 *
 * {@link mountFileSystem} puts the kernel of the own machine in the place of the guest, with any file system:
 *
 * ```text
 *   kernel ── /dev/fuse ── FuseDevice ── Session ── FileSystem
 * ```
 *
 * @packageDocumentation
 */
export { Daemon, type DaemonOptions, type DaemonState, type Ending } from './daemon.js';
export { FileSystemDevice, type FileSystemDeviceOptions, TAG_SIZE } from './device.js';
export { type DeviceEnding, FuseDevice, type FuseDeviceOptions } from './fuse-device/fuse-device.js';
export { FuseMount, type MountEnding, mountFileSystem } from './fuse-device/mount.js';
export type { MountFileSystemOptions } from './fuse-device/mount-options.js';
export {
  type IdKind,
  type IdTranslation,
  IdTranslationError,
  parseIdTranslation,
} from './id-translation/index.js';
export { LOG_LEVELS, Log, type Logger, type LogLevel } from './log.js';
export type { CreateFileSystem, ModuleContext } from './module/context.js';
export { Cells } from './observe/cells.js';
export { MetricsRecorder } from './observe/metrics-recorder.js';
export { type Audience, RequestObserver } from './observe/request-observer.js';
export { SlowRequests } from './observe/slow-requests.js';
export { TraceReader, type TraceRecord } from './observe/trace/reader.js';
export { TraceWriter, type TraceWriterOptions } from './observe/trace/writer.js';
export { completeOptions } from './options/complete.js';
export { type OptionEntry, UsageError } from './options/entry.js';
export type { Given } from './options/given.js';
export { OPTIONS } from './options/table/index.js';
export type { ModuleChoice, Options } from './options.js';
export { PassthroughFileSystem } from './passthrough/file-system.js';
export type { HandleRecord } from './passthrough/handle-table.js';
export { FileHandlesError } from './passthrough/mounts.js';
export { type NodeRecord, ROOT_ID } from './passthrough/node-table.js';
export { Share, type ShareOptions } from './passthrough/share.js';
export {
  type MakeFileSystem,
  type ServingOptions,
  servedFileSystem,
  shareOptions,
} from './served-file-system.js';
export { StartError } from './start-error.js';
export { parseXattrMap, XattrMap, XattrMapError } from './xattr-map/index.js';
