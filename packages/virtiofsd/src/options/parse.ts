import { type Command, CommanderError, Option } from 'commander';
import { flagOf, GROUPS, type OptionEntry, UsageError, usageOf } from './entry.js';
import { type Print, USAGE_STATUS, usageError } from './print.js';
import { spellOut } from './spelling.js';

/** An option as it was found in the arguments. */
interface Found<Target> {
  readonly entry: OptionEntry<Target>;
  readonly value: string;
}

/** The options that were given, each as often as it was. */
export interface Parsed<Target> {
  readonly kind: 'parsed';
  readonly used: readonly OptionEntry<Target>[];
}

/**
 * Lets a command read its arguments, with options in addition to what it has, and writes down in `target` what they say.
 *
 * @param version - what --version prints; without it there is no such option
 *
 * @returns what to print if that is all there is to do
 */
export function parseArguments<Target>(
  command: Command,
  entries: readonly OptionEntry<Target>[],
  args: readonly string[],
  target: Target,
  version?: string,
): Parsed<Target> | Print {
  const found: Found<Target>[] = [];
  const output = prepare(command, entries, found, version);
  if (args.length === 0) return { kind: 'print', text: command.helpInformation(), status: USAGE_STATUS };
  try {
    command.parse(spellOut(args, entries), { from: 'user' });
    for (const each of found) take(each, target);
  } catch (error) {
    if (error instanceof UsageError) return usageError(error.message, command.name());
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: 'print', text: output(), status: 0 };
    return usageError(error.message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' '), command.name());
  }
  return { kind: 'parsed', used: found.map(({ entry }) => entry) };
}

/** Hands a value to its entry, and says whose it is if it is refused. */
function take<Target>({ entry, value }: Found<Target>, target: Target): void {
  try {
    entry.take(target, value);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`${flagOf(entry)} '${value}': ${error.message}`);
  }
}

/** @returns what the command has written so far */
function prepare<Target>(
  command: Command,
  entries: readonly OptionEntry<Target>[],
  found: Found<Target>[],
  version: string | undefined,
): () => string {
  let output = '';
  const terms = new Map<Option, string>();
  command
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ writeOut: (text) => (output += text), writeErr: () => {}, outputError: () => {} })
    .configureHelp({ optionTerm: (option) => terms.get(option) ?? option.flags });
  for (const group of GROUPS) {
    for (const entry of entries.filter((each) => each.group === group)) {
      const flag = flagOf(entry);
      const option = new Option(entry.value === undefined ? flag : `${flag} <${entry.value}>`, helpOf(entry));
      terms.set(option, usageOf(entry));
      command.addOption(option.helpGroup(`${group}:`));
      // In order and each time, where the values that the command collects are the last ones.
      command.on(`option:${option.name()}`, (value: string | null) =>
        found.push({ entry, value: value ?? '' }),
      );
    }
  }
  command.optionsGroup('Information:').helpOption('-h, --help', 'print this help and exit');
  if (version !== undefined) command.version(version, '-V, --version', 'print the version and exit');
  return () => output;
}

function helpOf(entry: Omit<OptionEntry, 'take'>): string {
  const notes = [];
  if (entry.repeatable) notes.push('repeatable');
  if (entry.choices) notes.push(entry.choices.join(', '));
  if (entry.implied !== undefined) notes.push(`alone: ${entry.implied}`);
  if (entry.default !== undefined) notes.push(`default: ${entry.default}`);
  return notes.length > 0 ? `${entry.help} (${notes.join('; ')})` : entry.help;
}
