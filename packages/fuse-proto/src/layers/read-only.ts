import { FUSE_SETUPMAPPING_FLAG_WRITE } from '../abi/flags.js';
import { FUSE_WRITEBACK_CACHE } from '../abi/init-flags.js';
import { type CreateIn, type EntryOut, OpenIn } from '../abi/views.js';
import { EEXIST, ENOENT, ENOTTY, EROFS, ESTALE } from '../errno.js';
import type { FileSystem, Outcome } from '../file-system.js';
import { delegate } from './delegate.js';

const O_ACCMODE = 0o3;
const O_EXCL = 0o200;
const O_TRUNC = 0o1000;
const S_IFMT = 0o170000;
const S_IFREG = 0o100000;
const W_OK = 2;
const TWO_32 = 0x1_0000_0000;

const refuse = (): number => -EROFS;

/** What changes a file system whatever its arguments. */
const REFUSED: FileSystem = {
  setattr: refuse,
  symlink: refuse,
  mknod: refuse,
  mkdir: refuse,
  unlink: refuse,
  rmdir: refuse,
  rename: refuse,
  link: refuse,
  create: refuse,
  tmpfile: refuse,
  write: refuse,
  fallocate: refuse,
  copy_file_range: refuse,
  setxattr: refuse,
  removexattr: refuse,
};

/**
 * Which commands of IOCTL do what is for nobody but the inner file system to know. What is in neither list is ENOTTY; without
 * lists there is no IOCTL at all.
 */
export interface ReadOnlyOptions {
  /** These only tell something, and are passed on. */
  readonly readingIoctls?: readonly number[];
  /** These change something, and are EROFS. */
  readonly changingIoctls?: readonly number[];
}

/**
 * The file system without a way to change it: every modification is EROFS, as on a read-only mount, whatever
 * the peer thinks it has mounted. Access times may still change, and so may what `inner` does by itself.
 */
export function readOnly(inner: FileSystem, options: ReadOnlyOptions = {}): FileSystem {
  const layer = delegate(inner);
  const { open, access, init, ioctl, setupmapping } = layer;
  const create = createOf(layer);
  Object.assign(layer, REFUSED);
  if (create !== undefined) layer.create = create;
  if (open !== undefined) {
    layer.open = (ctx, nodeid, input, reply): Outcome =>
      modifies(input.flags) ? -EROFS : open(ctx, nodeid, input, reply);
  }
  if (access !== undefined) {
    layer.access = (ctx, nodeid, input): Outcome =>
      (input.mask & W_OK) !== 0 ? -EROFS : access(ctx, nodeid, input);
  }
  const reading = new Set(options.readingIoctls);
  const changing = new Set(options.changingIoctls);
  delete layer.ioctl;
  if (ioctl !== undefined && reading.size + changing.size > 0) {
    layer.ioctl = (ctx, nodeid, input, argument, reply, output): Outcome => {
      if (reading.has(input.cmd)) return ioctl(ctx, nodeid, input, argument, reply, output);
      return changing.has(input.cmd) ? -EROFS : -ENOTTY;
    };
  }
  if (setupmapping !== undefined) {
    layer.setupmapping = (ctx, nodeid, input): Outcome =>
      (input.flags_lo & FUSE_SETUPMAPPING_FLAG_WRITE) !== 0 ? -EROFS : setupmapping(ctx, nodeid, input);
  }
  layer.init = (connection) => {
    // With a write-back cache the peer would accept writes and lose them later.
    connection.flags &= ~FUSE_WRITEBACK_CACHE;
    return init?.(connection);
  };
  return layer;
}

/** A CREATE that opens what is there already, as open(2) with O_CREAT does where nothing can be created. */
function createOf({ lookup, open, forget }: FileSystem): FileSystem['create'] {
  if (lookup === undefined || open === undefined) return undefined;
  return (ctx, parent, name, input, entry, reply) => {
    const found = (outcome: number): Outcome => {
      const nodeid = entry.nodeid_hi * TWO_32 + entry.nodeid_lo;
      if (outcome === -ENOENT || (outcome >= 0 && nodeid === 0)) return -EROFS;
      if (outcome < 0) return outcome;
      const opened = (result: number): number => {
        if (result < 0) forget?.(nodeid, 1);
        return result;
      };
      const refused = whyNotToOpen(input, entry);
      if (refused < 0) return opened(refused);
      const result = open(ctx, nodeid, openingOf(input), reply);
      return typeof result === 'number' ? opened(result) : result.then(opened);
    };
    const outcome = lookup(ctx, parent, name, entry);
    return typeof outcome === 'number' ? found(outcome) : outcome.then(found);
  };
}

/** Why a CREATE cannot open what is there: −errno, or 0 if it can. */
function whyNotToOpen(input: CreateIn, entry: EntryOut): number {
  if ((input.flags & O_EXCL) !== 0) return -EEXIST;
  // The peer believed that there was nothing. Upon this it looks again, and does what is right for what it finds.
  if ((entry.attr.mode & S_IFMT) !== S_IFREG) return -ESTALE;
  return modifies(input.flags) ? -EROFS : 0;
}

/** The OPEN that a CREATE amounts to. */
function openingOf({ flags, open_flags }: CreateIn): OpenIn {
  const input = new OpenIn(new DataView(new ArrayBuffer(OpenIn.SIZE)));
  input.flags = flags;
  input.open_flags = open_flags;
  return input;
}

/** Whether opening with these flags changes something, or is a step to it. */
function modifies(flags: number): boolean {
  return (flags & O_ACCMODE) !== 0 || (flags & O_TRUNC) !== 0;
}
