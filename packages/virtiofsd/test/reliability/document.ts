import type { Case } from './cases.js';

const BEGIN = '<!-- table -->\n';
const END = '<!-- end of the table -->';

/** The document with the table as the cases have it. */
export function withTable(document: string, cases: readonly Case[]): string {
  const begin = document.indexOf(BEGIN);
  const end = document.indexOf(END);
  if (begin < 0 || end < begin) throw new Error('the document has no place for the table');
  const rows = cases.map(({ title, expected }) => row(title, expected.rust, expected.ours));
  const table = [row('case', 'Rust daemon', 'this one'), row('---', '---', '---'), ...rows];
  return `${document.slice(0, begin + BEGIN.length)}\n${table.join('\n')}\n\n${document.slice(end)}`;
}

function row(...cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
