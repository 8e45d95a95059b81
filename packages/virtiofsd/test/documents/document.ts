import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../../../scripts/lib/root.mjs';

/** A worked case of a document: what is under one heading of the third level. */
export interface WorkedCase {
  readonly title: string;
  /** The heading of the second level above it. */
  readonly section: string;
  /** The options of the daemon, without those that say what is shared and where. */
  readonly options: readonly string[];
  /** The table, without its head: the text of each cell. */
  readonly rows: readonly (readonly string[])[];
}

/** The worked cases of a document of docs/: headings under which there are a command and a table. */
export function workedCases(name: string): WorkedCase[] {
  const sections = readFileSync(join(root, 'docs', name), 'utf8').split(/^## /m);
  return sections.flatMap((text) => {
    const section = text.split('\n', 1)[0]!;
    return text
      .split(/^### /m)
      .slice(1)
      .map((part) => ({
        title: part.split('\n', 1)[0]!,
        section,
        options: optionsIn(part),
        rows: rowsIn(part),
      }));
  });
}

/** The options of the command `virtiofsd` in the first `sh` block, as the shell would take them apart. */
function optionsIn(part: string): string[] {
  const command = /```sh\n(virtiofsd [\s\S]*?)```/.exec(part)?.[1];
  if (command === undefined) throw new Error(`there is no command in: ${part}`);
  const words = command.replaceAll('\\\n', ' ').match(/(?:'[^']*'|[^\s'])+/g) ?? [];
  const [, ...options] = words.map((word) => word.replaceAll("'", ''));
  return options.filter((word, i) => !isPlace(word) && !isPlace(options[i - 1]));
}

function isPlace(word: string | undefined): boolean {
  return word === '--shared-dir' || word === '--socket-path';
}

function rowsIn(part: string): string[][] {
  return linesOfTable(part).slice(2);
}

/** A table whose columns are compared: what the head of each is for is said by its first cell. */
export interface Table {
  /** The heads, but for that of the first column. */
  readonly columns: readonly string[];
  /** The cells of the first column. */
  readonly rows: readonly string[];
  /** The cells of a column, each behind what its row is about. */
  column(head: string): [string, string][];
}

/** The tables of a document of docs/ whose first head is empty. */
export function tablesOf(name: string): Table[] {
  const blocks = readFileSync(join(root, 'docs', name), 'utf8').split('\n\n');
  return blocks
    .filter((block) => /^\| {1,2}\|/.test(block))
    .map((block) => {
      const [[, ...columns] = [], , ...lines] = linesOfTable(block);
      return {
        columns,
        rows: lines.map(([what = '']) => what),
        column: (head) => lines.map(([what = '', ...cells]) => [what, cells[columns.indexOf(head)] ?? '']),
      };
    });
}

function linesOfTable(text: string): string[][] {
  const lines = text.split('\n').filter((line) => line.startsWith('|'));
  return lines.map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );
}
