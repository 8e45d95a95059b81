import type { Described, Entry } from './completed.js';

/** A help text as a sentence. */
export function sentence(text: string): string {
  return `${text[0]!.toUpperCase()}${text.slice(1)}${/[.:]$/.test(text) ? '' : '.'}`;
}

/** What the table says of an option besides its help, a sentence each. */
export function factsOf(entry: Entry): string[] {
  const facts = [];
  if (entry.repeatable) facts.push('Repeatable.');
  if (entry.choices) facts.push(`One of ${entry.choices.join(', ')}.`);
  if (entry.implied !== undefined) facts.push(`Without a value it is '${entry.implied}'.`);
  if (entry.default !== undefined) facts.push(`Default: ${entry.default}.`);
  return facts;
}

/** The options that a command has and the daemon has not. */
export function ownOptions(command: Described, daemon: Described): Entry[] {
  return command.options.filter((entry) => !daemon.options.includes(entry));
}

/** The options that a command shares with the daemon, in words; empty if there is none. */
export function sharedOptions(command: Described, daemon: Described): string {
  const shared = command.options.filter((entry) => daemon.options.includes(entry));
  if (shared.length === 0) return '';
  const missing = daemon.options.length - shared.length;
  return missing <= 1 ? 'all of them' : shared.map((entry) => `--${entry.name}`).join(', ');
}
