import { Command, CommanderError, Option } from 'commander';
import { OPTIONS, type OptionEntry, type Options, UsageError } from './options.js';

/** What the command line asks for. */
export type Request = { readonly kind: 'run'; readonly options: Options } | Print;

/** Print `text` and exit with `status`: help, version, or a usage error. */
export interface Print {
  readonly kind: 'print';
  readonly text: string;
  readonly status: number;
}

/** The entries of options, by the property that each fills. */
export type OptionTable = Readonly<Record<string, OptionEntry>>;

const USAGE_STATUS = 2;

/** Reads the arguments (without node and script). */
export function parseCommandLine(args: readonly string[], version: string): Request {
  const command = new Command('virtiofsd')
    .description('Shares a folder of the host with a virtual machine (virtio-fs over vhost-user).')
    .version(`virtiofsd ${version}`, '-V, --version', 'print the version and exit')
    .addHelpText(
      'after',
      '\nvirtiofsd mount DIR MOUNTPOINT mounts a folder on this machine: virtiofsd mount --help',
    );
  const options = parseOptions(command, OPTIONS, args);
  return isPrint(options) ? options : { kind: 'run', options: options as unknown as Options };
}

/** Whether the outcome of {@link parseOptions} ends the program. */
export function isPrint(outcome: Print | Record<string, unknown>): outcome is Print {
  return outcome['kind'] === 'print';
}

/**
 * Lets a command read its arguments, with the options of a table in addition to what it has.
 *
 * @returns the values of the options; what to print if that is all there is to do
 */
export function parseOptions(
  command: Command,
  table: OptionTable,
  args: readonly string[],
): Print | Record<string, unknown> {
  let output = '';
  command
    .helpOption('-h, --help', 'print this help and exit')
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ writeOut: (text) => (output += text), writeErr: () => {}, outputError: () => {} });
  const entries = Object.entries(table);
  for (const [, entry] of entries) command.addOption(optionOf(entry));

  if (args.length === 0) return { kind: 'print', text: command.helpInformation(), status: USAGE_STATUS };
  try {
    command.parse(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: 'print', text: output, status: 0 };
    return usageError(error.message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' '), command.name());
  }

  const given: Record<string, unknown> = command.opts();
  const options: Record<string, unknown> = {};
  for (const [key, entry] of entries) {
    const text = given[key];
    if (typeof text === 'boolean') options[key] = text;
    if (typeof text !== 'string') {
      if (text === undefined && entry.default !== undefined) options[key] = entry.default;
      continue;
    }
    try {
      options[key] = entry.parse ? entry.parse(text) : text;
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      return usageError(`--${entry.name} '${text}': ${error.message}`, command.name());
    }
  }
  const missing = entries.filter(([key, entry]) => entry.required && options[key] === undefined);
  if (missing.length > 0) {
    const names = missing.map(([, entry]) => `--${entry.name} ${entry.value}`).join(' and ');
    return usageError(`${names} ${missing.length > 1 ? 'are' : 'is'} missing`, command.name());
  }
  return options;
}

function optionOf(entry: OptionEntry): Option {
  return new Option(entry.value ? `--${entry.name} <${entry.value}>` : `--${entry.name}`, helpOf(entry));
}

function helpOf(entry: OptionEntry): string {
  const notes = [];
  if (entry.required) notes.push('required');
  if (entry.choices) notes.push(entry.choices.join(', '));
  if (entry.default !== undefined) notes.push(`default: ${entry.default}`);
  return notes.length > 0 ? `${entry.help} (${notes.join('; ')})` : entry.help;
}

/** A mistake on the command line, in one line that ends by naming the help of `command`. */
export function usageError(message: string, command: string): Print {
  return {
    kind: 'print',
    text: `virtiofsd: ${message}; see ${command} --help\n`,
    status: USAGE_STATUS,
  };
}
