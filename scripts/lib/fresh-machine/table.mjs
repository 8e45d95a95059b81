// @ts-check

/**
 * What became of each command, a line for each, under what they were for.
 * @param {string} title
 * @param {readonly import('./machine.mjs').Row[]} rows
 * @returns {string[]}
 */
export function table(title, rows) {
  const lines = [title];
  let last = '';
  for (const { document, command, seconds, problem } of rows) {
    if (document !== last) lines.push(`  ${document}`);
    last = document;
    const outcome = problem === null ? 'ok    ' : 'FAILED';
    lines.push(`    ${seconds.toFixed(1).padStart(7)} s  ${outcome}  ${oneLine(command)}`);
  }
  return lines;
}

/**
 * @param {string} command
 * @returns {string} what fits
 */
function oneLine(command) {
  const line = command.replace(/\s*\\?\n\s*/g, ' ').replace(/\s+/g, ' ');
  return line.length > 90 ? `${line.slice(0, 89)}…` : line;
}
