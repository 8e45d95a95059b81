import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import type { FileSystem } from '@vfs/fuse-proto';
import { SysError } from '@vfs/sys';
import { type FuseMount, mountFileSystem } from './fuse-device/mount.js';
import { isInside } from './fuse-device/mountpoint.js';
import { descriptorBudget, setDescriptorLimit } from './life-cycle/descriptor-limit.js';
import type { Log, Logger } from './log.js';
import { checkModuleFile } from './module/load-module.js';
import { createModuleFileSystem } from './module/module-file-system.js';
import type { MountCommandOptions } from './mount-command.js';
import type { ModuleChoice } from './options.js';
import { Share } from './passthrough/share.js';
import { type MakeFileSystem, servedFileSystem, shareOptions } from './served-file-system.js';
import { checkSharedFolder, fromRoot } from './shared-folder.js';
import { StartError } from './start-error.js';

const FAILURE = 1;

/**
 * Serves the folder until it is unmounted, or a signal says so. Resolves with the exit status.
 *
 * @throws StartError
 */
export async function runMount(options: MountCommandOptions, log: Log): Promise<number> {
  const own = log.module('mount');
  const { directory, module } = options;
  if (directory !== undefined) {
    checkSharedFolder(directory);
    checkSeparate(directory, options.mountpoint);
  }
  if (module) checkModuleFile(module.path);
  const served = directory ?? `what ${module!.path} makes`;
  const signals = new Signals(own);
  setDescriptorLimit(undefined, own);
  const passthroughLog = log.module('passthrough');
  try {
    const make = module && (await makeByModule(module, directory !== undefined, log));
    using share =
      directory === undefined
        ? undefined
        : new Share({
            directory,
            descriptorBudget: descriptorBudget(options.threadPoolSize, own),
            ...shareOptions(options, passthroughLog),
            log: passthroughLog,
          });
    const fileSystem = servedFileSystem(share, options, make);
    const mount = await mountServed(fileSystem, options, log.module('fuse'));
    own.info(`'${served}' is mounted at '${mount.path}'`);
    signals.attend(mount);
    const ending = await mount.ended;
    if (ending.kind === 'failed') own.error(ending.error.message);
    else own.info(ending.kind);
    return ending.kind === 'unmounted' ? 0 : FAILURE;
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    throw new StartError(`cannot mount '${served}' at '${options.mountpoint}': ${error.message}`);
  }
}

/** A module is loaded from where this process stands. */
function makeByModule({ path, options }: ModuleChoice, layered: boolean, log: Log): Promise<MakeFileSystem> {
  return createModuleFileSystem({ path: fromRoot(path, 'module'), options }, layered, log.module('module'));
}

function mountServed(
  fileSystem: FileSystem,
  { directory, module, mountpoint, ...options }: MountCommandOptions,
  log: Logger,
): Promise<FuseMount> {
  return mountFileSystem(fileSystem, mountpoint, {
    source: resolve(directory ?? module!.path),
    // A user's mount cannot have it, and the folder that root serves is as good as what it serves. What a module makes is not.
    trusted: process.geteuid!() === 0 && module === undefined,
    log,
    ...(options.allowOther && { allowOther: true }),
    fusermount: options.fusermount,
  });
}

/** A folder that contained its own mount would have to ask this process while it is being asked. */
function checkSeparate(directory: string, mountpoint: string): void {
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
