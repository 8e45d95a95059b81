import {
  type AccessIn,
  type AttrOut,
  type BytesIn,
  type BytesOut,
  type Connection,
  type Context,
  type CopyFileRangeIn,
  type CreateIn,
  type DataRange,
  type DirentList,
  type DirentPlusList,
  type EntryOut,
  type FallocateIn,
  type FileSystem,
  type FlushIn,
  type FsyncIn,
  FUSE_FSYNC_FDATASYNC,
  FUSE_OPEN_KILL_SUIDGID,
  FUSE_WRITE_CACHE,
  FUSE_WRITE_KILL_SUIDGID,
  type GetattrIn,
  type IoctlIn,
  type IoctlOut,
  type Kstatfs,
  type LkIn,
  type LkOut,
  type LseekIn,
  type LseekOut,
  type MkdirIn,
  type MknodIn,
  type Name,
  type OpenIn,
  type OpenOut,
  type Outcome,
  type ReadIn,
  type ReleaseIn,
  type SetattrIn,
  type SetxattrIn,
  type StatxIn,
  type StatxOut,
  type WriteIn,
} from '@vfs/fuse-proto';
import { AT_REMOVEDIR, EBADF, EINVAL, ENOTDIR, ESTALE, O_APPEND, RWF_APPEND, raw, S_IFDIR } from '@vfs/sys';
import { checkAccess } from './access.js';
import { changeAttributes, readAttributes } from './attribute-changes.js';
import { copyRange } from './copy.js';
import { readInto, writeFrom, writeRenouncing } from './data.js';
import { enter, linkEntry, makeEntry, readLink, removeEntry, renameEntry } from './entry-changes.js';
import { readExtendedStat } from './extended-stat.js';
import { created, createFile, createUnnamed } from './file-creation.js';
import { fileIoctl } from './ioctl.js';
import { hasSetId, lacksPrivilege, offloadChange } from './kill-privileges.js';
import { list, listPlus } from './listing.js';
import { getLock, setLock, unlockAtFlush, unlockAtRelease } from './locks/locks.js';
import { negotiate } from './negotiation.js';
import { fillEntry, forgetLookups } from './nodes.js';
import { offload } from './offload.js';
import { replyFlags } from './open-flags.js';
import { closeHandle, flushHandle, openDirectory, openFile } from './opening.js';
import { dropRemappedCapabilityOfOpen } from './remapped-capability.js';
import { WHOLE } from './segment-io.js';
import type { Share } from './share.js';
import { NO_SLOT } from './slot-ids.js';
import { fillStatistics } from './statistics.js';
import { syncFileSystem } from './syncing.js';
import { underUmask } from './umask.js';
import { getAttribute, listAttributes, removeAttribute, setAttribute } from './xattr-operations.js';

const PERMISSIONS = 0o7777;

/**
 * A folder of the host as a FUSE file system: each request is a system call or a few on the real files.
 *
 * The guest's kernel has done the permission checks, so everything but creation happens as the daemon's user. A node id that is
 * not known is answered ESTALE, which makes the guest look the name up again; an unknown handle, or one of another node, EBADF.
 */
export class PassthroughFileSystem implements FileSystem {
  readonly #share: Share;

  constructor(share: Share) {
    this.#share = share;
  }

