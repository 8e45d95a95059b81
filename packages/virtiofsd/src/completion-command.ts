import { readFileSync } from 'node:fs';
import { type CommandDescription, commandOf } from './options/command-description.js';
import { parseArguments } from './options/parse.js';
import type { Print } from './options/print.js';

/** Where the package has what each shell reads. */
const FILES = {
  bash: 'bash-completion/completions/virtiofsd',
  zsh: 'zsh/site-functions/_virtiofsd',
  fish: 'fish/vendor_completions.d/virtiofsd.fish',
} as const;

export const COMPLETION: CommandDescription<unknown> = {
  name: 'virtiofsd completion',
  summary: 'prints what makes a shell complete the options',
  description:
    'Prints what makes a shell complete the options of virtiofsd: source <(virtiofsd completion bash).',
  operands: [{ name: 'shell', help: 'the shell', choices: Object.keys(FILES) }],
  options: [],
};

/** Reads the arguments behind `completion`, and answers. */
export function runCompletion(args: readonly string[]): Print {
  const command = commandOf(COMPLETION);
  const parsed = parseArguments(command, COMPLETION.options, args, {});
  if (parsed.kind === 'print') return parsed;
  const [shell] = command.args as [keyof typeof FILES];
  const file = new URL(`../share/${FILES[shell]}`, import.meta.url);
  return { kind: 'print', text: readFileSync(file, 'utf8'), status: 0 };
}
