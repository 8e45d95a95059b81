import type { CapabilityName, IdMapping } from '@vfs/sys';
import type { LogLevel } from './log.js';
import type { MigrationOptions } from './migration/options.js';
import type { ObservationOptions } from './observe/options.js';
import type { ShareSettings } from './passthrough/settings.js';

/** How the worker is kept to the shared folder: by namespaces and pivot_root, by chroot, or not at all. */
export type Sandbox = 'namespace' | 'chroot' | 'none';

/** What happens at a system call that is not on the list: nothing, the end of the process, a line in the kernel's log, SIGSYS. */
export type SeccompMode = 'none' | 'kill' | 'log' | 'trap';

/** A capability to be given to the worker besides the usual ones, or to be taken from it. */
export interface CapabilityChange {
  readonly add: boolean;
  readonly capability: CapabilityName;
}

/** A file system of the user's own: see `CreateFileSystem`. */
export interface ModuleChoice {
  /** The file of the module. */
  readonly path: string;
  readonly options: Readonly<Record<string, string>>;
}

/** What is said about a share, wherever it is served. */
export interface ShareChoices {
  /** What was said about settings; what was not, has the default of the setting. */
  readonly settings: Partial<ShareSettings>;
  /** Refuse every change. @default false */
  readonly readOnly: boolean;
  /** What serves in the place of the shared folder, or as a layer upon it. @default the folder itself */
  readonly module?: ModuleChoice;
  /** Rules that rename extended attributes, as text that `parseXattrMap` understands. */
  readonly xattrMap?: string;
  /** Rules that translate user ids between guest and host, as texts that `parseIdTranslation` understands. */
  readonly translateUid: readonly string[];
  /** The same for group ids. */
  readonly translateGid: readonly string[];
  /** Threads for system calls that wait; 0: none. @default 0 */
  readonly threadPoolSize: number;
  /** The limit of open files; 0 leaves it as it is. @default as much as is allowed, up to 1,000,000 */
  readonly rlimitNofile?: number;
}

/**
 * What the command line says, complete and checked: `completeOptions` makes it. Plain data, so that it can be handed to
 * another process.
 */
export interface Options extends ShareChoices {
  /** The folder of the host to share; only with a {@link ShareChoices.module} there may be none. */
  readonly sharedDir?: string;
  /** Where to listen; exactly one of this and {@link fd}. */
  readonly socketPath?: string;
  /** A socket that listens already. */
  readonly fd?: number;
  /** Whose members may connect to {@link socketPath}. */
  readonly socketGroup?: string;
  /** The name under which the guest mounts the share; without it the VMM gives the tag. */
  readonly tag?: string;
  /** Listen again when the machine disconnects. @default false */
  readonly keepAlive: boolean;

  /** Request queues of the device, besides the one of high priority. @default 1 */
  readonly numRequestQueues: number;
  /** For how many microseconds the rings are polled before the daemon sleeps. @default 0 */
  readonly pollUs: number;

  /** @default 'namespace' */
  readonly sandbox: Sandbox;
  /** The users of the worker's user namespace; empty: just the own one. */
  readonly uidMap: readonly IdMapping[];
  /** The groups of the worker's user namespace; empty: just the own one. */
  readonly gidMap: readonly IdMapping[];
  /** @default 'kill' */
  readonly seccomp: SeccompMode;
  /** Changes of the worker's capabilities, in order. */
  readonly capabilityChanges: readonly CapabilityChange[];

  /** @default 'info' */
  readonly logLevel: LogLevel;
  /** Log to the system's log and not to standard error. @default false */
  readonly syslog: boolean;

  readonly observation: ObservationOptions;

  readonly migration: Required<MigrationOptions>;
}
