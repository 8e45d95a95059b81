// @ts-check

/**
 * What a section measures with.
 * @typedef {object} Context
 * @property {boolean} quick only show that everything works
 * @property {number} rounds each runs each daemon in turn
 * @property {number} seconds of one workload in one round
 * @property {string} folder to share; filled
 * @property {string} work another temporary folder
 * @property {import('../daemons.mjs').Daemon[]} daemons ours first
 * @property {Record<'load' | 'scale' | 'floor' | 'tree', string>} programs
 * @property {(line: string) => void} say
 */
/**
 * What a section has found, for people.
 * @typedef {object} Rendering
 * @property {string} markdown
 * @property {Readonly<Record<string, string>>} [figures] SVG by name
 */
/**
 * A part of the suite: what it measures can be kept as JSON, and is rendered from that.
 * @typedef {object} Section
 * @property {string} name
 * @property {string} title
 * @property {(context: Context) => Promise<any>} measure
 * @property {(results: any) => Rendering} render
 */

/**
 * A table of Markdown; the first column is text, the others are numbers.
 * @param {readonly string[]} head
 * @param {readonly (readonly (string | number)[])[]} rows
 */
export function table(head, rows) {
  const line = (/** @type {readonly (string | number)[]} */ cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

/**
 * With three significant digits, or whole.
 * @param {number | undefined} value
 */
export function short(value) {
  if (value === undefined || !Number.isFinite(value)) return '–';
  return Math.abs(value) >= 100
    ? Math.round(value).toLocaleString('en-US')
    : String(Number(value.toPrecision(3)));
}
