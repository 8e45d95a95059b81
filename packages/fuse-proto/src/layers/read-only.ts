import { FUSE_SETUPMAPPING_FLAG_WRITE } from '../abi/flags.js';
import { FUSE_WRITEBACK_CACHE } from '../abi/init-flags.js';
import { EROFS } from '../errno.js';
import type { FileSystem, Outcome } from '../file-system.js';
import { delegate } from './delegate.js';

const O_ACCMODE = 0o3;
const O_TRUNC = 0o1000;
const W_OK = 2;

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
 * The file system without a way to change it: every modification is EROFS, as on a read-only mount, whatever
 * the peer thinks it has mounted. Access times may still change, and so may what `inner` does by itself.
 * IOCTL is not passed on: which commands modify is for nobody but `inner` to know.
 */
export function readOnly(inner: FileSystem): FileSystem {
  const { ioctl: _, ...layer } = delegate(inner);
  const { open, access, init, setupmapping } = layer;
  Object.assign(layer, REFUSED);
  if (open !== undefined) {
    layer.open = (ctx, nodeid, input, reply): Outcome =>
      (input.flags & O_ACCMODE) !== 0 || (input.flags & O_TRUNC) !== 0
        ? -EROFS
        : open(ctx, nodeid, input, reply);
  }
  if (access !== undefined) {
    layer.access = (ctx, nodeid, input): Outcome =>
      (input.mask & W_OK) !== 0 ? -EROFS : access(ctx, nodeid, input);
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
