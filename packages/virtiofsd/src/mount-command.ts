import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { SysError } from '@vfs/sys';
import { type FuseMount, mountFileSystem } from './fuse-device/mount.js';
import { isInside } from './fuse-device/mountpoint.js';
import { descriptorBudget, setDescriptorLimit } from './life-cycle/descriptor-limit.js';
import type { Log, Logger, LogLevel } from './log.js';
import { type CommandDescription, commandOf } from './options/command-description.js';
import { completeShare } from './options/complete.js';
import type { OptionEntry } from './options/entry.js';
import type { GivenCommon, GivenShare } from './options/given.js';
import { parseArguments } from './options/parse.js';
import { type Print, usageError } from './options/print.js';
import { type Environment, levelIn } from './options/rust-log.js';
import { SHARE_OPTIONS } from './options/table/index.js';
import { LOG_LEVEL_ENTRY } from './options/table/logging.js';
import type { ShareChoices } from './options.js';
import { Share } from './passthrough/share.js';
import { servedFileSystem, shareOptions } from './served-file-system.js';
import { checkSharedFolder } from './shared-folder.js';
import { StartError } from './start-error.js';

/** What `virtiofsd mount` was told, checked. */
export interface MountCommandOptions extends ShareChoices {
  readonly directory: string;
  readonly mountpoint: string;
  readonly logLevel: LogLevel;
  readonly allowOther: boolean;
  readonly fusermount: boolean;
}

/** What the command line says, as it is read. */
interface GivenMount extends GivenShare, GivenCommon {
  allowOther?: boolean;
  fusermount?: boolean;
}

const MOUNT_OPTIONS: readonly OptionEntry<GivenMount>[] = [
  ...SHARE_OPTIONS,
  LOG_LEVEL_ENTRY,
  {
    name: 'allow-other',
    group: 'Mount',
    help: 'let other users use the mount; root always does, others need user_allow_other in /etc/fuse.conf',
    take: (given) => {
      given.allowOther = true;
    },
  },
  {
    name: 'fusermount',
    group: 'Mount',
    help: 'mount through fusermount3, as users other than root always do',
    take: (given) => {
      given.fusermount = true;
    },
  },
];

export const MOUNT: CommandDescription<GivenMount> = {
  name: 'virtiofsd mount',
  summary: 'mounts a folder on this machine, to try and to debug',
  description: 'Mounts a folder on this machine through FUSE, as a guest would see it: to try and to debug.',
  operands: [
    { name: 'dir', help: 'the folder to serve', completes: 'directory' },
    { name: 'mountpoint', help: 'the directory to mount it on', completes: 'directory' },
  ],
  options: MOUNT_OPTIONS,
};

const FAILURE = 1;

/** What the command line asks for. */
export type MountRequest = { readonly kind: 'mount'; readonly options: MountCommandOptions } | Print;

/**
 * Reads the arguments behind `mount`.
 *
 * @throws StartError for options that do not go together
 */
export function parseMountCommand(args: readonly string[], environment: Environment = {}): MountRequest {
  const command = commandOf(MOUNT);
  const given: GivenMount = {};
  const parsed = parseArguments(command, MOUNT.options, args, given);
  if (parsed.kind === 'print') return parsed;
  const [directory, mountpoint] = command.args as [string, string];
  if (directory === '' || mountpoint === '')
    return usageError('an argument is empty: give two directories', MOUNT.name);
  const { allowOther = false, fusermount = false } = given;
  const logLevel = levelIn(environment) ?? given.logLevel ?? 'info';
  const options = { ...completeShare(given), directory, mountpoint, logLevel, allowOther, fusermount };
  return { kind: 'mount', options };
}

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
