import { TAG_SIZE } from './device.js';
import { LOG_LEVELS, type LogLevel } from './log.js';

/** What the command line says, checked. */
export interface Options {
  readonly sharedDir: string;
  readonly socketPath: string;
  readonly tag?: string;
  readonly logLevel: LogLevel;
}

/** One option of the command line. Parser and help come from these entries, and so will the manual page. */
export interface OptionEntry<Value = unknown> {
  /** The long name, without dashes. */
  readonly name: string;
  /** How the help calls the value; a flag has none. */
  readonly value?: string;
  /** One line, lower case, no full stop. */
  readonly help: string;
  readonly required?: boolean;
  readonly default?: Value;
  readonly choices?: readonly string[];
  /**
   * Turns the text into the value.
   *
   * @throws UsageError saying what is wrong and what to write instead
   */
  readonly parse?: (text: string) => Value;
}

/** A mistake on the command line: one line for the user, exit status 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Entries are keyed by the property of {@link Options} they fill. */
export const OPTIONS: { readonly [K in keyof Required<Options>]: OptionEntry<Options[K]> } = {
  sharedDir: {
    name: 'shared-dir',
    value: 'DIR',
    help: 'the folder of the host to share',
    required: true,
    parse: (text) => notEmpty(text, 'give the folder to share'),
  },
  socketPath: {
    name: 'socket-path',
    value: 'SOCK',
    help: 'where to create the vhost-user socket that the virtual machine connects to',
    required: true,
    parse: (text) => notEmpty(text, 'give the path of the socket to create'),
  },
  tag: {
    name: 'tag',
    value: 'TAG',
    help: `the name under which the guest mounts the share (1 to ${TAG_SIZE} bytes); without it, the VMM gives the tag`,
    parse: parseTag,
  },
  logLevel: {
    name: 'log-level',
    value: 'LEVEL',
    help: 'how much to log',
    default: 'info',
    choices: LOG_LEVELS,
    parse: (text) => {
      const level = LOG_LEVELS.find((name) => name === text);
      if (!level) throw new UsageError(`use one of: ${LOG_LEVELS.join(', ')}`);
      return level;
    },
  },
};

function notEmpty(text: string, advice: string): string {
  if (text === '') throw new UsageError(`it is empty: ${advice}`);
  if (text.includes('\0')) throw new UsageError('it contains a NUL character');
  return text;
}

function parseTag(text: string): string {
  const length = Buffer.byteLength(text);
  if (length === 0) throw new UsageError(`it is empty: give 1 to ${TAG_SIZE} bytes`);
  if (length > TAG_SIZE) {
    throw new UsageError(`it is ${length} bytes long: give at most ${TAG_SIZE}`);
  }
  if (text.includes('\0')) throw new UsageError('it contains a NUL character');
  return text;
}
