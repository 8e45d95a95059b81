import { AT_FDCWD, O_RDONLY } from './constants/open.js';
import { STATX_MNT_ID, STATX_MNT_ID_UNIQUE } from './constants/stat.js';
import { close, type FdLike } from './fd.js';
import { readvAt } from './io.js';
import { openat } from './open.js';
import type { PathLike } from './scratch.js';
import { statx } from './stat.js';
import type { U64 } from './u64.js';

/** One line of /proc/PID/mountinfo (proc_pid_mountinfo(5)). */
export interface MountInfo {
  /** As statx(2) reports it (STATX_MNT_ID). Used again when the mount is gone. */
  readonly mountId: number;
  /** The mount that this one is on; its own id for the root of the tree. */
  readonly parentId: number;
  readonly major: number;
  readonly minor: number;
  /** The directory of the file system that is the root of this mount. */
  readonly root: PathLike;
  /** Where it is mounted, as seen from the root of the process. Bytes when it is not UTF-8. */
  readonly mountPoint: PathLike;
  /** Options of the mount: `['rw', 'relatime']`. */
  readonly options: readonly string[];
  /** The peer group that mounts propagate to and from. */
  readonly shared?: number;
  /** The peer group that mounts are received from: a slave. */
  readonly master?: number;
  /** The nearest dominant peer group under the root of the process. */
  readonly propagateFrom?: number;
  readonly unbindable: boolean;
  /** `'ext4'`, with a subtype after a dot: `'fuse.sshfs'`. */
  readonly fstype: string;
  /** What was given to mount(2), or `'none'`. Bytes when it is not UTF-8. */
  readonly source: PathLike;
  /** Options of the file system: `['rw', 'size=1024k']`. */
  readonly superOptions: readonly string[];
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Undoes the kernel's `\040`: text, or bytes when it is not UTF-8. The argument has one character per byte. */
function unescapeField(field: string): PathLike {
  const bytes = Buffer.from(
    field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))),
    'latin1',
  );
  try {
    return utf8.decode(bytes);
  } catch {
    return new Uint8Array(bytes);
  }
}

/** The same, for options, which are text. */
function unescapeText(field: string): string {
  const value = unescapeField(field);
  return typeof value === 'string' ? value : Buffer.from(value).toString('latin1');
}

function parseLine(line: string): MountInfo {
  const fields = line.split(' ');
  const separator = fields.indexOf('-', 6);
  const device = /^(\d+):(\d+)$/.exec(fields[2] ?? '');
  if (separator < 0 || fields.length < separator + 4 || !device || !/^\d+ \d+ /.test(line)) {
    throw new SyntaxError(`not a line of mountinfo: ${JSON.stringify(line)}`);
  }
  const tags = new Map(
    fields.slice(6, separator).map((tag) => {
      const [name, value] = tag.split(':');
      return [name!, value === undefined ? 0 : Number(value)] as const;
    }),
  );
  const shared = tags.get('shared');
  const master = tags.get('master');
  const propagateFrom = tags.get('propagate_from');
  return {
    mountId: Number(fields[0]),
    parentId: Number(fields[1]),
    major: Number(device[1]),
    minor: Number(device[2]),
    root: unescapeField(fields[3]!),
    mountPoint: unescapeField(fields[4]!),
    options: fields[5]!.split(',').map(unescapeText),
    ...(shared !== undefined && { shared }),
    ...(master !== undefined && { master }),
    ...(propagateFrom !== undefined && { propagateFrom }),
    unbindable: tags.has('unbindable'),
    fstype: unescapeText(fields[separator + 1]!),
    source: unescapeField(fields[separator + 2]!),
    superOptions: fields[separator + 3]!.split(',').map(unescapeText),
  };
}

/**
 * Parses the text of a mountinfo file. Optional fields with unknown names are left out, as the kernel may add some.
 *
 * @throws SyntaxError for a line that is not one of mountinfo
 */
export function parseMountinfo(text: Uint8Array): MountInfo[] {
  return Buffer.from(text.buffer, text.byteOffset, text.length)
    .toString('latin1')
    .split('\n')
    .filter((line) => line !== '')
    .map(parseLine);
}

/**
 * The mounts of the mount namespace of the calling thread that lie below its root, in the kernel's order.
 *
 * @param file - an open mountinfo file, read from its beginning; it shows what is below the root of the time when it
 *   was opened. A process that leaves /proc behind keeps a descriptor of that directory. @default
 *   /proc/thread-self/mountinfo
 * @throws {@link SysError} of openat(2) and pread(2)
 */
export function readMountinfo(file?: FdLike): MountInfo[] {
  if (file !== undefined) return parseMountinfo(readWhole(file));
  const own = openat(AT_FDCWD, '/proc/thread-self/mountinfo', O_RDONLY);
  try {
    return parseMountinfo(readWhole(own));
  } finally {
    close(own);
  }
}

/** Reads a file of /proc, whose length nobody knows before. */
function readWhole(file: FdLike): Uint8Array {
  const chunks: Uint8Array[] = [];
  let position = 0;
  for (;;) {
    const chunk = new Uint8Array(0x1_0000);
    const length = readvAt(file, [chunk], position);
    if (length === 0) return Buffer.concat(chunks);
    chunks.push(chunk.subarray(0, length));
    position += length;
  }
}

/**
 * The id of the mount that a path is on, as /proc/self/mountinfo has it: statx(2) STATX_MNT_ID, Linux 5.8.
 *
 * @param atFlags - AT_EMPTY_PATH, AT_SYMLINK_NOFOLLOW, AT_NO_AUTOMOUNT. @default 0
 * @returns undefined when the kernel does not say
 * @throws {@link SysError} as statx(2)
 */
export function mountId(dir: FdLike, path: PathLike, atFlags = 0): number | undefined {
  const { stx_mask, stx_mnt_id } = statx(dir, path, atFlags, STATX_MNT_ID);
  return (stx_mask & STATX_MNT_ID) === 0 ? undefined : Number(stx_mnt_id);
}

/**
 * The id of the mount that a path is on which no other mount ever has until the next boot: statx(2)
 * STATX_MNT_ID_UNIQUE, Linux 6.8. It is not the one in /proc/self/mountinfo.
 *
 * @returns undefined when the kernel does not have such ids
 */
export function uniqueMountId(dir: FdLike, path: PathLike, atFlags = 0): U64 | undefined {
  const { stx_mask, stx_mnt_id } = statx(dir, path, atFlags, STATX_MNT_ID_UNIQUE);
  return (stx_mask & STATX_MNT_ID_UNIQUE) === 0 ? undefined : stx_mnt_id;
}
