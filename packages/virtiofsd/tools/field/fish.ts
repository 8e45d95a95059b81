import type { Operand } from '../../src/options/command-description.js';
import { type Described, type Entry, NOTICE, offered, valuesOf, wordOf } from './completed.js';

const LISTS = {
  directory: '(__fish_complete_directories)',
  group: '(__fish_complete_groups)',
} as const;

/** Completion for fish. */
export function fishCompletion(daemon: Described, commands: readonly Described[]): string {
  const words = commands.map(wordOf).join(' ');
  const lines = [
    `# Completion of virtiofsd for fish. ${NOTICE}`,
    'complete -c virtiofsd -f',
    ...commands.map((command) =>
      complete('__fish_is_first_token', ['-a', quote(wordOf(command)), '-d', quote(command.summary)]),
    ),
    ...commandLines(daemon, `not __fish_seen_subcommand_from ${words}`),
    ...commands.flatMap((command) => commandLines(command, `__fish_seen_subcommand_from ${wordOf(command)}`)),
  ];
  return `${lines.join('\n')}\n`;
}

function commandLines(command: Described, condition: string): string[] {
  const operand = command.operands[0];
  return [
    ...offered(command).map((entry) => {
      return complete(condition, ['-l', entry.name, ...valueArguments(entry), '-d', quote(entry.help)]);
    }),
    complete(condition, ['-s', 'h', '-l', 'help', '-d', quote('print this help and exit')]),
    ...(operand ? [complete(condition, operandArguments(operand))] : []),
  ];
}

function complete(condition: string, rest: readonly string[]): string {
  return ['complete -c virtiofsd -n', quote(condition), ...rest].join(' ');
}

function valueArguments(entry: Entry): string[] {
  if (entry.value === undefined) return [];
  const values = valuesOf(entry);
  if (values === 'file') return ['-r', '-F'];
  // A value that may be left out has no flag of its own: it is offered with the option.
  return [...(entry.implied === undefined ? ['-x'] : []), ...listOf(values)];
}

function operandArguments(operand: Operand): string[] {
  const values = valuesOf(operand);
  return values === 'file' ? ['-F'] : listOf(values);
}

function listOf(values: Exclude<ReturnType<typeof valuesOf>, 'file'>): string[] {
  const list = typeof values === 'string' ? LISTS[values] : values.join(' ');
  return list ? ['-a', quote(list)] : [];
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
