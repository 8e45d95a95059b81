import type { Options } from '../options.js';
import { StartError } from '../start-error.js';
import { capabilitiesText } from './capabilities.js';
import { type CommandDescription, commandLine, commandOf } from './command-description.js';
import { completeOptions } from './complete.js';
import { flagOf, type OptionEntry, UsageError } from './entry.js';
import type { Given } from './given.js';
import { takeLegacy } from './legacy.js';
import { parseArguments } from './parse.js';
import { type Print, usageError } from './print.js';
import { type Environment, levelIn } from './rust-log.js';
import { OPTIONS } from './table/index.js';

/** What the command line asks for. */
export type Request = Run | Print;

/** Serve a machine. */
export interface Run {
  readonly kind: 'run';
  readonly options: Options;
  /** For the log: what is deprecated, and what to write instead. */
  readonly warnings: readonly string[];
}

/** What a command line depends on besides the arguments. */
export interface Surroundings {
  readonly version: string;
  /** What the program can do besides, for its help. @default nothing */
  readonly commands?: readonly CommandDescription<never>[];
  /** The environment. @default empty */
  readonly environment?: Environment;
  /** The own process. @default unknown */
  readonly pid?: number;
}

export const DAEMON: CommandDescription<Given> = {
  name: 'virtiofsd',
  summary: 'shares a folder with a virtual machine',
  description: 'Shares a folder of the host with a virtual machine (virtio-fs over vhost-user).',
  operands: [],
  options: OPTIONS,
};

/** SD_LISTEN_FDS_START */
const FIRST_PASSED = 3;

/**
 * Reads the arguments (without node and script).
 *
 * @throws StartError for options that do not go together
 */
export function parseCommandLine(args: readonly string[], surroundings: Surroundings): Request {
  const { version, commands = [], environment = {} } = surroundings;
  const command = commandOf(DAEMON).usage('--shared-dir DIR --socket-path SOCK [options]');
  command.addHelpText(
    'after',
    () => `\nCommands:\n${commands.map((each) => `  ${commandLine(each)}\n`).join('')}`,
  );
  const given: Given = {};
  const parsed = parseArguments(command, OPTIONS, args, given, `${DAEMON.name} ${version}`);
  if (parsed.kind === 'print') return parsed;
  try {
    for (const text of given.legacy ?? []) takeLegacy(given, text);
    if (given.printCapabilities) return printCapabilities(given);
    takeActivation(given, surroundings);
    const options = completeOptions(given);
    const logLevel = levelIn(environment) ?? options.logLevel;
    return { kind: 'run', options: { ...options, logLevel }, warnings: warningsOf(parsed.used, given) };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return usageError(error.message, DAEMON.name);
  }
}

/** Without a socket on the command line it is the one that the service manager has opened: sd_listen_fds(3). */
function takeActivation(given: Given, { environment = {}, pid }: Surroundings): void {
  if (given.socketPath !== undefined || given.socket !== undefined || given.fd !== undefined) return;
  if (pid === undefined || environment['LISTEN_PID'] !== String(pid)) return;
  const count = Number(environment['LISTEN_FDS']);
  if (count > 1) {
    throw new StartError(
      `the service manager passes ${count} sockets, but the daemon listens on one: choose it with --fd`,
    );
  }
  if (count === 1) given.fd = FIRST_PASSED;
}

function printCapabilities({ socketGroup }: Given): Print {
  if (socketGroup !== undefined) {
    throw new UsageError('--socket-group and --print-capabilities exclude each other: leave one of them out');
  }
  return { kind: 'print', text: capabilitiesText(), status: 0 };
}

function warningsOf(used: Iterable<OptionEntry<Given>>, given: Given): string[] {
  const deprecated = [...new Set(used)].filter((entry) => entry.deprecated !== undefined);
  return [
    ...deprecated.map((entry) => `${flagOf(entry)} is deprecated: ${entry.deprecated}`),
    ...(given.warnings ?? []),
  ];
}
