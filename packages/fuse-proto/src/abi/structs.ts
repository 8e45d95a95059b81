/**
 * Every structure of linux/fuse.h, in its order and with its names, so that the two can be read side by side.
 * This is the only place a layout is written down: the view classes are generated from it (tools/), and
 * test/abi.test.ts has a C compiler compare each size and offset with the installed header.
 *
 * Two liberties: times are declared signed (see `time`), and a flexible array at the end is a comment, for it
 * has no place in a fixed layout.
 */
import { array, i32, i64, struct, time, u8, u16, u32, u64 } from './layout.js';

export const fuse_attr = struct('fuse_attr', {
  ino: u64,
  size: u64,
  blocks: u64,
  atime: time,
  mtime: time,
  ctime: time,
  atimensec: u32,
  mtimensec: u32,
  ctimensec: u32,
  mode: u32,
  nlink: u32,
  uid: u32,
  gid: u32,
  rdev: u32,
  blksize: u32,
  flags: u32,
});

export const fuse_sx_time = struct('fuse_sx_time', {
  tv_sec: i64,
  tv_nsec: u32,
  __reserved: i32,
});

export const fuse_statx = struct('fuse_statx', {
  mask: u32,
  blksize: u32,
  attributes: u64,
  nlink: u32,
  uid: u32,
  gid: u32,
  mode: u16,
  __spare0: array(u16, 1),
  ino: u64,
  size: u64,
  blocks: u64,
  attributes_mask: u64,
  atime: fuse_sx_time,
  btime: fuse_sx_time,
  ctime: fuse_sx_time,
  mtime: fuse_sx_time,
  rdev_major: u32,
  rdev_minor: u32,
  dev_major: u32,
  dev_minor: u32,
  __spare2: array(u64, 14),
});

export const fuse_kstatfs = struct('fuse_kstatfs', {
  blocks: u64,
  bfree: u64,
  bavail: u64,
  files: u64,
  ffree: u64,
  bsize: u32,
  namelen: u32,
  frsize: u32,
  padding: u32,
  spare: array(u32, 6),
});

export const fuse_file_lock = struct('fuse_file_lock', {
  start: u64,
  end: u64,
  type: u32,
  pid: u32,
});

export const fuse_entry_out = struct('fuse_entry_out', {
  nodeid: u64,
  generation: u64,
  entry_valid: u64,
  attr_valid: u64,
  entry_valid_nsec: u32,
  attr_valid_nsec: u32,
  attr: fuse_attr,
});

export const fuse_forget_in = struct('fuse_forget_in', {
  nlookup: u64,
});

export const fuse_forget_one = struct('fuse_forget_one', {
  nodeid: u64,
  nlookup: u64,
});

export const fuse_batch_forget_in = struct('fuse_batch_forget_in', {
  count: u32,
  dummy: u32,
});

export const fuse_getattr_in = struct('fuse_getattr_in', {
  getattr_flags: u32,
  dummy: u32,
  fh: u64,
});

export const fuse_attr_out = struct('fuse_attr_out', {
  attr_valid: u64,
  attr_valid_nsec: u32,
  dummy: u32,
  attr: fuse_attr,
});

export const fuse_statx_in = struct('fuse_statx_in', {
  getattr_flags: u32,
  reserved: u32,
  fh: u64,
  sx_flags: u32,
  sx_mask: u32,
});

export const fuse_statx_out = struct('fuse_statx_out', {
  attr_valid: u64,
  attr_valid_nsec: u32,
  flags: u32,
  spare: array(u64, 2),
  stat: fuse_statx,
});

export const fuse_mknod_in = struct('fuse_mknod_in', {
  mode: u32,
  rdev: u32,
  umask: u32,
  padding: u32,
});

export const fuse_mkdir_in = struct('fuse_mkdir_in', {
  mode: u32,
  umask: u32,
});

export const fuse_rename_in = struct('fuse_rename_in', {
  newdir: u64,
});

export const fuse_rename2_in = struct('fuse_rename2_in', {
  newdir: u64,
  flags: u32,
  padding: u32,
});

export const fuse_link_in = struct('fuse_link_in', {
  oldnodeid: u64,
});

export const fuse_setattr_in = struct('fuse_setattr_in', {
  valid: u32,
  padding: u32,
  fh: u64,
  size: u64,
  lock_owner: u64,
  atime: time,
  mtime: time,
  ctime: time,
  atimensec: u32,
  mtimensec: u32,
  ctimensec: u32,
  mode: u32,
  unused4: u32,
  uid: u32,
  gid: u32,
  unused5: u32,
});

export const fuse_open_in = struct('fuse_open_in', {
  flags: u32,
  open_flags: u32,
});

export const fuse_create_in = struct('fuse_create_in', {
  flags: u32,
  mode: u32,
  umask: u32,
  open_flags: u32,
});

