import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { SysError } from '@vfs/sys';
import { type FuseMount, mountFileSystem } from './fuse-device/mount.js';
import { isInside } from './fuse-device/mountpoint.js';
import { descriptorBudget, setDescriptorLimit } from './life-cycle/descriptor-limit.js';
import type { Log, Logger } from './log.js';
import type { MountCommandOptions } from './mount-command.js';
import { Share } from './passthrough/share.js';
import { servedFileSystem, shareOptions } from './served-file-system.js';
import { checkSharedFolder } from './shared-folder.js';
import { StartError } from './start-error.js';

const FAILURE = 1;

/**
 * Serves the folder until it is unmounted, or a signal says so. Resolves with the exit status.
 *
 * @throws StartError
 */
export async function runMount(options: MountCommandOptions, log: Log): Promise<number> {
  const own = log.module('mount');
  checkSharedFolder(options.directory);
  checkSeparate(options);
  const signals = new Signals(own);
  setDescriptorLimit(undefined, own);
  const passthroughLog = log.module('passthrough');
  try {
    using share = new Share({
      directory: options.directory,
      descriptorBudget: descriptorBudget(options.threadPoolSize, own),
      ...shareOptions(options, passthroughLog),
      log: passthroughLog,
    });
    const mount = await mountFolder(share, options, log.module('fuse'));
    own.info(`'${options.directory}' is mounted at '${mount.path}'`);
    signals.attend(mount);
    const ending = await mount.ended;
    if (ending.kind === 'failed') own.error(ending.error.message);
    else own.info(ending.kind);
    return ending.kind === 'unmounted' ? 0 : FAILURE;
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    throw new StartError(`cannot mount '${options.directory}' at '${options.mountpoint}': ${error.message}`);
  }
}

function mountFolder(share: Share, options: MountCommandOptions, log: Logger): Promise<FuseMount> {
  return mountFileSystem(servedFileSystem(share, options), options.mountpoint, {
    source: resolve(options.directory),
    // A user's mount cannot have it, and what root serves is as good as what it serves.
    trusted: process.geteuid!() === 0,
    log,
    ...(options.allowOther && { allowOther: true }),
    fusermount: options.fusermount,
  });
}

/** A folder that contained its own mount would have to ask this process while it is being asked. */
function checkSeparate({ directory, mountpoint }: MountCommandOptions): void {
  let inside = false;
  try {
    inside = isInside(realpathSync.native(mountpoint), realpathSync.native(directory));
  } catch {
    // What is wrong with the mountpoint is found out when it is mounted.
  }
  if (inside) {
    throw new StartError(
      `the mountpoint '${mountpoint}' lies in '${directory}', which would contain itself: choose a directory outside`,
    );
  }
}

/**
 * Signals that would end the process unmount; from the second one on without waiting until nobody uses the mount. A defect
 * ends the process, but not without unmounting.
 */
class Signals {
  readonly #log: Logger;
  #mount: FuseMount | undefined;
  #count = 0;

  constructor(log: Logger) {
    this.#log = log;
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
      process.on(signal, () => {
        this.#count++;
        this.#log.info(`${signal}: unmounting`);
        this.#act();
      });
    }
    process.on('uncaughtException', (error) => {
      this.#log.error(`unexpected: ${error.stack ?? error}`);
      const done = this.#mount?.detach() ?? Promise.resolve();
      void done.finally(() => process.exit(FAILURE));
    });
  }

  /** From now on there is something to unmount: also what was asked for before is done. */
  attend(mount: FuseMount): void {
    this.#mount = mount;
    this.#act();
  }

  #act(): void {
    if (this.#count === 1) void this.#mount?.unmount();
    else if (this.#count > 1) void this.#mount?.detach();
  }
}
