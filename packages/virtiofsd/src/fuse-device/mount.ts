import { setTimeout } from 'node:timers/promises';
import { delegate, type FileSystem, FUSE_ALLOW_IDMAP, Session, silent } from '@vfs/fuse-proto';
import { close } from '@vfs/sys';
import type { Logger } from '../log.js';
import { StartError } from '../start-error.js';
import { openDevice } from './device-file.js';
import { type DeviceEnding, FuseDevice } from './fuse-device.js';
import { escapeOption, findFusermount, mountByFusermount } from './fusermount.js';
import { mountByRoot } from './kernel-mount.js';
import type { MountFileSystemOptions } from './mount-options.js';
import { inspectMountpoint, isDeadMount, type Mountpoint, mountedAt, pathOfDeadMount } from './mountpoint.js';
import { makeUnmounter, type Unmounter, unmountPatiently } from './unmount.js';

const SUBTYPE = 'virtiofsd';
const FSTYPE = `fuse.${SUBTYPE}`;
const MAX_READ = 1 << 20;
/** Until INIT has settled the file system's own. */
const MAX_WRITE = 1 << 20;
const MAX_IN_FLIGHT = 4096;

/** How long the end of the connection may take after an unmount, in milliseconds. */
const GRACE = 1000;

/** How a mount ended. */
export type MountEnding =
  /** It was unmounted, by {@link FuseMount.unmount} or by somebody else, when nobody used it any more. */
  | { readonly kind: 'unmounted' }
  /** It was taken away from those who still used it. */
  | { readonly kind: 'detached' }
  /** The connection with the kernel broke. */
  | { readonly kind: 'failed'; readonly error: Error };

/**
 * A file system that this process serves to the kernel of its own machine.
 *
 * The process must not use the mount by synchronous calls, `fs.statSync` of the mountpoint included: they would wait for an answer that the
 * same thread has to give. Asynchronous calls of `fs` do not, as long as they leave a thread of the pool for the
 * file system's own.
 */
export class FuseMount implements AsyncDisposable {
  /** The mountpoint, absolute. */
  readonly path: string;
  /** Settles when the file system is not served any more. */
  readonly ended: Promise<MountEnding>;
  readonly #device: FuseDevice;
  readonly #unmounter: Unmounter;
  readonly #log: Logger;
  #over = false;
  #detached = false;
  #unmounting: Promise<MountEnding> | undefined;

