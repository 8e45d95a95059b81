import {
  DEFAULT_FLAGS,
  FUSE_ALLOW_IDMAP,
  FUSE_CREATE_SUPP_GROUP,
  FUSE_DO_READDIRPLUS,
  FUSE_READDIRPLUS_AUTO,
} from '@vfs/fuse-proto';

/**
 * What the pass-through file system can do with a kernel that offers it. Not FUSE_ATOMIC_O_TRUNC: without it the kernel truncates
 * by SETATTR and takes set-user-ID bits away with it, while a file that root opens with O_TRUNC for somebody else would keep them.
 */
export const PASSTHROUGH_FLAGS =
  DEFAULT_FLAGS | FUSE_DO_READDIRPLUS | FUSE_READDIRPLUS_AUTO | FUSE_CREATE_SUPP_GROUP | FUSE_ALLOW_IDMAP;
