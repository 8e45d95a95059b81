import { GROUPS, usageOf } from '../../src/options/entry.js';
import type { Described, Entry } from './completed.js';
import { factsOf, ownOptions, sentence, sharedOptions } from './wording.js';

const INTRODUCTION = `# Options

<!-- Made from the option table: npm run generate:field in packages/virtiofsd. -->

What each option of the daemon means; \`virtiofsd --help\` has a line for each, \`man virtiofsd\` what is said here.

A value follows behind a space or an equals sign, unless only the latter is shown. Of an option that is given twice the last one counts,
unless it is repeatable. Words are understood in upper and lower case. A command line that is wrong ends with status 2 and one
line that says what to write instead.
`;

/** Pages that say more about a group. */
const FURTHER: Readonly<Record<string, string>> = {
  Connection: '[Life of the daemon](life-cycle.md)',
  'Attributes and locks': '[Extended attributes](xattr-mapping.md)',
  Owners: '[Identity mapping](identity-mapping.md)',
  Caching: '[Caches and consistency](caches.md)',
  Isolation: '[Isolation](isolation.md), [identity mapping](identity-mapping.md)',
  'Live migration': '[Live migration](migration.md)',
};

/** All options as a page of docs/, each with a heading to link to. */
export function optionsPage(daemon: Described, commands: readonly Described[]): string {
  const groups = GROUPS.flatMap((group) => {
    const entries = daemon.options.filter((entry) => entry.group === group);
    if (entries.length === 0) return [];
    const further = FURTHER[group];
    return [`## ${group}`, ...(further ? [`More: ${further}.`] : []), ...entries.flatMap(optionSection)];
  });
  return [INTRODUCTION.trimEnd(), ...groups, ...commands.flatMap((each) => commandSection(each, daemon))]
    .map((part) => `${part}\n`)
    .join('\n');
}

function optionSection(entry: Entry): string[] {
  const summary = [sentence(entry.help), ...factsOf(entry)].join(' ');
  return [`### \`${usageOf(entry)}\``, ...[summary, ...(entry.details ?? [])].map(markdown)];
}

function commandSection(command: Described, daemon: Described): string[] {
  const shared = sharedOptions(command, daemon);
  const operands = command.operands.map(
    ({ name, help, choices }) =>
      `- \`${name.toUpperCase()}\`: ${help}${choices ? ` (${choices.join(', ')})` : ''}`,
  );
  return [
    `## Command \`${command.name}\``,
    markdown(command.description),
    ...(operands.length > 0 ? [operands.join('\n')] : []),
    ...ownOptions(command, daemon).flatMap(optionSection),
    ...(shared ? [markdown(`Besides, it takes these options of the daemon: ${shared}.`)] : []),
  ];
}

/** Text of the table: words in quotes, options and paths are code. */
function markdown(text: string): string {
  return text
    .replace(/'([^' ]+)'/g, '`$1`')
    .replace(/(?<![\w`-])(--?[a-z][\w-]*(?:=\w+)?)/g, '`$1`')
    .replace(/(?<![\w`.])(\/(?:etc|proc|usr)\/[\w/-]+)/g, '`$1`');
}
