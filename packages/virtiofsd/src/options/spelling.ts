import { flagOf, type OptionEntry, UsageError } from './entry.js';

type Entry = Omit<OptionEntry, 'take'>;

/**
 * Writes out what the parser does not know: the value that an option without one means, and which values need `=`. A value
 * that begins with a dash needs it too, so that an option whose value was forgotten does not swallow the next one.
 *
 * @throws UsageError
 */
export function spellOut(args: readonly string[], entries: readonly Entry[]): string[] {
  const result: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === '--') return [...result, ...args.slice(i)];
    if (!arg.startsWith('-')) {
      result.push(arg);
      continue;
    }
    const entry = entryOf(arg, entries);
    result.push(spell(arg, entry));
    if (!entry || !awaitsValue(arg, entry)) continue;
    const next = args[i + 1];
    if (next === undefined) continue;
    if (next.startsWith('-') && next.length > 1) {
      throw new UsageError(
        `${flagOf(entry)}: its value is missing; if '${next}' is meant to be that, write ${joined(entry, next)}`,
      );
    }
    result.push(next);
    i++;
  }
  return result;
}

/** The entry of the option in an argument; among short options in one argument, the one that takes a value. */
function entryOf(arg: string, entries: readonly Entry[]): Entry | undefined {
  if (arg.startsWith('--')) {
    const name = arg.slice(2).split('=', 1)[0];
    return entries.find((entry) => entry.name.length > 1 && entry.name === name);
  }
  const letters = [...arg.slice(1)];
  const found = letters.map((letter) => entries.find((entry) => entry.name === letter));
  return found.find((entry) => entry?.value !== undefined);
}

function awaitsValue(arg: string, entry: Entry): boolean {
  if (entry.value === undefined || entry.needsEquals) return false;
  return entry.name.length > 1 ? !arg.includes('=') : arg.endsWith(entry.name);
}

function spell(arg: string, entry: Entry | undefined): string {
  if (!entry || entry.name.length === 1) return arg;
  const bare = !arg.includes('=');
  if (entry.value === undefined && !bare) throw new UsageError(`${flagOf(entry)} takes no value`);
  if (!entry.needsEquals || !bare) return arg;
  if (entry.implied !== undefined) return `${arg}=${entry.implied}`;
  throw new UsageError(`${arg}: its value is missing; write it behind an equals sign, ${arg}=${entry.value}`);
}

function joined(entry: Entry, value: string): string {
  return entry.name.length > 1 ? `${flagOf(entry)}=${value}` : `${flagOf(entry)}${value}`;
}
