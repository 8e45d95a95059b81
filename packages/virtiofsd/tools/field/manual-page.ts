import { type Operand, operandText } from '../../src/options/command-description.js';
import { GROUPS, usageOf } from '../../src/options/entry.js';
import type { Described, Entry } from './completed.js';
import { CLOSING } from './manual-text.js';
import { bold, heading, paragraph, roff, subheading, tagged } from './roff.js';
import { factsOf, ownOptions, sentence, sharedOptions } from './wording.js';

/** Of the last change of what the page says: it is changed by hand. */
const DATE = '2026-11-27';

/** The manual page, in the macros of man(7). */
export function manualPage(daemon: Described, commands: readonly Described[]): string {
  const parts = [
    '.\\" Made from the option table: npm run generate:field.\n',
    `.TH VIRTIOFSD 1 ${DATE} "@vfs/virtiofsd" "User Commands"\n`,
    heading('Name'),
    `virtiofsd \\- ${roff(daemon.summary)}\n`,
    heading('Synopsis'),
    [
      synopsis('virtiofsd --shared-dir=', 'DIR', ' --socket-path=', 'SOCK', ' [', 'OPTION', ']...'),
      ...commands.map((command) =>
        synopsis(`${command.name} [`, 'OPTION', ']... ', ...command.operands.flatMap(operandOf)),
      ),
    ].join('.br\n'),
    heading('Description'),
    paragraph(daemon.description),
    paragraph(
      'The machine connects to the socket SOCK as soon as it starts; its memory has to be shared with the daemon. In the guest, ' +
        'mount -t virtiofs TAG /mnt mounts the share.',
    ),
    heading('Options'),
    paragraph(
      'A value follows behind a space or an equals sign, unless only the latter is shown. Of an option that is given twice the ' +
        'last one counts, unless it is repeatable. Words are understood in upper and lower case.',
    ),
    ...groupsOf(daemon.options),
    ...commands.flatMap((command) => commandSection(command, daemon)),
    CLOSING,
  ];
  // A heading begins a paragraph by itself.
  return parts.join('').replace(/^(\.S[HS] .*\n)\.PP\n/gm, '$1');
}

function groupsOf(options: readonly Entry[]): string[] {
  return GROUPS.flatMap((group) => {
    const entries = options.filter((entry) => entry.group === group);
    return entries.length > 0 ? [subheading(group), ...entries.map(optionItem)] : [];
  });
}

function commandSection(command: Described, daemon: Described): string[] {
  const shared = sharedOptions(command, daemon);
  return [
    heading(`Command ${command.name.split(' ').at(-1)}`),
    paragraph(command.description),
    ...command.operands.map(({ name, help, choices }) =>
      tagged(bold(name.toUpperCase()), [sentence(help) + (choices ? ` One of ${choices.join(', ')}.` : '')]),
    ),
    ...ownOptions(command, daemon).map(optionItem),
    ...(shared ? [paragraph(`Besides, it takes these options of the daemon: ${shared}.`)] : []),
  ];
}

function optionItem(entry: Entry): string {
  const summary = [sentence(entry.help), ...factsOf(entry)].join(' ');
  return tagged(bold(usageOf(entry)), [summary, ...(entry.details ?? [])]);
}

/** Alternates between what is typed and what is replaced. */
function synopsis(...parts: readonly string[]): string {
  const fonts = parts.map((part, i) => (i % 2 === 0 ? `\\fB${roff(part)}` : `\\fI${roff(part)}`));
  return `${fonts.join('')}\\fR\n`;
}

function operandOf(operand: Operand): [string, string] {
  return [operandText(operand), ' '];
}
