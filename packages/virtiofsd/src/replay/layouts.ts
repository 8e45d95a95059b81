import * as fuse from '@vfs/fuse-proto';
import { type Struct, structs } from '@vfs/fuse-proto';

/** What a request and its reply are made of. */
export interface MessageLayout {
  readonly input?: Struct;
  /** How many names follow. */
  readonly names?: number;
  readonly output?: readonly Struct[];
}

const entry = [structs.fuse_entry_out];
const attr = [structs.fuse_attr_out];
const open = [structs.fuse_open_out];

/** By opcode; what is not here has no arguments. */
export const LAYOUTS: Readonly<Record<number, MessageLayout>> = {
  [fuse.FUSE_LOOKUP]: { names: 1, output: entry },
  [fuse.FUSE_FORGET]: { input: structs.fuse_forget_in },
  [fuse.FUSE_GETATTR]: { input: structs.fuse_getattr_in, output: attr },
  [fuse.FUSE_SETATTR]: { input: structs.fuse_setattr_in, output: attr },
  [fuse.FUSE_SYMLINK]: { names: 2, output: entry },
  [fuse.FUSE_MKNOD]: { input: structs.fuse_mknod_in, names: 1, output: entry },
  [fuse.FUSE_MKDIR]: { input: structs.fuse_mkdir_in, names: 1, output: entry },
  [fuse.FUSE_UNLINK]: { names: 1 },
  [fuse.FUSE_RMDIR]: { names: 1 },
  [fuse.FUSE_RENAME]: { input: structs.fuse_rename_in, names: 2 },
  [fuse.FUSE_RENAME2]: { input: structs.fuse_rename2_in, names: 2 },
  [fuse.FUSE_LINK]: { input: structs.fuse_link_in, names: 1, output: entry },
  [fuse.FUSE_OPEN]: { input: structs.fuse_open_in, output: open },
  [fuse.FUSE_OPENDIR]: { input: structs.fuse_open_in, output: open },
  [fuse.FUSE_READ]: { input: structs.fuse_read_in },
  [fuse.FUSE_READDIR]: { input: structs.fuse_read_in },
  [fuse.FUSE_READDIRPLUS]: { input: structs.fuse_read_in },
  [fuse.FUSE_WRITE]: { input: structs.fuse_write_in, output: [structs.fuse_write_out] },
  [fuse.FUSE_STATFS]: { output: [structs.fuse_statfs_out] },
  [fuse.FUSE_RELEASE]: { input: structs.fuse_release_in },
  [fuse.FUSE_RELEASEDIR]: { input: structs.fuse_release_in },
  [fuse.FUSE_FSYNC]: { input: structs.fuse_fsync_in },
  [fuse.FUSE_FSYNCDIR]: { input: structs.fuse_fsync_in },
  // The first 8 bytes are all that every version has; names follow behind 8 or 16.
  [fuse.FUSE_SETXATTR]: {},
  [fuse.FUSE_GETXATTR]: { input: structs.fuse_getxattr_in, names: 1 },
  [fuse.FUSE_LISTXATTR]: { input: structs.fuse_getxattr_in },
  [fuse.FUSE_REMOVEXATTR]: { names: 1 },
  [fuse.FUSE_FLUSH]: { input: structs.fuse_flush_in },
  [fuse.FUSE_INIT]: { input: structs.fuse_init_in, output: [structs.fuse_init_out] },
  [fuse.FUSE_GETLK]: { input: structs.fuse_lk_in, output: [structs.fuse_lk_out] },
  [fuse.FUSE_SETLK]: { input: structs.fuse_lk_in },
  [fuse.FUSE_SETLKW]: { input: structs.fuse_lk_in },
  [fuse.FUSE_ACCESS]: { input: structs.fuse_access_in },
  [fuse.FUSE_CREATE]: { input: structs.fuse_create_in, names: 1, output: [...entry, ...open] },
  [fuse.FUSE_TMPFILE]: { input: structs.fuse_create_in, output: [...entry, ...open] },
  [fuse.FUSE_INTERRUPT]: { input: structs.fuse_interrupt_in },
  [fuse.FUSE_BMAP]: { input: structs.fuse_bmap_in, output: [structs.fuse_bmap_out] },
  [fuse.FUSE_IOCTL]: { input: structs.fuse_ioctl_in, output: [structs.fuse_ioctl_out] },
  [fuse.FUSE_POLL]: { input: structs.fuse_poll_in, output: [structs.fuse_poll_out] },
  [fuse.FUSE_BATCH_FORGET]: { input: structs.fuse_batch_forget_in },
  [fuse.FUSE_FALLOCATE]: { input: structs.fuse_fallocate_in },
  [fuse.FUSE_LSEEK]: { input: structs.fuse_lseek_in, output: [structs.fuse_lseek_out] },
  [fuse.FUSE_COPY_FILE_RANGE]: {
    input: structs.fuse_copy_file_range_in,
    output: [structs.fuse_write_out],
  },
  [fuse.FUSE_COPY_FILE_RANGE_64]: {
    input: structs.fuse_copy_file_range_in,
    output: [structs.fuse_copy_file_range_out],
  },
  [fuse.FUSE_SYNCFS]: { input: structs.fuse_syncfs_in },
  [fuse.FUSE_STATX]: { input: structs.fuse_statx_in, output: [structs.fuse_statx_out] },
};
