import type { Operand } from '../../src/options/command-description.js';
import { flagOf } from '../../src/options/entry.js';
import { type Described, type Entry, NOTICE, offered, valuesOf, wordOf } from './completed.js';

const ACTIONS = { directory: '_directories', file: '_files', group: '_groups' } as const;

/** Completion for zsh. */
export function zshCompletion(daemon: Described, commands: readonly Described[]): string {
  const words = commands.map(wordOf);
  return `#compdef virtiofsd
# Completion of virtiofsd for zsh. ${NOTICE}

_virtiofsd() {
  if ((CURRENT > 2)) && [[ $words[2] == (${words.join('|')}) ]]; then
    local command=$words[2]
    shift words
    ((CURRENT--))
    case $command in
${commands.map((command) => `      ${wordOf(command)})\n${specification(command, '        ')}        ;;\n`).join('')}    esac
    return
  fi
  if ((CURRENT == 2)) && [[ $words[2] != -* ]]; then
    local -a commands=(
${commands.map((command) => `      ${quote(`${wordOf(command)}:${command.summary}`)}\n`).join('')}    )
    _describe command commands
    return
  fi
${specification(daemon, '  ')}}

_virtiofsd "$@"
`;
}

function specification(command: Described, indent: string): string {
  const specs = [
    ...offered(command).map(optionSpec),
    '(-h --help)'.concat("'{-h,--help}'[print this help and exit]"),
    ...command.operands.map((operand, i) => `${i + 1}:${operand.name}:${action(operand)}`),
  ];
  const lines = specs.map((spec) => (spec.includes("'{") ? `'${spec}'` : quote(spec)));
  return `${indent}_arguments -s \\\n${lines.map((line) => `${indent}  ${line}`).join(' \\\n')}\n`;
}

function optionSpec(entry: Entry): string {
  const help = `[${entry.help.replace(/[[\]]/g, '\\$&')}]`;
  const times = entry.repeatable ? '*' : '';
  if (entry.value === undefined) return `${times}${flagOf(entry)}${help}`;
  const equals = entry.needsEquals ? '=-' : '=';
  const optional = entry.implied === undefined ? ':' : '::';
  return `${times}${flagOf(entry)}${equals}${help}${optional}${entry.value}:${action(entry)}`;
}

function action(what: Entry | Operand): string {
  const values = valuesOf(what);
  if (typeof values === 'string') return ACTIONS[values];
  return values.length > 0 ? `(${values.join(' ')})` : '';
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
