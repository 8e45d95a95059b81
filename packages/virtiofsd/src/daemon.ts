import { Session, type SessionObserver } from '@vfs/fuse-proto';
import { SysError } from '@vfs/sys';
import { Backend } from '@vfs/vhost-user';
import { FileSystemDevice, type FileSystemDeviceOptions } from './device.js';
import type { Log, Logger } from './log.js';
import type { MigrationOptions } from './migration/options.js';
import { ShareMigration } from './migration/share-migration.js';
import { Share } from './passthrough/share.js';
import {
  type MakeFileSystem,
  type ServingOptions,
  servedFileSystem,
  shareOptions,
} from './served-file-system.js';
import { StartError } from './start-error.js';

/** How many files that the guest has forgotten stay at hand for a moment. */
const KEPT_FORGOTTEN = 4096;

/** How a daemon ended. */
export type Ending =
  /** The front-end disconnected, or the daemon was told to end. */
  | 'done'
  /** The connection broke for a reason that has been logged. */
  | 'failed';

/** What a {@link Daemon} serves, and how. */
export interface DaemonOptions extends ServingOptions {
  /** The folder to share; there is none where `fileSystem` takes its place. */
  readonly sharedDir?: string;
  /** Makes what is served: a file system of one's own, or a layer upon the shared folder. @default the folder itself */
  readonly fileSystem?: MakeFileSystem;
  /** What the guest mounts. @default the VMM says */
  readonly tag?: string;
  /** @default 1 */
  readonly numRequestQueues?: number;
  /** How long to look at rings that have run empty: see `BackendOptions` of @vfs/vhost-user. @default 0 */
  readonly pollUs?: number;
  /** Wait for the next front-end when one has gone, however it went. @default false */
  readonly keepAlive?: boolean;
  /** How many descriptors the guest may have open. @default unlimited */
  readonly descriptorBudget?: number;
  /** How a guest moves to another daemon. */
  readonly migration?: MigrationOptions;
  /** See `ShareOptions`. */
  readonly procSelfFd?: number;
  /** Told of every request. */
  readonly observer?: SessionObserver | undefined;
}

/** What a {@link Daemon} is at, at one moment. */
export interface DaemonState {
  /** A front-end is connected. */
  readonly connected: boolean;
  /** Front-ends that have connected, in all. */
  readonly connections: number;
  /** Requests whose answer is late. */
  readonly waitingRequests: number;
  /** Files that the guest knows. */
  readonly nodes: number;
  /** What it has open. */
  readonly handles: number;
  /** Descriptors spent on it. */
  readonly descriptors: number;
  /** Calls that the thread pool has not finished. */
  readonly poolCalls: number;
}

/** One shared folder served to the front-ends of a listening socket: one at a time, the others wait in its backlog. */
export class Daemon implements Disposable {
  /** Settles when everything has been let go. */
  readonly ended: Promise<Ending>;
  readonly #log: Logger;
  readonly #share: Share | undefined;
  readonly #session: Session;
  readonly #backend: Backend;
  readonly #keepAlive: boolean;
  #end!: (ending: Ending) => void;
  #connections = 0;
  #draining = false;
  #finished = false;

  /**
   * Starts to serve.
   *
   * @param listener - a listening socket, which stays the caller's to close
   * @throws StartError
   */
  constructor(options: DaemonOptions, listener: { readonly fd: number }, log: Log) {
    this.#log = log.module('daemon');
    this.#keepAlive = options.keepAlive ?? false;
    const { sharedDir, fileSystem } = options;
    if (sharedDir === undefined && !fileSystem) {
      throw new StartError('there is nothing to serve: give sharedDir, fileSystem or both');
    }
    this.#share = sharedDir === undefined ? undefined : openShare(sharedDir, options, log);
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    try {
      const session = new Session(servedFileSystem(this.#share, options, fileSystem), {
        log: log.module('fuse'),
        ...(options.observer && { observer: options.observer }),
      });
      this.#session = session;
      // What another file system knows of a guest, nobody else does.
      const migration =
        this.#share === undefined || fileSystem !== undefined
          ? undefined
          : new ShareMigration(this.#share, session, options.migration);
      const device = new FileSystemDevice(session, deviceOptions(options, migration));
      this.#backend = new Backend(device, {
        log: log.module('vhost-user'),
        onConnected: () => {
          this.#connections++;
        },
        onDisconnected: (reason) => this.#disconnected(reason),
        pollMicroseconds: options.pollUs ?? 0,
      });
      this.#backend.listen(listener);
    } catch (error) {
      this.#share?.[Symbol.dispose]();
      throw error;
    }
  }

  /** What it is at now. */
  get state(): DaemonState {
    const share = this.#share;
    return {
      connected: this.#backend.connected,
      connections: this.#connections,
      waitingRequests: this.#session.inFlight,
      nodes: share?.nodes.size ?? 0,
      handles: share?.handles.size ?? 0,
      descriptors: share?.budget.used ?? 0,
      poolCalls: share?.pool?.outstanding ?? 0,
    };
  }

  /**
   * Ends the daemon when the requests that it has are answered; it takes no more of them. What the guest was told is
   * written has been written to the files.
   */
  async drain(): Promise<void> {
    if (this.#draining) return;
    this.#draining = true;
    await this.#backend.drain();
    this.#finish('done');
  }

  /** Ends the daemon at once: requests that it has are not answered. */
  stop(ending: Ending = 'done'): void {
    this.#finish(ending);
  }

  [Symbol.dispose](): void {
    this.stop();
  }

  #disconnected(reason: Error | undefined): void {
    if (!this.#keepAlive) this.#finish(reason ? 'failed' : 'done');
    else if (!this.#draining) this.#log.info('waiting for the next connection');
  }

  #finish(ending: Ending): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#backend.close();
    this.#share?.[Symbol.dispose]();
    this.#end(ending);
  }
}

function deviceOptions(
  options: DaemonOptions,
  migration: ShareMigration | undefined,
): FileSystemDeviceOptions {
  const { tag, numRequestQueues } = options;
  return {
    ...(tag !== undefined && { tag }),
    ...(numRequestQueues !== undefined && { numRequestQueues }),
    ...(migration && { migration }),
  };
}

function openShare(sharedDir: string, options: DaemonOptions, log: Log): Share {
  const { descriptorBudget, procSelfFd, threadPoolSize = 0 } = options;
  const own = log.module('passthrough');
  try {
    return new Share({
      ...shareOptions(options, own),
      directory: sharedDir,
      keepForgotten: KEPT_FORGOTTEN,
      log: own,
      ...(descriptorBudget !== undefined && { descriptorBudget }),
      ...(procSelfFd !== undefined && { procSelfFd }),
    });
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    if (error.path === undefined) {
      throw new StartError(
        `cannot start ${threadPoolSize} threads (${error.code}): lower --thread-pool-size, or raise the limit of processes`,
      );
    }
    const advice = error.path?.startsWith('/proc') ? 'is /proc mounted?' : 'check --shared-dir';
    throw new StartError(`cannot open '${error.path}' (${error.code}): ${advice}`);
  }
}
