// @ts-check

/**
 * One command of a `console` block, and what the document says that it prints.
 * @typedef {{ where: 'host' | 'guest', command: string, expected: string }} Step
 */

/** `$` or `host$` is a shell on this machine, `guest#` one in the guest; `>` continues a command. */
const PROMPT = /^(\$|host\$|guest#) (.*)$/;

/**
 * @param {string} text
 * @returns {Step[]}
 */
export function readConsole(text) {
  /** @type {Step[]} */
  const steps = [];
  for (const line of text.trimEnd().split('\n')) {
    const [, prompt, command = ''] = PROMPT.exec(line) ?? [];
    const last = steps.at(-1);
    if (prompt !== undefined) {
      steps.push({ where: prompt === 'guest#' ? 'guest' : 'host', command, expected: '' });
    } else if (last === undefined) {
      throw new Error(`a console block begins with a prompt ($, host$ or guest#), not with: ${line}`);
    } else if (line.startsWith('> ') && last.expected === '') {
      last.command += `\n${line.slice(2)}`;
    } else {
      last.expected += `${line}\n`;
    }
  }
  return steps;
}

/**
 * Whether something was printed as a document shows it: `…` stands for anything in a line, and in a line of its own for any
 * number of lines. Blanks at the end of lines do not count.
 * @param {string} printed
 * @param {string} expected
 */
export function isAsShown(printed, expected) {
  const pattern = trim(expected)
    .split('\n')
    .map((line) => (line.trim() === '…' ? '(?:.*\\n)*?' : `${line.split('…').map(literal).join('.*')}\\n`))
    .join('');
  return new RegExp(`^${pattern}$`).test(`${trim(printed)}\n`);
}

/** @param {string} text */
function trim(text) {
  return text.replace(/[ \t]+$/gm, '').trimEnd();
}

/** @param {string} text */
function literal(text) {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
