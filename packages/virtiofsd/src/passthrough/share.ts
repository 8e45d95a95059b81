import { AT_FDCWD, check, O_CLOEXEC, O_DIRECTORY, O_PATH, openat, raw } from '@vfs/sys';
import type { Logger } from '../log.js';
import type { XattrMap } from '../xattr-map/index.js';
import { type Agreement, NOTHING_AGREED } from './agreement.js';
import { Caching } from './cache-policy.js';
import { ChunkPool } from './chunk-pool.js';
import { Credentials } from './credentials.js';
import { DescriptorBudget } from './descriptor-budget.js';
import { DescriptorCache } from './descriptor-cache.js';
import { releaseDescriptor } from './descriptor-room.js';
import { ForgottenNodes } from './forgotten-nodes.js';
import { HandleTable } from './handle-table.js';
import { InodeTags } from './inode-tags.js';
import { SetIdPrivilege } from './kill-privileges.js';
import { dropFlock } from './locks/flocks.js';
import { LockTable } from './locks/lock-table.js';
import { MountTable } from './mount-table.js';
import { FileHandlesError } from './mounts.js';
import { NoUmask } from './no-umask.js';
import { NodeTable, ROOT_SLOT } from './node-table.js';
import { adoptNode, inodeTag } from './nodes.js';
import { CallPool } from './offload.js';
import { Pins } from './pins.js';
import { Scratch } from './scratch.js';
import { completeSettings, type ShareSettings } from './settings.js';
import { Xattrs } from './xattrs.js';

/** How a {@link Share} is set up. */
export interface ShareOptions extends Partial<ShareSettings> {
  /** Path of the folder to share. */
  readonly directory: string;
  readonly log: Logger;
  /** How many descriptors nodes and handles may have together. @default unlimited */
  readonly descriptorBudget?: number;
  /** A descriptor of /proc/self/fd, which becomes the share's to close. @default it is opened */
  readonly procSelfFd?: number;
  /** Threads that wait for disks while other requests go on; 0: none, everything waits. @default 0 */
  readonly threadPoolSize?: number;
  /** Which extended attributes of the guest are which on the host; implies `xattr`. @default they have the same names */
  readonly xattrMap?: XattrMap;
  /** How many nodes to keep for a moment when the guest has forgotten them; at most a quarter of the descriptors. @default 0 */
  readonly keepForgotten?: number;
}

/**
 * The state of one shared folder: what the guest knows of it and has open, and what the operations need to work on it.
 * The operations themselves are functions of it, by subject, in the modules beside this one.
 */
export class Share implements Disposable {
  readonly nodes = new NodeTable();
  readonly handles = new HandleTable();
  readonly credentials = new Credentials();
  readonly setId = new SetIdPrivilege();
  readonly scratch = new Scratch();
  readonly chunks = new ChunkPool();
  readonly budget: DescriptorBudget;
  readonly pins = new Pins();
  readonly locks = new LockTable();
  /** Descriptors of nodes that can be closed when they get few. */
  readonly cache = new DescriptorCache();
  /** Nodes that were forgotten a moment ago. */
  readonly forgotten: ForgottenNodes;
  readonly mounts = new MountTable();
  readonly inodeTags = new InodeTags();
  /** Whether nodes may be found again by file handle, where the file system has them. */
  usesFileHandles: boolean;
  readonly log: Logger;
  readonly settings: ShareSettings;
  /** For what may take long, if there are threads for it. */
  readonly pool: CallPool | undefined;
  /** For extended attributes, if the guest has them. */
  readonly xattrs: Xattrs | undefined;
  readonly caching: Caching;
  /** What INIT has made of the settings. */
  agreed: Agreement = { ...NOTHING_AGREED };
  /** The guest has applied its umask to the modes it sends; ours must not. */
  readonly #umask: NoUmask;
  /** /proc/self/fd: the way from an O_PATH descriptor to one for reading and writing the same file. */
  readonly procSelfFd: number;
  #disposed = false;

  /** @throws SysError when the folder or /proc/self/fd cannot be opened, or the threads cannot be started, FileHandlesError */
  constructor(options: ShareOptions) {
    this.log = options.log;
    this.budget = new DescriptorBudget(options.descriptorBudget ?? Number.POSITIVE_INFINITY, options.log);
    const quarter = Math.floor(this.budget.left / 4);
    this.forgotten = new ForgottenNodes(this, Math.min(options.keepForgotten ?? 0, quarter));
    this.settings = completeSettings({ ...options, ...(options.xattrMap && { xattr: true }) });
    this.caching = new Caching(this.settings);
    this.usesFileHandles = this.settings.inodeFileHandles !== 'never';
    this.procSelfFd = options.procSelfFd ?? openDirectory('/proc/self/fd');
    this.xattrs = this.settings.xattr
      ? new Xattrs(this.procSelfFd, this.scratch, options.xattrMap)
      : undefined;
    this.#umask = new NoUmask();
    try {
      this.pool = options.threadPoolSize ? new CallPool(options.threadPoolSize) : undefined;
      const root = adoptNode(this, openDirectory(options.directory));
      if (root < 0 && this.settings.inodeFileHandles === 'mandatory') throw new FileHandlesError(root);
      check(root, 'statx', options.directory);
      inodeTag(this, ROOT_SLOT);
    } catch (error) {
      this.#release();
      throw error;
    }
  }

  /** Forgets everything the guest looked up or has open: as after the start. */
  reset(): void {
    const release = (descriptor: number) => releaseDescriptor(this, descriptor);
    this.locks.clear(this);
    this.forgotten.clear();
    this.handles.clear((descriptor) => {
      dropFlock(this, descriptor);
      release(descriptor);
    });
    this.nodes.clear(release);
    this.cache.clear();
    this.mounts.clear(release);
    this.agreed = { ...NOTHING_AGREED };
  }

  /** Idempotent. */
  [Symbol.dispose](): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.reset();
    raw.close(this.nodes.descriptorOf(ROOT_SLOT));
    const { descriptor } = this.mounts.at(0);
    if (descriptor >= 0) raw.close(descriptor);
    this.#release();
  }

  #release(): void {
    this.forgotten[Symbol.dispose]();
    this.pool?.[Symbol.dispose]();
    raw.close(this.procSelfFd);
    this.xattrs?.[Symbol.dispose]();
    this.chunks[Symbol.dispose]();
    this.scratch[Symbol.dispose]();
    this.setId[Symbol.dispose]();
    this.#umask[Symbol.dispose]();
  }
}

function openDirectory(path: string): number {
  return openat(AT_FDCWD, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}
