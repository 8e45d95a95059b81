/** How long a guest may rely on what it knows, and through which caches files go. */
export type CachePolicy = 'auto' | 'always' | 'never' | 'metadata';

/** Whether a feature that needs the guest's agreement is on: `auto` does without where the guest does not offer it. */
export type Negotiation = 'never' | 'auto' | 'always';

/** How nodes are kept: by an open O_PATH descriptor, by file handle where there is one, or by file handle only. */
export type FileHandleMode = 'never' | 'prefer' | 'mandatory';

/**
 * What the administrator decides about a share. What of it is in force is settled by INIT.
 */
export interface ShareSettings {
  /** @default 'auto' */
  readonly cache: CachePolicy;
  /** Seconds, possibly a fraction, for which the guest may rely on a name. @default as the cache policy says */
  readonly entryTimeout: number;
  /** The same for attributes. @default as the cache policy says */
  readonly attrTimeout: number;
  /** The same for the absence of a name; 0: not at all. @default 0 */
  readonly negativeTimeout: number;
  /** READDIRPLUS, unless the policy is `never`. @default true */
  readonly readdirplus: boolean;
  /** Let the guest keep writes back (FUSE_WRITEBACK_CACHE). @default false */
  readonly writeback: boolean;
  /** Honor O_DIRECT of the guest. @default false */
  readonly allowDirectIo: boolean;
  /** Let the guest map files that it reads without a cache (FUSE_DIRECT_IO_ALLOW_MMAP). @default false */
  readonly allowMmap: boolean;
  /** Honor O_NOATIME of the guest. @default false */
  readonly preserveNoatime: boolean;
  /** FUSE_HANDLE_KILLPRIV_V2. @default false */
  readonly killprivV2: boolean;
  /** Extended attributes; ACLs, labels and a map need and imply them. @default false */
  readonly xattr: boolean;
  /** @default 'never' */
  readonly posixAcl: Negotiation;
  /** @default 'never' */
  readonly securityLabel: Negotiation;
  /** Mark mount points inside the share as such (FUSE_SUBMOUNTS). @default true */
  readonly announceSubmounts: boolean;
  /** @default 'prefer' */
  readonly inodeFileHandles: FileHandleMode;
  /** POSIX record locks are taken on the host's files (FUSE_POSIX_LOCKS). @default false */
  readonly posixLock: boolean;
  /** So are those of flock(2) (FUSE_FLOCK_LOCKS). @default false */
  readonly flock: boolean;
}

/** For how many seconds the guest may rely on names and attributes. */
const TIMEOUTS: Readonly<Record<CachePolicy, number>> = {
  auto: 1,
  always: 86_400,
  never: 0,
  metadata: 86_400,
};

/** Fills in the defaults. */
export function completeSettings(given: Partial<ShareSettings>): ShareSettings {
  const cache = given.cache ?? 'auto';
  const posixAcl = given.posixAcl ?? 'never';
  const securityLabel = given.securityLabel ?? 'never';
  return {
    cache,
    entryTimeout: given.entryTimeout ?? TIMEOUTS[cache],
    attrTimeout: given.attrTimeout ?? TIMEOUTS[cache],
    negativeTimeout: given.negativeTimeout ?? 0,
    readdirplus: given.readdirplus ?? true,
    writeback: given.writeback ?? false,
    allowDirectIo: given.allowDirectIo ?? false,
    allowMmap: given.allowMmap ?? false,
    preserveNoatime: given.preserveNoatime ?? false,
    killprivV2: given.killprivV2 ?? false,
    xattr: given.xattr || posixAcl !== 'never' || securityLabel !== 'never',
    posixAcl,
    securityLabel,
    announceSubmounts: given.announceSubmounts ?? true,
    inodeFileHandles: given.inodeFileHandles ?? 'prefer',
    posixLock: given.posixLock ?? false,
    flock: given.flock ?? false,
  };
}
