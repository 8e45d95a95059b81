import type { FileSystem } from '../file-system.js';

/** The name of a method of {@link FileSystem}. */
export type Method = keyof FileSystem;

/** Every method there is; the type makes sure that none is missing. */
const METHODS: { readonly [M in Method]-?: true } = {
  init: true,
  destroy: true,
  lookup: true,
  forget: true,
  getattr: true,
  setattr: true,
  readlink: true,
  symlink: true,
  mknod: true,
  mkdir: true,
  unlink: true,
  rmdir: true,
  rename: true,
  link: true,
  open: true,
  create: true,
  tmpfile: true,
  read: true,
  write: true,
  flush: true,
  release: true,
  fsync: true,
  opendir: true,
  readdir: true,
  readdirplus: true,
  releasedir: true,
  fsyncdir: true,
  statfs: true,
  statx: true,
  syncfs: true,
  access: true,
  lseek: true,
  fallocate: true,
  copy_file_range: true,
  setxattr: true,
  getxattr: true,
  listxattr: true,
  removexattr: true,
  getlk: true,
  setlk: true,
  bmap: true,
  ioctl: true,
  poll: true,
  notify_reply: true,
  setupmapping: true,
  removemapping: true,
};

/** The names of all methods of {@link FileSystem}. */
export const methods = Object.keys(METHODS) as readonly Method[];

/**
 * A file system that does what `inner` does: the start of a layer, which then replaces some methods.
 *
 * Methods that a layer leaves alone are `inner`'s own, bound to it: the call costs no more than without the
 * layer, however many of them lie upon each other, and `inner` may have private fields.
 */
export function delegate(inner: FileSystem): FileSystem {
  const layer: Partial<Record<Method, unknown>> = {};
  for (const method of methods) {
    const own: unknown = inner[method];
    if (typeof own === 'function') layer[method] = own.bind(inner);
  }
  return layer as FileSystem;
}
