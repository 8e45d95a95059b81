import type { LogLevel } from './log.js';
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

/** What `virtiofsd mount` was told, checked. */
export interface MountCommandOptions extends ShareChoices {
  /** The folder to serve; only with a module there may be none. */
  readonly directory?: string;
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
    {
      name: 'dir',
      help: 'the folder to serve; with --module it may be left out',
      optional: true,
      completes: 'directory',
    },
    { name: 'mountpoint', help: 'the directory to mount it on', completes: 'directory' },
  ],
  options: MOUNT_OPTIONS,
};

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
  if (command.args.includes('')) return usageError('an argument is empty: give two directories', MOUNT.name);
  const mountpoint = command.args.at(-1);
  const directory = command.args.at(-2);
  if (mountpoint === undefined || (directory === undefined && given.module === undefined)) {
    const missing = mountpoint === undefined && given.module === undefined ? 'dir' : 'mountpoint';
    return usageError(`missing required argument '${missing}'`, MOUNT.name);
  }
  const { allowOther = false, fusermount = false } = given;
  const logLevel = levelIn(environment) ?? given.logLevel ?? 'info';
  const options = {
    ...completeShare(given, directory !== undefined),
    ...(directory !== undefined && { directory }),
    mountpoint,
    logLevel,
    allowOther,
    fusermount,
  };
  return { kind: 'mount', options };
}
