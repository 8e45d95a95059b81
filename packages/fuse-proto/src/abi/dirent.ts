/** The arithmetic of directory records: FUSE_DIRENT_ALIGN and the sizes around it, all in bytes. */

/** offsetof(struct fuse_dirent, name). */
export const FUSE_NAME_OFFSET = 24;
/** offsetof(struct fuse_direntplus, dirent.name). */
export const FUSE_NAME_OFFSET_DIRENTPLUS = 152;

/** Rounds up to the next multiple of eight, as every record of variable length is. */
export function FUSE_REC_ALIGN(length: number): number {
  return (length + 7) & ~7;
}

/** Size of a READDIR record whose name has `namelen` bytes. */
export function direntSize(namelen: number): number {
  return FUSE_REC_ALIGN(FUSE_NAME_OFFSET + namelen);
}

/** Size of a READDIRPLUS record whose name has `namelen` bytes. */
export function direntplusSize(namelen: number): number {
  return FUSE_REC_ALIGN(FUSE_NAME_OFFSET_DIRENTPLUS + namelen);
}
