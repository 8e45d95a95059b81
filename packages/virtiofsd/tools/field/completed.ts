import type { CommandDescription, Operand } from '../../src/options/command-description.js';
import { flagOf, type OptionEntry } from '../../src/options/entry.js';

/** Options and commands of which every shell is told, and who asks for it. */
export const NOTICE = 'Made from the option table: npm run generate:field.';

export type Entry = OptionEntry<never>;
export type Described = CommandDescription<never>;

/** The options that a shell offers: not those that nobody should write any more. */
export function offered({ options }: Described): Entry[] {
  return options.filter((entry) => entry.deprecated === undefined);
}

/** The last word of a command's name. */
export function wordOf({ name }: Described): string {
  return name.split(' ').at(-1)!;
}

/** How an option that has to have its value behind `=` is offered. */
export function offerOf(entry: Entry): string {
  return entry.needsEquals && entry.implied === undefined ? `${flagOf(entry)}=` : flagOf(entry);
}

/** What may stand where a value or an operand does. */
export function valuesOf(what: Entry | Operand): 'directory' | 'file' | 'group' | readonly string[] {
  return what.choices ?? what.completes ?? [];
}
