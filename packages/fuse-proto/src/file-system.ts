import type {
  AccessIn,
  AttrOut,
  BmapIn,
  BmapOut,
  CopyFileRangeIn,
  CreateIn,
  EntryOut,
  FallocateIn,
  FlushIn,
  FsyncIn,
  GetattrIn,
  IoctlIn,
  IoctlOut,
  Kstatfs,
  LkIn,
  LkOut,
  LseekIn,
  LseekOut,
  MkdirIn,
  MknodIn,
  NotifyRetrieveIn,
  OpenIn,
  OpenOut,
  PollIn,
  PollOut,
  ReadIn,
  ReleaseIn,
  RemovemappingOne,
  SetattrIn,
  SetupmappingIn,
  SetxattrIn,
  StatxIn,
  StatxOut,
  WriteIn,
} from './abi/views.js';
import type { Connection } from './connection.js';
import type { Context } from './context.js';
import type { BytesOut, DataRange } from './data.js';
import type { DirentList, DirentPlusList } from './dirent-list.js';
import type { Later } from './later.js';
import type { BytesIn, Name } from './name.js';

/**
 * The result of a method: 0 or a count of bytes for success, −errno for failure; now, or later as a Promise or a {@link Later}.
 *
 * A method may also fail by throwing (or rejecting with) an error that has a numeric `errno`. Anything else
 * thrown is a bug: it is logged, and that one request is answered EIO.
 */
export type Outcome = number | PromiseLike<number>;

/**
 * A file system, as the kernel's FUSE driver sees one. Every method is optional: the session answers ENOSYS
 * for those that are missing, and the kernel then mostly stops asking.
 *
 * - `nodeid` and `parent` are ids that this file system handed out in an `EntryOut`, or FUSE_ROOT_ID. Each
 *   entry reply with a nodeid counts as one lookup; `forget` takes lookups back, and an id may be dropped
 *   when none is left. Ids stay below 2^53; the session answers ESTALE for larger ones by itself.
 * - Handles (`fh`) are whatever the file system put into an `OpenOut`.
 * - `input` is the request's fixed part, `reply` a zeroed structure to fill in. Both, and `ctx`, names and
 *   data, belong to the request and are valid until its result has settled.
 * - Times that structures call `*_valid` say how long the kernel may cache, in seconds and nanoseconds.
 * - After a reset, methods that returned a Promise may still be running while `destroy` and the next `init`
 *   are called; their results are dropped.
 */
export interface FileSystem {
  /** The first request of a session. A negative outcome refuses the mount with that errno. */
  // biome-ignore lint/suspicious/noConfusingVoidType: returning nothing is the usual way to agree
  init?(connection: Connection): Outcome | void;
  /**
   * The session has ended: all nodes and handles are void, those too that a request which still waits is about to
   * make: nobody will hear of them. Not called if `init` has failed.
   */
  destroy?(): void;

  /**
   * Finds an entry. With nodeid 0 in the reply and success, the absence itself is cached for `entry_valid`.
   * "." and ".." are asked for only if FUSE_EXPORT_SUPPORT was agreed on.
   */
  lookup?(ctx: Context, parent: number, name: Name, reply: EntryOut): Outcome;
  /** Takes back `nlookup` lookups (clipped to 2^53−1) of a node. There is no reply and no failing. */
  forget?(nodeid: number, nlookup: number): void;

  getattr?(ctx: Context, nodeid: number, input: GetattrIn, reply: AttrOut): Outcome;
  /** Changes what the FATTR_* bits in `input.valid` name; the reply has all attributes as they are then. */
  setattr?(ctx: Context, nodeid: number, input: SetattrIn, reply: AttrOut): Outcome;
  readlink?(ctx: Context, nodeid: number, reply: BytesOut): Outcome;
  symlink?(ctx: Context, parent: number, name: Name, target: Name, reply: EntryOut): Outcome;
  mknod?(ctx: Context, parent: number, name: Name, input: MknodIn, reply: EntryOut): Outcome;
  mkdir?(ctx: Context, parent: number, name: Name, input: MkdirIn, reply: EntryOut): Outcome;
  unlink?(ctx: Context, parent: number, name: Name): Outcome;
  rmdir?(ctx: Context, parent: number, name: Name): Outcome;
  /** RENAME and RENAME2; `flags` are RENAME_* of renameat2(2). */
  rename?(ctx: Context, parent: number, name: Name, newParent: number, newName: Name, flags: number): Outcome;
  link?(ctx: Context, nodeid: number, newParent: number, newName: Name, reply: EntryOut): Outcome;

