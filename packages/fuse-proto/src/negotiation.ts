import {
  FUSE_COMPAT_22_INIT_OUT_SIZE,
  FUSE_COMPAT_INIT_OUT_SIZE,
  FUSE_KERNEL_MINOR_VERSION,
  FUSE_KERNEL_VERSION,
} from './abi/constants.js';
import * as flag from './abi/init-flags.js';
import { InHeader, InitIn, InitOut } from './abi/views.js';
import { Connection } from './connection.js';
import { EINVAL, EPROTO } from './errno.js';

/** What a session wants unless its options say otherwise: that which asks nothing of the file system. */
export const DEFAULT_FLAGS: bigint =
  flag.FUSE_ASYNC_READ |
  flag.FUSE_BIG_WRITES |
  flag.FUSE_AUTO_INVAL_DATA |
  flag.FUSE_ASYNC_DIO |
  flag.FUSE_PARALLEL_DIROPS |
  flag.FUSE_MAX_PAGES |
  flag.FUSE_INIT_EXT;

/** Wanted in addition from a file system that has `readdirplus`. */
export const READDIRPLUS_FLAGS: bigint = flag.FUSE_DO_READDIRPLUS | flag.FUSE_READDIRPLUS_AUTO;

/** Below 7.27 kernels lack things that everything here takes for granted. */
export const DEFAULT_MINIMUM_MINOR = 27;
/** Below 7.12, which is Linux 2.6.31, requests have shorter structures than those declared here. */
export const OLDEST_MINOR = 12;

const PAGE_SIZE = 4096;
const LOW = 0xffff_ffffn;

/** The answer to a newer major version: a reply with ours, upon which the kernel sends another INIT. */
export const OTHER_MAJOR = Symbol('other major version');

/** Length of init_out as a kernel of that minor version expects it, in bytes. */
export function initOutSize(minor: number): number {
  if (minor < 5) return FUSE_COMPAT_INIT_OUT_SIZE;
  return minor < 23 ? FUSE_COMPAT_22_INIT_OUT_SIZE : InitOut.SIZE;
}

/**
 * Reads an INIT whose request is `length` bytes long, header included.
 * Returns what can be agreed on, OTHER_MAJOR, or −errno: EPROTO for a version that is too old, EINVAL for a
 * request shorter than its flags say.
 */
export function readInit(
  input: InitIn,
  length: number,
  wanted: bigint,
  minimumMinor: number,
): Connection | typeof OTHER_MAJOR | number {
  if (input.major > FUSE_KERNEL_VERSION) return OTHER_MAJOR;
  if (input.major < FUSE_KERNEL_VERSION || input.minor < minimumMinor) return -EPROTO;
  let offered = BigInt(input.flags) & ~flag.FUSE_INIT_RESERVED;
  if ((offered & flag.FUSE_INIT_EXT) !== 0n) {
    if (length < InHeader.SIZE + InitIn.SIZE) return -EINVAL;
    offered |= BigInt(input.flags2) << 32n;
  }
  return new Connection(input.minor, offered, wanted, input.max_readahead);
}

/** Fills in the reply to what has been agreed on; brings `connection.flags` in order first. */
export function writeInit(connection: Connection, maxReadahead: number, output: InitOut): void {
  connection.flags &= connection.offered;
  // Flags above bit 31 only count together with INIT_EXT.
  if (!connection.has(flag.FUSE_INIT_EXT)) connection.flags &= LOW;
  connection.max_write = Math.max(connection.max_write, PAGE_SIZE);
  connection.max_readahead = Math.min(connection.max_readahead, maxReadahead);
  if (connection.max_pages === 0) {
    connection.max_pages = Math.min(Math.ceil(connection.max_write / PAGE_SIZE), 0xffff);
  }
  writeVersion(output);
  output.max_readahead = connection.max_readahead;
  output.flags = Number(connection.flags & LOW);
  output.flags2 = Number(connection.flags >> 32n);
  output.max_background = connection.max_background;
  output.congestion_threshold = connection.congestion_threshold;
  output.max_write = connection.max_write;
  output.time_gran = connection.time_gran;
  output.max_pages = connection.has(flag.FUSE_MAX_PAGES) ? connection.max_pages : 0;
  output.map_alignment = connection.map_alignment;
  output.max_stack_depth = connection.max_stack_depth;
  output.request_timeout = connection.request_timeout;
}

export function writeVersion(output: InitOut): void {
  output.major = FUSE_KERNEL_VERSION;
  output.minor = FUSE_KERNEL_MINOR_VERSION;
}
