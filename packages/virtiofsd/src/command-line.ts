import { Command, CommanderError, Option } from 'commander';
import { OPTIONS, type OptionEntry, type Options, UsageError } from './options.js';

/** What the command line asks for. */
export type Request =
  | { readonly kind: 'run'; readonly options: Options }
  /** Print `text` and exit with `status`: help, version, or a usage error. */
  | { readonly kind: 'print'; readonly text: string; readonly status: number };

const USAGE_STATUS = 2;

/** Reads the arguments (without node and script). */
export function parseCommandLine(args: readonly string[], version: string): Request {
  let output = '';
  const command = new Command('virtiofsd')
    .description('Shares a folder of the host with a virtual machine (virtio-fs over vhost-user).')
    .version(`virtiofsd ${version}`, '-V, --version', 'print the version and exit')
    .helpOption('-h, --help', 'print this help and exit')
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ writeOut: (text) => (output += text), writeErr: () => {}, outputError: () => {} });
  const entries = Object.entries(OPTIONS) as [keyof Options, OptionEntry][];
  for (const [, entry] of entries) command.addOption(optionOf(entry));

  if (args.length === 0) return { kind: 'print', text: command.helpInformation(), status: USAGE_STATUS };
  try {
    command.parse(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: 'print', text: output, status: 0 };
    return usageError(error.message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' '));
  }

  const given: Record<string, unknown> = command.opts();
  const options: Partial<Record<keyof Options, unknown>> = {};
  for (const [key, entry] of entries) {
    const text = given[key];
    if (typeof text !== 'string') {
      if (entry.default !== undefined) options[key] = entry.default;
      continue;
    }
    try {
      options[key] = entry.parse ? entry.parse(text) : text;
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      return usageError(`--${entry.name} '${text}': ${error.message}`);
    }
  }
  const missing = entries.filter(([key, entry]) => entry.required && options[key] === undefined);
  if (missing.length > 0) {
    const names = missing.map(([, entry]) => `--${entry.name} ${entry.value}`).join(' and ');
    return usageError(`${names} ${missing.length > 1 ? 'are' : 'is'} missing`);
  }
  return { kind: 'run', options: options as unknown as Options };
}

function optionOf(entry: OptionEntry): Option {
  const option = new Option(
    entry.value ? `--${entry.name} <${entry.value}>` : `--${entry.name}`,
    helpOf(entry),
  );
  return option;
}

function helpOf(entry: OptionEntry): string {
  const notes = [];
  if (entry.required) notes.push('required');
  if (entry.choices) notes.push(entry.choices.join(', '));
  if (entry.default !== undefined) notes.push(`default: ${entry.default}`);
  return notes.length > 0 ? `${entry.help} (${notes.join('; ')})` : entry.help;
}

function usageError(message: string): Request {
  return {
    kind: 'print',
    text: `virtiofsd: ${message}; see virtiofsd --help\n`,
    status: USAGE_STATUS,
  };
}
