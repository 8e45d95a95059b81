// @ts-check
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../root.mjs';

/**
 * The excerpts of a document that are not in the files they are said to be from (`<!-- from PATH -->` before a block): the pieces
 * between lines of `…` have to be there, line for line, but for how far all of them are indented.
 * @param {import('./markdown.mjs').Document} document
 * @returns {string[]}
 */
export function staleExcerpts({ fences }) {
  return fences.flatMap(({ line, note, text }) => {
    const path = /^from (\S+)$/.exec(note ?? '')?.[1];
    if (path === undefined) return [];
    if (!existsSync(join(root, path))) return [`line ${line}: there is no ${path}`];
    const lines = flat(readFileSync(join(root, path), 'utf8'));
    return text
      .split(/^…\n/m)
      .filter((piece) => !lines.includes(flat(piece)))
      .map((piece) => `line ${line}: this is not in ${path}:\n${piece}`);
  });
}

/**
 * Lines without what they are indented by: a formatter decides that.
 * @param {string} text
 */
function flat(text) {
  return `\n${text.replace(/^[ \t]+/gm, '')}`;
}
