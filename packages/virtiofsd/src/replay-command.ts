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
import { parseText } from './options/values.js';
import type { ShareChoices } from './options.js';

/** What `virtiofsd replay` was told, checked. */
export interface ReplayOptions {
  readonly file: string;
  /** Print the recording; or replay it in a folder, as a daemon with these options would serve it; or at the socket of a daemon. */
  readonly against:
    | { readonly kind: 'print' }
    | { readonly kind: 'folder'; readonly directory: string; readonly share: ShareChoices }
    | { readonly kind: 'socket'; readonly path: string };
  readonly paced: boolean;
  readonly json: boolean;
  readonly logLevel: LogLevel;
}

interface GivenReplay extends GivenShare, GivenCommon {
  socket?: string;
  print?: boolean;
  paced?: boolean;
  json?: boolean;
}

const REPLAY_OPTIONS: readonly OptionEntry<GivenReplay>[] = [
  {
    name: 'print',
    group: 'Observation',
    help: 'print the recording, a line for each message, and replay nothing',
    take: (given) => {
      given.print = true;
    },
  },
  {
    name: 'socket',
    group: 'Observation',
    value: 'SOCK',
    completes: 'file',
    help: 'replay at the vhost-user socket of a daemon, in the place of a virtual machine, and not in a folder',
    take: (given, text) => {
      given.socket = parseText(text, 'give the path of the socket');
    },
  },
  {
    name: 'paced',
    group: 'Observation',
    help: 'make each request no sooner than it was made when recorded, and not as fast as it goes',
    take: (given) => {
      given.paced = true;
    },
  },
  {
    name: 'json',
    group: 'Observation',
    help: 'report as JSON',
    take: (given) => {
      given.json = true;
    },
  },
  // What was recorded of a module is replayed at the socket of a daemon that has it.
  ...SHARE_OPTIONS.filter(({ name }) => !name.startsWith('module')),
  LOG_LEVEL_ENTRY,
];

export const REPLAY: CommandDescription<GivenReplay> = {
  name: 'virtiofsd replay',
  summary: 'makes the requests of a recording again, and compares',
  description:
    'Makes the requests of a recording (--trace) again: in a folder, which they change, or at the socket of a daemon. It reports which ' +
    'come out differently, and how long they take; it exits with 0 when none does, with 1 when some do.',
  operands: [
    { name: 'file', help: 'the recording', completes: 'file' },
    {
      name: 'dir',
      help: 'the folder, as it was when the recording began',
      completes: 'directory',
      optional: true,
    },
  ],
  options: REPLAY_OPTIONS,
};

/** What the command line asks for. */
export type ReplayRequest = { readonly kind: 'replay'; readonly options: ReplayOptions } | Print;

/**
 * Reads the arguments behind `replay`.
 *
 * @throws StartError for options that do not go together
 */
export function parseReplayCommand(args: readonly string[], environment: Environment = {}): ReplayRequest {
  const command = commandOf(REPLAY);
  const given: GivenReplay = {};
  const parsed = parseArguments(command, REPLAY.options, args, given);
  if (parsed.kind === 'print') return parsed;
  const [file, directory] = command.args;
  if (file === undefined) return usageError('give the recording', REPLAY.name);
  const { socket, print = false, paced = false, json = false } = given;
  if (file === '' || directory === '') return usageError('an argument is empty', REPLAY.name);
  const ways = [print, socket !== undefined, directory !== undefined].filter(Boolean);
  if (ways.length !== 1) {
    return usageError('give a folder, or --socket, or --print: one of them', REPLAY.name);
  }
  const logLevel = levelIn(environment) ?? given.logLevel ?? 'info';
  const against: ReplayOptions['against'] = print
    ? { kind: 'print' }
    : socket === undefined
      ? { kind: 'folder', directory: directory!, share: completeShare(given, true) }
      : { kind: 'socket', path: socket };
  return { kind: 'replay', options: { file, against, paced, json, logLevel } };
}
