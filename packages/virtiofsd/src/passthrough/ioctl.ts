import type { BytesIn, BytesOut, IoctlIn } from '@vfs/fuse-proto';
import { EBADF, EINVAL, ENOTTY, EPERM, FS_APPEND_FL, FS_IMMUTABLE_FL, raw } from '@vfs/sys';
import type { Share } from './share.js';
import { NO_SLOT } from './slot-ids.js';
import { STATX_MASK, STATX_WORD } from './statx.js';

/** The part of a request's context that matters here. */
export interface IoctlCaller {
  readonly uid: number;
}

/** One ioctl that a guest may make: its argument is `size` bytes of which the first word holds flags. */
interface FileIoctl {
  readonly size: number;
  /** It changes something. */
  readonly changes: boolean;
  readonly call: (fd: number, window: number, at: number) => number;
  /** The ioctl that tells what this one changes. */
  readonly reader: (fd: number, window: number, at: number) => number;
  /** Those flags that only a privileged user may change. */
  readonly privileged: number;
}

/** Bytes of an int and of struct fsxattr. */
const INT = 4;
const FSXATTR = 28;
const FS_XFLAG_IMMUTABLE = 0x8;
const FS_XFLAG_APPEND = 0x10;

const flags = { size: INT, reader: raw.fsGetFlags, privileged: FS_IMMUTABLE_FL | FS_APPEND_FL };
const fsxattr = { size: FSXATTR, reader: raw.fsGetXattr, privileged: FS_XFLAG_IMMUTABLE | FS_XFLAG_APPEND };
const getFlags: FileIoctl = { ...flags, changes: false, call: raw.fsGetFlags };
const setFlags: FileIoctl = { ...flags, changes: true, call: raw.fsSetFlags };

/**
 * The ioctls of files that mean on the host what they mean in the guest, by number. The first two have one number for programs
 * of 64 bits and another for those of 32; their argument is an int all the same.
 *
 * FICLONE is none of them: Linux has it done by a method that FUSE lacks, and never sends it. What it does, sharing blocks,
 * COPY_FILE_RANGE does too where the file system can.
 */
const IOCTLS: ReadonlyMap<number, FileIoctl> = new Map([
  [0x8008_6601, getFlags], // FS_IOC_GETFLAGS
  [0x8004_6601, getFlags], // FS_IOC32_GETFLAGS
  [0x4008_6602, setFlags], // FS_IOC_SETFLAGS
  [0x4004_6602, setFlags], // FS_IOC32_SETFLAGS
  [0x801c_581f, { ...fsxattr, changes: false, call: raw.fsGetXattr }], // FS_IOC_FSGETXATTR
  [0x401c_5820, { ...fsxattr, changes: true, call: raw.fsSetXattr }], // FS_IOC_FSSETXATTR
]);

/** The numbers of those that only tell something, and of those that change the file: for a layer that allows the first only. */
export const READING_IOCTLS: readonly number[] = numbers(false);
export const CHANGING_IOCTLS: readonly number[] = numbers(true);

function numbers(changes: boolean): number[] {
  return [...IOCTLS].filter(([, ioctl]) => ioctl.changes === changes).map(([number]) => number);
}

/** Does an ioctl of the list above on an open file or directory: 0 or −errno, ENOTTY for any other. */
export function fileIoctl(
  share: Share,
  caller: IoctlCaller,
  id: number,
  input: IoctlIn,
  argument: BytesIn,
  output: BytesOut,
): number {
  const { handles, scratch } = share;
  const handle = handles.slotOf(input.fh_lo, input.fh_hi, id);
  if (handle === NO_SLOT) return -EBADF;
  const command = IOCTLS.get(input.cmd);
  if (command === undefined) return -ENOTTY;
  const { size, changes, call } = command;
  if ((changes ? argument.length : output.capacity) < size) return -EINVAL;
  const descriptor = handles.descriptorOf(handle);
  const { window, ioctl } = scratch;
  if (changes) {
    const error = checkPermission(share, caller.uid, descriptor, command, argument);
    if (error < 0) return error;
    window.u8.set(argument.bytes.subarray(argument.offset, argument.offset + size), ioctl);
  }
  const result = call(descriptor, window.id, ioctl);
  if (result >= 0 && !changes) output.set(window.u8.subarray(ioctl, ioctl + size));
  return Math.min(result, 0);
}

/** The caller is not told: nobody in particular, or somebody of an idmapped mount. */
const NOBODY_KNOWN = 0xffff_ffff;

/**
 * From version 5.13 on Linux checks, before it asks, that the caller owns the file, and has CAP_LINUX_IMMUTABLE if need be. Older
 * guests leave it to us, who only know the user's number. What this process may do at all the host's kernel decides: to make
 * files immutable takes CAP_LINUX_IMMUTABLE, which the sandbox does not leave it.
 */
function checkPermission(
  share: Share,
  uid: number,
  descriptor: number,
  { reader, privileged }: FileIoctl,
  argument: BytesIn,
): number {
  if (uid === 0 || uid === NOBODY_KNOWN) return 0;
  const { window, statx, ioctl } = share.scratch;
  const error = raw.statxFd(descriptor, STATX_MASK, window.id, statx);
  if (error < 0) return error;
  if (window.u32[(statx >> 2) + STATX_WORD.uid] !== uid) return -EPERM;
  const result = reader(descriptor, window.id, ioctl);
  if (result < 0) return result;
  const { bytes, offset } = argument;
  const wanted = new DataView(bytes.buffer, bytes.byteOffset + offset).getUint32(0, true);
  return ((wanted ^ window.u32[ioctl >> 2]!) & privileged) !== 0 ? -EPERM : 0;
}