  /** `input.flags` are O_* as open(2) takes them, without O_CREAT, O_EXCL and O_NOCTTY. */
  open?(ctx: Context, nodeid: number, input: OpenIn, reply: OpenOut): Outcome;
  /** Creates and opens. */
  create?(
    ctx: Context,
    parent: number,
    name: Name,
    input: CreateIn,
    entry: EntryOut,
    reply: OpenOut,
  ): Outcome;
  /** Creates and opens a file without a name. */
  tmpfile?(ctx: Context, parent: number, input: CreateIn, entry: EntryOut, reply: OpenOut): Outcome;
  /** Fills `sink` from `input.offset` on. Returns how many bytes; fewer than `sink.length` means end of file. */
  read?(ctx: Context, nodeid: number, input: ReadIn, sink: DataRange): Outcome;
  /** Stores `source` at `input.offset`. Returns how many bytes were stored. */
  write?(ctx: Context, nodeid: number, input: WriteIn, source: DataRange): Outcome;
  /** A descriptor was closed. May come several times, or never, for one open. */
  flush?(ctx: Context, nodeid: number, input: FlushIn): Outcome;
  /** The last descriptor of an open file is gone: once per `open` or `create`. */
  release?(ctx: Context, nodeid: number, input: ReleaseIn): Outcome;
  fsync?(ctx: Context, nodeid: number, input: FsyncIn): Outcome;

  opendir?(ctx: Context, nodeid: number, input: OpenIn, reply: OpenOut): Outcome;
  /** Lists from the cookie `input.offset` on (0: the beginning). An empty list means the end. */
  readdir?(ctx: Context, nodeid: number, input: ReadIn, reply: DirentList): Outcome;
  readdirplus?(ctx: Context, nodeid: number, input: ReadIn, reply: DirentPlusList): Outcome;
  releasedir?(ctx: Context, nodeid: number, input: ReleaseIn): Outcome;
  fsyncdir?(ctx: Context, nodeid: number, input: FsyncIn): Outcome;

  statfs?(ctx: Context, nodeid: number, reply: Kstatfs): Outcome;
  statx?(ctx: Context, nodeid: number, input: StatxIn, reply: StatxOut): Outcome;
  syncfs?(ctx: Context, nodeid: number): Outcome;
  access?(ctx: Context, nodeid: number, input: AccessIn): Outcome;
  lseek?(ctx: Context, nodeid: number, input: LseekIn, reply: LseekOut): Outcome;
  fallocate?(ctx: Context, nodeid: number, input: FallocateIn): Outcome;
  /** COPY_FILE_RANGE and COPY_FILE_RANGE_64, from `nodeid` to `input.nodeid_out`. Returns how many bytes. */
  copy_file_range?(ctx: Context, nodeid: number, input: CopyFileRangeIn): Outcome;

  setxattr?(ctx: Context, nodeid: number, name: Name, value: BytesIn, input: SetxattrIn): Outcome;
  getxattr?(ctx: Context, nodeid: number, name: Name, reply: BytesOut): Outcome;
  /** The names one after the other, each followed by a NUL. */
  listxattr?(ctx: Context, nodeid: number, reply: BytesOut): Outcome;
  removexattr?(ctx: Context, nodeid: number, name: Name): Outcome;

  /** Finds a lock in the way of `input.lk`; `type` F_UNLCK (2) in the reply if there is none. */
  getlk?(ctx: Context, nodeid: number, input: LkIn, reply: LkOut): Outcome;
  /** SETLK, and with `wait` SETLKW: that one waits for the lock, and should heed `ctx.onCancel`. */
  setlk?(ctx: Context, nodeid: number, input: LkIn, wait: boolean): Outcome;
  bmap?(ctx: Context, nodeid: number, input: BmapIn, reply: BmapOut): Outcome;
  ioctl?(
    ctx: Context,
    nodeid: number,
    input: IoctlIn,
    argument: BytesIn,
    reply: IoctlOut,
    output: BytesOut,
  ): Outcome;
  poll?(ctx: Context, nodeid: number, input: PollIn, reply: PollOut): Outcome;
  /** What a FUSE_NOTIFY_RETRIEVE asked for. There is no reply. */
  notify_reply?(ctx: Context, nodeid: number, input: NotifyRetrieveIn, data: DataRange): Outcome;

  /** Maps a range of a file into the device's memory window (DAX). */
  setupmapping?(ctx: Context, nodeid: number, input: SetupmappingIn): Outcome;
  /** Removes one range; called for each range of a REMOVEMAPPING until one fails. */
  removemapping?(ctx: Context, nodeid: number, input: RemovemappingOne): Outcome;
}