  init(connection: Connection): number {
    this.#share.reset();
    return negotiate(this.#share, connection);
  }

  destroy(): void {
    this.#share.reset();
  }

  lookup(_context: Context, parent: number, name: Name, reply: EntryOut): number {
    return enter(this.#share, parent, name, reply);
  }

  forget(id: number, count: number): void {
    forgetLookups(this.#share, id, count);
  }

  getattr(_context: Context, id: number, _input: GetattrIn, reply: AttrOut): number {
    return this.#readAttributes(id, reply);
  }

  setattr(_context: Context, id: number, input: SetattrIn, reply: AttrOut): Outcome {
    const slot = this.#share.nodes.slotOf(id);
    if (slot === NO_SLOT) return -ESTALE;
    const outcome = changeAttributes(this.#share, id, slot, input);
    if (typeof outcome !== 'number') {
      return outcome.then((result) => (result < 0 ? result : this.#readAttributes(id, reply)));
    }
    return outcome < 0 ? outcome : readAttributes(this.#share, slot, reply);
  }

  readlink(_context: Context, id: number, reply: BytesOut): number {
    return readLink(this.#share, id, reply);
  }

  symlink(context: Context, parent: number, name: Name, target: Name, reply: EntryOut): number {
    const { scratch } = this.#share;
    const error = scratch.putTarget(target);
    if (error < 0) return error;
    return makeEntry(this.#share, context, parent, name, reply, (directory, window) =>
      raw.symlinkat(window, scratch.path, directory, window, scratch.name),
    );
  }

  mknod(context: Context, parent: number, name: Name, input: MknodIn, reply: EntryOut): number {
    const { scratch } = this.#share;
    // The encoding of the device number is that of the kernel's dev_t in 32 bits, and so of the low half of libc's.
    return makeEntry(this.#share, context, parent, name, reply, (directory, window) =>
      underUmask(this.#share, input.umask, () =>
        raw.mknodat(directory, window, scratch.name, input.mode, input.rdev | 0, 0),
      ),
    );
  }

  mkdir(context: Context, parent: number, name: Name, input: MkdirIn, reply: EntryOut): number {
    const { scratch } = this.#share;
    return makeEntry(this.#share, context, parent, name, reply, (directory, window) =>
      underUmask(this.#share, input.umask, () =>
        raw.mkdirat(directory, window, scratch.name, input.mode & PERMISSIONS),
      ),
    );
  }

  unlink(_context: Context, parent: number, name: Name): number {
    return removeEntry(this.#share, parent, name, 0);
  }

  rmdir(_context: Context, parent: number, name: Name): number {
    return removeEntry(this.#share, parent, name, AT_REMOVEDIR);
  }

  rename(
    context: Context,
    parent: number,
    name: Name,
    newParent: number,
    newName: Name,
    flags: number,
  ): number {
    return renameEntry(this.#share, context, parent, name, newParent, newName, flags);
  }

  link(_context: Context, id: number, newParent: number, newName: Name, reply: EntryOut): number {
    return linkEntry(this.#share, id, newParent, newName, reply);
  }

  open(context: Context, id: number, input: OpenIn, reply: OpenOut): number {
    const { nodes } = this.#share;
    const slot = nodes.slotOf(id);
    if (slot === NO_SLOT) return -ESTALE;
    const handle = openFile(this.#share, slot, input.flags, this.#kills(context, input));
    return handle < 0 ? handle : this.#opened(handle, reply);
  }

  create(
    context: Context,
    parent: number,
    name: Name,
    input: CreateIn,
    entry: EntryOut,
    reply: OpenOut,
  ): number {
    const { scratch, nodes } = this.#share;
    const slot = nodes.slotOf(parent);
    if (slot === NO_SLOT) return -ESTALE;
    let error = scratch.putName(scratch.name, name);
    if (error < 0) return error;
    const { flags, mode, umask } = input;
    const kills = this.#kills(context, input);
    error = createFile(this.#share, context, slot, { flags, mode, umask, kills });
    if (error < 0) return error;
    fillEntry(this.#share, created.slot, entry);
    return this.#opened(created.handle, reply);
  }

  tmpfile(context: Context, parent: number, input: CreateIn, entry: EntryOut, reply: OpenOut): number {
    const slot = this.#share.nodes.slotOf(parent);
    if (slot === NO_SLOT) return -ESTALE;
    const { flags, mode, umask } = input;
    const error = createUnnamed(this.#share, context, slot, { flags, mode, umask, kills: false });
    if (error < 0) return error;
    fillEntry(this.#share, created.slot, entry);
    return this.#opened(created.handle, reply);
  }

  read(_context: Context, id: number, input: ReadIn, sink: DataRange): Outcome {
    const { handles } = this.#share;
    const handle = handles.slotOf(input.fh_lo, input.fh_hi, id);
    if (handle === NO_SLOT) return -EBADF;
    return readInto(this.#share, handle, input.offset_lo, input.offset_hi, sink);
  }

  write(_context: Context, id: number, input: WriteIn, source: DataRange): Outcome {
    const { handles } = this.#share;
    const handle = handles.slotOf(input.fh_lo, input.fh_hi, id);
    if (handle === NO_SLOT) return -EBADF;
    const { offset_lo, offset_hi, write_flags } = input;
    const how = this.#appends(input) ? RWF_APPEND : 0;
    const flags = write_flags & FUSE_WRITE_CACHE ? how | WHOLE : how;
    const descriptor = handles.descriptorOf(handle);
    const error = dropRemappedCapabilityOfOpen(this.#share, descriptor);
    if (error < 0) return error;
    const renounces = write_flags & FUSE_WRITE_KILL_SUIDGID && hasSetId(this.#share, descriptor);
    const write = renounces ? writeRenouncing : writeFrom;
    return write(this.#share, handle, offset_lo, offset_hi, source, flags);
  }

  /** A close(2) of the guest. */
  flush(_context: Context, id: number, input: FlushIn): Outcome {
    const handle = this.#share.handles.slotOf(input.fh_lo, input.fh_hi, id);
    if (handle === NO_SLOT) return -EBADF;
    unlockAtFlush(this.#share, id, input);
    return flushHandle(this.#share, handle);
  }

  release(_context: Context, id: number, input: ReleaseIn): number {
    const handle = this.#share.handles.slotOf(input.fh_lo, input.fh_hi, id);
    if (handle === NO_SLOT) return -EBADF;
    unlockAtRelease(this.#share, id, handle, input);
    closeHandle(this.#share, handle);
    return 0;
  }

  fsync(_context: Context, id: number, input: FsyncIn): Outcome {
    const { handles } = this.#share;
    const handle = handles.slotOf(input.fh_lo, input.fh_hi, id);
    if (handle === NO_SLOT) return -EBADF;
    const descriptor = handles.descriptorOf(handle);
    const call = input.fsync_flags & FUSE_FSYNC_FDATASYNC ? 'fdatasync' : 'fsync';
    return offload(this.#share, descriptor, call, descriptor);
  }

  opendir(_context: Context, id: number, _input: OpenIn, reply: OpenOut): number {
    const { nodes, handles, caching } = this.#share;
    const slot = nodes.slotOf(id);
    if (slot === NO_SLOT) return -ESTALE;
    if (nodes.typeOf(slot) !== S_IFDIR) return -ENOTDIR;
    const handle = openDirectory(this.#share, slot);
    if (handle < 0) return handle;
    reply.fh = handles.idOf(handle);
    reply.open_flags = caching.directory;
    return 0;
  }

  readdir(_context: Context, id: number, input: ReadIn, reply: DirentList): number {
    const { handles, nodes } = this.#share;
    const handle = handles.slotOf(input.fh_lo, input.fh_hi, id);
    if (handle === NO_SLOT) return -EBADF;
    const stream = handles.streamOf(handle);
    if (!stream) return -ENOTDIR;
    return list(this.#share, nodes.slotOf(id), stream, input.offset_lo, input.offset_hi, reply);
  }

  readdirplus(_context: Context, id: number, input: ReadIn, reply: DirentPlusList): number {
    const { handles, nodes } = this.#share;
    const handle = handles.slotOf(input.fh_lo, input.fh_hi, id);
    if (handle === NO_SLOT) return -EBADF;
    const stream = handles.streamOf(handle);
    if (!stream) return -ENOTDIR;
    const descriptor = handles.descriptorOf(handle);
    const slot = nodes.slotOf(id);
    return listPlus(this.#share, slot, descriptor, stream, input.offset_lo, input.offset_hi, reply);
  }

  releasedir(context: Context, id: number, input: ReleaseIn): number {
    return this.release(context, id, input);
  }

  fsyncdir(context: Context, id: number, input: FsyncIn): Outcome {
    return this.fsync(context, id, input);
  }

  statfs(_context: Context, id: number, reply: Kstatfs): number {
    const slot = this.#share.nodes.slotOf(id);
    return slot === NO_SLOT ? -ESTALE : fillStatistics(this.#share, slot, reply);
  }

  syncfs(_context: Context, id: number): Outcome {
    const slot = this.#share.nodes.slotOf(id);
    return slot === NO_SLOT ? -ESTALE : syncFileSystem(this.#share, slot);
  }

  lseek(_context: Context, id: number, input: LseekIn, reply: LseekOut): number {
    const { handles, scratch } = this.#share;
    const handle = handles.slotOf(input.fh_lo, input.fh_hi, id);
    if (handle === NO_SLOT) return -EBADF;
    // The position of a directory is the reader's own.
    if (handles.streamOf(handle)) return -EINVAL;
    const error = raw.lseek(
      handles.descriptorOf(handle),
      input.offset_lo,
      input.offset_hi,
      input.whence,
      scratch.window.id,
      scratch.result,
    );
    if (error < 0) return error;
    reply.offset_lo = scratch.window.u32[scratch.result >> 2]!;
    reply.offset_hi = scratch.window.u32[(scratch.result >> 2) + 1]!;
    return 0;
  }

  fallocate(context: Context, id: number, input: FallocateIn): Outcome {
    const { handles } = this.#share;
    const handle = handles.slotOf(input.fh_lo, input.fh_hi, id);
    if (handle === NO_SLOT) return -EBADF;
    const descriptor = handles.descriptorOf(handle);
    return offloadChange(
      this.#share,
      descriptor,
      lacksPrivilege(this.#share, context),
      'fallocate',
      descriptor,
      input.mode | 0,
      input.offset_lo,
      input.offset_hi,
      input.length_lo,
      input.length_hi,
    );
  }

  statx(_context: Context, id: number, input: StatxIn, reply: StatxOut): number {
    const slot = this.#share.nodes.slotOf(id);
    return slot === NO_SLOT ? -ESTALE : readExtendedStat(this.#share, slot, input, reply);
  }

  ioctl(
    context: Context,
    id: number,
    input: IoctlIn,
    argument: BytesIn,
    _reply: IoctlOut,
    output: BytesOut,
  ): number {
    return fileIoctl(this.#share, context, id, input, argument, output);
  }

  getlk(_context: Context, id: number, input: LkIn, reply: LkOut): number {
    return getLock(this.#share, id, input, reply);
  }

  setlk(context: Context, id: number, input: LkIn, wait: boolean): Outcome {
    return setLock(this.#share, context, id, input, wait);
  }

  setxattr(_context: Context, id: number, name: Name, value: BytesIn, input: SetxattrIn): number {
    return setAttribute(this.#share, id, name, value, input);
  }

  getxattr(_context: Context, id: number, name: Name, reply: BytesOut): number {
    return getAttribute(this.#share, id, name, reply);
  }

  listxattr(_context: Context, id: number, reply: BytesOut): number {
    return listAttributes(this.#share, id, reply);
  }

  removexattr(_context: Context, id: number, name: Name): number {
    return removeAttribute(this.#share, id, name);
  }

  copy_file_range(context: Context, id: number, input: CopyFileRangeIn): Outcome {
    return copyRange(this.#share, context, id, input);
  }

  access(context: Context, id: number, input: AccessIn): number {
    return checkAccess(this.#share, context, id, input.mask);
  }

  #readAttributes(id: number, reply: AttrOut): number {
    const slot = this.#share.nodes.slotOf(id);
    return slot === NO_SLOT ? -ESTALE : readAttributes(this.#share, slot, reply);
  }

  /**
   * A page that comes out of the guest's cache knows its place; other writes go to wherever the end is now. But a guest that keeps
   * writes back knows best where that is.
   */
  #appends(input: WriteIn): boolean {
    if (this.#share.agreed.writeback) return false;
    return (input.flags & O_APPEND) !== 0 && (input.write_flags & FUSE_WRITE_CACHE) === 0;
  }

  #opened(handle: number, reply: OpenOut): number {
    const { handles } = this.#share;
    reply.fh = handles.idOf(handle);
    reply.open_flags = replyFlags(this.#share, handle);
    return 0;
  }

  /** Whether opening takes set-id bits away, if it truncates: the request says so, or nothing does but the caller's id. */
  #kills(context: Context, input: OpenIn | CreateIn): boolean {
    if (input.open_flags & FUSE_OPEN_KILL_SUIDGID) return true;
    return !this.#share.agreed.killprivV2 && lacksPrivilege(this.#share, context);
  }
}
