import { Argument, Command } from 'commander';
import type { OptionEntry } from './entry.js';

/** An argument that is no option. */
export interface Operand {
  readonly name: string;
  readonly help: string;
  readonly choices?: readonly string[];
  /** It may be left out: who takes the operands sees to it. */
  readonly optional?: boolean;
  /** What it is, for shell completion. */
  readonly completes?: OptionEntry['completes'];
}

/** A command, as its parser, help, manual page and shell completion need it. */
export interface CommandDescription<Target = never> {
  /** As it is called: with the name of the program. */
  readonly name: string;
  /** What it does, lower case, no full stop: a line in a list of commands. */
  readonly summary: string;
  /** The same as a sentence or a few. */
  readonly description: string;
  readonly operands: readonly Operand[];
  readonly options: readonly OptionEntry<Target>[];
}

/** The parser of a command, without its options. */
export function commandOf({ name, description, operands }: CommandDescription<never>): Command {
  const command = new Command(name).description(description);
  // Commander would take the first for the one that may be left out.
  const loose = operands.some(({ optional }) => optional);
  for (const { name: operand, help, choices } of operands) {
    const argument = new Argument(loose ? `[${operand}]` : `<${operand}>`, help);
    command.addArgument(choices ? argument.choices(choices) : argument);
  }
  if (loose) command.usage(`[options] ${operands.map(bracketed).join(' ')}`);
  return command;
}

function bracketed({ name, optional }: Operand): string {
  return optional ? `[${name}]` : `<${name}>`;
}

/** What a list of commands says about one. */
export function commandLine({ name, operands, summary }: CommandDescription<never>): string {
  return `${[name, ...operands.map(operandText)].join(' ')}: ${summary}`;
}

/** How an operand is written. */
export function operandText({ name, optional }: Operand): string {
  return optional ? `[${name.toUpperCase()}]` : name.toUpperCase();
}