  /** @internal Mounts come from {@link mountFileSystem}. */
  constructor(path: string, device: FuseDevice, unmounter: Unmounter, log: Logger) {
    this.path = path;
    this.#device = device;
    this.#unmounter = unmounter;
    this.#log = log;
    this.ended = device.ended.then((ending) => this.#conclude(ending));
  }

  /** How many requests are being served. */
  get inFlight(): number {
    return this.#device.inFlight;
  }

  /**
   * Unmounts, and resolves when all is over. Users that are still there after a moment lose the file system: it is detached, and what they
   * have open answers ENOTCONN.
   */
  unmount(): Promise<MountEnding> {
    this.#unmounting ??= this.#unmount();
    return this.#unmounting;
  }

  /** As {@link unmount}, without waiting for anybody. */
  async detach(): Promise<MountEnding> {
    if (!this.#over) await this.#detach();
    return this.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.unmount();
  }

  async #unmount(): Promise<MountEnding> {
    const result = await unmountPatiently(this.#unmounter, this.path, () => this.#over || this.#detached);
    if (this.#over || this.#detached) return this.ended;
    if (result.status !== 0) {
      this.#log.warn(`'${this.path}' is in use (${result.stderr}): detaching it`);
      await this.#detach();
    } else if (!(await this.#endsSoon())) {
      this.#log.warn(
        `'${this.path}' is unmounted here, but not in other mount namespaces: ending it there, too`,
      );
      this.#detached = true;
      this.#device.abort();
    }
    return this.ended;
  }

  async #detach(): Promise<void> {
    this.#detached = true;
    const result = await this.#unmounter.unmount(this.path, true);
    if (this.#over) return;
    if (result.status !== 0) this.#log.error(`cannot unmount '${this.path}': ${result.stderr}`);
    this.#device.abort();
  }

  /** When nobody has the file system any more, the kernel has said so by the time that the unmounting is done, or nearly. */
  async #endsSoon(): Promise<boolean> {
    await Promise.race([this.ended, setTimeout(GRACE, undefined, { ref: false })]);
    return this.#over;
  }

  async #conclude(ending: DeviceEnding): Promise<MountEnding> {
    this.#over = true;
    if (this.#detached && ending.kind === 'failed') return { kind: 'detached' };
    // Aborting by force (umount -f) ends the connection, but may leave the mount; nobody can use it.
    if (mountedAt(this.path) !== FSTYPE || !(await isDeadMount(this.path))) return ending;
    await this.#unmounter.unmount(this.path, true);
    if (ending.kind === 'failed') return ending;
    return { kind: 'failed', error: new Error('the kernel aborted the connection') };
  }
}

/**
 * Mounts a file system on a directory of this machine and serves it through /dev/fuse, until it is unmounted. Resolves when it can be used.
 *
 * @throws StartError when it cannot be mounted, SysError when `FileSystem.init` refuses
 */
export async function mountFileSystem(
  fs: FileSystem,
  mountpoint: string,
  options: MountFileSystemOptions = {},
): Promise<FuseMount> {
  const log = options.log ?? silent;
  const byRoot = process.geteuid!() === 0 && !options.fusermount;
  const fusermount = byRoot ? undefined : findFusermount();
  const unmounter = makeUnmounter(fusermount);
  const place = await vacate(mountpoint, unmounter, log);
  const maxRead = options.maxRead ?? MAX_READ;
  const source = options.source ?? SUBTYPE;
  const device = openDevice();
  let fd = device;
  if (byRoot) {
    mountByRoot(device, place, FSTYPE, source, maxRead, options);
  } else {
    // It was opened only to say what is wrong with it: fusermount3 opens its own.
    close(device);
    fd = await mountByFusermount(fusermount!, place.path, fusermountOptions(options, source, maxRead));
  }
  const session = new Session(options.defaultPermissions === false ? withoutIdMaps(fs) : fs, {
    log,
    ...(options.flags !== undefined && { flags: options.flags }),
  });
  const served = new FuseDevice(fd, session, {
    log,
    maxRead,
    maxWrite: MAX_WRITE,
    maxInFlight: options.maxInFlight ?? MAX_IN_FLIGHT,
  });
  const mount = new FuseMount(place.path, served, unmounter, log);
  try {
    await served.ready;
  } catch (error) {
    await mount.detach();
    throw error;
  }
  return mount;
}

/** The kernel refuses a file system that agrees on id-mapped mounts and checks permissions itself. */
function withoutIdMaps(fs: FileSystem): FileSystem {
  const layer = delegate(fs);
  const { init } = layer;
  layer.init = async (connection) => {
    const outcome = (await init?.(connection)) ?? 0;
    connection.flags &= ~FUSE_ALLOW_IDMAP;
    return outcome;
  };
  return layer;
}

/** Finds the mountpoint fit for use, or makes it so. @throws StartError */
async function vacate(given: string, unmounter: Unmounter, log: Logger): Promise<Mountpoint> {
  let place = inspectMountpoint(given);
  if (place === 'dead') {
    const path = pathOfDeadMount(given);
    const type = mountedAt(path);
    if (type !== FSTYPE) {
      throw new StartError(
        `the mountpoint '${given}' has a dead mount of another program (${type}): unmount it (umount -l '${path}')`,
      );
    }
    log.warn(`'${path}' was left mounted by a process that is gone: unmounting it`);
    const { status, stderr } = await unmounter.unmount(path, true);
    if (status !== 0) throw new StartError(`the mountpoint '${given}' has a dead mount: ${stderr}`);
    place = inspectMountpoint(given);
    if (place === 'dead')
      throw new StartError(`the mountpoint '${given}' has several dead mounts: unmount them`);
  }
  if (mountedAt(place.path) === FSTYPE) {
    throw new StartError(
      `the mountpoint '${given}' is in use by another ${SUBTYPE}: unmount it first, or choose another directory`,
    );
  }
  return place;
}

function fusermountOptions(options: MountFileSystemOptions, source: string, maxRead: number): string[] {
  const list = [
    `fsname=${escapeOption(source)}`,
    `subtype=${SUBTYPE}`,
    `max_read=${maxRead}`,
    options.readOnly ? 'ro' : 'rw',
    ...(options.trusted ? ['suid', 'dev'] : ['nosuid', 'nodev']),
  ];
  if (options.defaultPermissions ?? true) list.push('default_permissions');
  if (options.allowOther ?? process.getuid!() === 0) list.push('allow_other');
  return list;
}
