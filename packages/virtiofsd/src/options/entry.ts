/** The headings of the help, in its order. */
export const GROUPS = [
  'Share',
  'Connection',
  'Attributes and locks',
  'Owners',
  'Caching',
  'Resources',
  'Isolation',
  'Logging',
  'Observation',
  'Live migration',
  'Mount',
  'Information',
  'Deprecated',
] as const;
export type Group = (typeof GROUPS)[number];

/**
 * One option. Parser, help, manual page and shell completion come from these entries.
 *
 * @typeParam Target - what the option is written down in
 */
export interface OptionEntry<Target = never> {
  /** The long name without dashes; a single letter is a short option. */
  readonly name: string;
  readonly group: Group;
  /** How the help calls the value; a flag has none. */
  readonly value?: string;
  /** The value has to follow behind `=`; with `implied`, it may be left out then. */
  readonly needsEquals?: boolean;
  /** What the option without a value means. */
  readonly implied?: string;
  /** One line, lower case, no full stop. */
  readonly help: string;
  /** More about it, in paragraphs: for the manual page. */
  readonly details?: readonly string[];
  /** What holds without the option, as the help shows it. */
  readonly default?: string;
  /** The only values, in lower case: another case is understood too. */
  readonly choices?: readonly string[];
  /** What a value is, for shell completion. */
  readonly completes?: 'directory' | 'file' | 'group';
  /** Several values add up; otherwise the last one counts. */
  readonly repeatable?: boolean;
  /** Set for an option that should not be used any more: what to do instead. */
  readonly deprecated?: string;
  /**
   * Takes over the value; the one of a flag is empty.
   *
   * @throws UsageError saying what is wrong and what to write instead
   */
  readonly take: (target: Target, value: string) => void;
}

/** A mistake on the command line: one line for the user, exit status 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** How an option is written. */
export function flagOf({ name }: Pick<OptionEntry, 'name'>): string {
  return name.length === 1 ? `-${name}` : `--${name}`;
}

/** How an option and its value are written. */
export function usageOf(entry: Omit<OptionEntry, 'take'>): string {
  const flag = flagOf(entry);
  if (entry.value === undefined) return flag;
  if (entry.implied !== undefined) return `${flag}[=<${entry.value}>]`;
  return entry.needsEquals ? `${flag}=<${entry.value}>` : `${flag} <${entry.value}>`;
}