export const fuse_open_out = struct('fuse_open_out', {
  fh: u64,
  open_flags: u32,
  backing_id: i32, // 7.40; padding before
});

export const fuse_release_in = struct('fuse_release_in', {
  fh: u64,
  flags: u32,
  release_flags: u32,
  lock_owner: u64,
});

export const fuse_flush_in = struct('fuse_flush_in', {
  fh: u64,
  unused: u32,
  padding: u32,
  lock_owner: u64,
});

export const fuse_read_in = struct('fuse_read_in', {
  fh: u64,
  offset: u64,
  size: u32,
  read_flags: u32,
  lock_owner: u64,
  flags: u32,
  padding: u32,
});

export const fuse_write_in = struct('fuse_write_in', {
  fh: u64,
  offset: u64,
  size: u32,
  write_flags: u32,
  lock_owner: u64,
  flags: u32,
  padding: u32,
});

export const fuse_write_out = struct('fuse_write_out', {
  size: u32,
  padding: u32,
});

export const fuse_statfs_out = struct('fuse_statfs_out', {
  st: fuse_kstatfs,
});

export const fuse_fsync_in = struct('fuse_fsync_in', {
  fh: u64,
  fsync_flags: u32,
  padding: u32,
});

export const fuse_setxattr_in = struct('fuse_setxattr_in', {
  size: u32,
  flags: u32,
  setxattr_flags: u32,
  padding: u32,
});

export const fuse_getxattr_in = struct('fuse_getxattr_in', {
  size: u32,
  padding: u32,
});

export const fuse_getxattr_out = struct('fuse_getxattr_out', {
  size: u32,
  padding: u32,
});

export const fuse_lk_in = struct('fuse_lk_in', {
  fh: u64,
  owner: u64,
  lk: fuse_file_lock,
  lk_flags: u32,
  padding: u32,
});

export const fuse_lk_out = struct('fuse_lk_out', {
  lk: fuse_file_lock,
});

export const fuse_access_in = struct('fuse_access_in', {
  mask: u32,
  padding: u32,
});

export const fuse_init_in = struct('fuse_init_in', {
  major: u32,
  minor: u32,
  max_readahead: u32,
  flags: u32,
  flags2: u32,
  unused: array(u32, 11),
});

export const fuse_init_out = struct('fuse_init_out', {
  major: u32,
  minor: u32,
  max_readahead: u32,
  flags: u32,
  max_background: u16,
  congestion_threshold: u16,
  max_write: u32,
  time_gran: u32,
  max_pages: u16,
  map_alignment: u16,
  flags2: u32,
  max_stack_depth: u32, // 7.40; unused before
  request_timeout: u16, // 7.43; unused before
  unused: array(u16, 11),
});

export const cuse_init_in = struct('cuse_init_in', {
  major: u32,
  minor: u32,
  unused: u32,
  flags: u32,
});

export const cuse_init_out = struct('cuse_init_out', {
  major: u32,
  minor: u32,
  unused: u32,
  flags: u32,
  max_read: u32,
  max_write: u32,
  dev_major: u32,
  dev_minor: u32,
  spare: array(u32, 10),
});

export const fuse_interrupt_in = struct('fuse_interrupt_in', {
  unique: u64,
});

export const fuse_bmap_in = struct('fuse_bmap_in', {
  block: u64,
  blocksize: u32,
  padding: u32,
});

export const fuse_bmap_out = struct('fuse_bmap_out', {
  block: u64,
});

export const fuse_ioctl_in = struct('fuse_ioctl_in', {
  fh: u64,
  flags: u32,
  cmd: u32,
  arg: u64,
  in_size: u32,
  out_size: u32,
});

export const fuse_ioctl_iovec = struct('fuse_ioctl_iovec', {
  base: u64,
  len: u64,
});

export const fuse_ioctl_out = struct('fuse_ioctl_out', {
  result: i32,
  flags: u32,
  in_iovs: u32,
  out_iovs: u32,
});

export const fuse_poll_in = struct('fuse_poll_in', {
  fh: u64,
  kh: u64,
  flags: u32,
  events: u32,
});

export const fuse_poll_out = struct('fuse_poll_out', {
  revents: u32,
  padding: u32,
});

export const fuse_notify_poll_wakeup_out = struct('fuse_notify_poll_wakeup_out', {
  kh: u64,
});

export const fuse_fallocate_in = struct('fuse_fallocate_in', {
  fh: u64,
  offset: u64,
  length: u64,
  mode: u32,
  padding: u32,
});

export const fuse_in_header = struct('fuse_in_header', {
  len: u32,
  opcode: u32,
  unique: u64,
  nodeid: u64,
  uid: u32,
  gid: u32,
  pid: u32,
  total_extlen: u16,
  padding: u16,
});

export const fuse_out_header = struct('fuse_out_header', {
  len: u32,
  error: i32,
  unique: u64,
});

