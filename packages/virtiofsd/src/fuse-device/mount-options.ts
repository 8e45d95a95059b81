import type { Logger } from '../log.js';

/** How {@link mountFileSystem} mounts. */
export interface MountFileSystemOptions {
  /** What the lists of mounts show as the device; any word. @default virtiofsd */
  readonly source?: string;
  /**
   * Lets other users than the one who mounts use the file system. Users other than root may say so only where
   * /etc/fuse.conf has `user_allow_other`. @default true for root, else false
   */
  readonly allowOther?: boolean;
  /**
   * The kernel checks permissions by owner and mode, as for any file system; without it whoever reaches the mount may do what the file
   * system allows. @default true
   */
  readonly defaultPermissions?: boolean;
  /** Set-user-ID bits and device files take effect. Only root can have it. @default false */
  readonly trusted?: boolean;
  /** @default false */
  readonly readOnly?: boolean;
  /** Largest READ in bytes. @default 1 MiB */
  readonly maxRead?: number;
  /**
   * So many requests are served at the same time; each has the memory that it touches, and the others wait in the kernel.
   * @default 4096
   */
  readonly maxInFlight?: number;
  /** INIT flags that the session wants, see `SessionOptions`. @default the session's */
  readonly flags?: bigint;
  /** Mounts through fusermount3 in any case. @default when not root */
  readonly fusermount?: boolean;
  /** @default nothing is logged */
  readonly log?: Logger;
}