export const fuse_dirent = struct('fuse_dirent', {
  ino: u64,
  off: u64,
  namelen: u32,
  type: u32,
  // char name[]: namelen bytes
});

export const fuse_direntplus = struct('fuse_direntplus', {
  entry_out: fuse_entry_out,
  dirent: fuse_dirent,
});

export const fuse_notify_inval_inode_out = struct('fuse_notify_inval_inode_out', {
  ino: u64,
  off: i64,
  len: i64,
});

export const fuse_notify_inval_entry_out = struct('fuse_notify_inval_entry_out', {
  parent: u64,
  namelen: u32,
  flags: u32,
});

export const fuse_notify_delete_out = struct('fuse_notify_delete_out', {
  parent: u64,
  child: u64,
  namelen: u32,
  padding: u32,
});

export const fuse_notify_store_out = struct('fuse_notify_store_out', {
  nodeid: u64,
  offset: u64,
  size: u32,
  padding: u32,
});

export const fuse_notify_retrieve_out = struct('fuse_notify_retrieve_out', {
  notify_unique: u64,
  nodeid: u64,
  offset: u64,
  size: u32,
  padding: u32,
});

export const fuse_notify_retrieve_in = struct('fuse_notify_retrieve_in', {
  dummy1: u64,
  offset: u64,
  size: u32,
  dummy2: u32,
  dummy3: u64,
  dummy4: u64,
});

export const fuse_notify_prune_out = struct('fuse_notify_prune_out', {
  count: u32, // followed by that many u64 node ids
  padding: u32,
  spare: u64,
});

export const fuse_backing_map = struct('fuse_backing_map', {
  fd: i32,
  flags: u32,
  padding: u64,
});

export const fuse_lseek_in = struct('fuse_lseek_in', {
  fh: u64,
  offset: u64,
  whence: u32,
  padding: u32,
});

export const fuse_lseek_out = struct('fuse_lseek_out', {
  offset: u64,
});

export const fuse_copy_file_range_in = struct('fuse_copy_file_range_in', {
  fh_in: u64,
  off_in: u64,
  nodeid_out: u64,
  fh_out: u64,
  off_out: u64,
  len: u64,
  flags: u64,
});

export const fuse_copy_file_range_out = struct('fuse_copy_file_range_out', {
  bytes_copied: u64, // the reply of COPY_FILE_RANGE_64
});

export const fuse_setupmapping_in = struct('fuse_setupmapping_in', {
  fh: u64,
  foffset: u64,
  len: u64,
  flags: u64,
  moffset: u64,
});

export const fuse_removemapping_in = struct('fuse_removemapping_in', {
  count: u32,
});

export const fuse_removemapping_one = struct('fuse_removemapping_one', {
  moffset: u64,
  len: u64,
});

export const fuse_syncfs_in = struct('fuse_syncfs_in', {
  padding: u64,
});

export const fuse_secctx = struct('fuse_secctx', {
  size: u32,
  padding: u32,
});

export const fuse_secctx_header = struct('fuse_secctx_header', {
  size: u32,
  nr_secctx: u32,
});

export const fuse_ext_header = struct('fuse_ext_header', {
  size: u32,
  type: u32,
});

export const fuse_supp_groups = struct('fuse_supp_groups', {
  nr_groups: u32,
  // uint32_t groups[]: nr_groups of them, padded to 8 bytes
});

export const fuse_uring_ent_in_out = struct('fuse_uring_ent_in_out', {
  flags: u64,
  commit_id: u64,
  payload_sz: u32,
  padding: u32,
  reserved: u64,
});

export const fuse_uring_req_header = struct('fuse_uring_req_header', {
  in_out: array(u8, 128),
  op_in: array(u8, 128),
  ring_ent_in_out: fuse_uring_ent_in_out,
});

export const fuse_uring_cmd_req = struct('fuse_uring_cmd_req', {
  flags: u64,
  commit_id: u64,
  qid: u16,
  padding: array(u8, 6),
});

/**
 * The minor version that brought a structure or a field, where it is newer than 7.38; a reader with an older
 * header at hand does not find these. Fields named here were padding before, so no size changed.
 */
export const SINCE: Readonly<Record<string, number>> = {
  fuse_supp_groups: 39,
  fuse_sx_time: 39,
  fuse_statx: 39,
  fuse_statx_in: 39,
  fuse_statx_out: 39,
  'fuse_open_out.backing_id': 40,
  'fuse_init_out.max_stack_depth': 40,
  fuse_backing_map: 40,
  fuse_uring_ent_in_out: 42,
  fuse_uring_req_header: 42,
  fuse_uring_cmd_req: 42,
  'fuse_init_out.request_timeout': 43,
  'fuse_init_out.unused': 43,
  fuse_copy_file_range_out: 45,
  fuse_notify_prune_out: 45,
};
