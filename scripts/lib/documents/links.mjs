// @ts-check
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { root } from '../root.mjs';
import { readMarkdown } from './markdown.mjs';

/**
 * The links of a document that lead nowhere within the repository: to no file, or to no heading of one. What is elsewhere is not
 * looked at.
 * @param {string} path of the document, in the folder
 * @param {string} [folder]
 * @returns {string[]} `PATH:LINE: what is wrong`
 */
export function brokenLinks(path, folder = root) {
  const { links } = readMarkdown(readFileSync(join(folder, path), 'utf8'));
  return links.flatMap(({ line, target }) => {
    const problem = problemOf(path, target, folder);
    return problem === null ? [] : [`${path}:${line}: ${problem}`];
  });
}

/**
 * @param {string} path
 * @param {string} target
 * @param {string} folder
 */
function problemOf(path, target, folder) {
  if (/^[a-z][a-z0-9+.-]*:/i.test(target)) return null;
  const [name = '', anchor] = decodeURI(target).split('#', 2);
  if (name.startsWith('/')) return `${target}: link relative to the document`;
  const file = name === '' ? join(folder, path) : join(folder, dirname(path), name);
  if (relative(folder, file).startsWith('..')) return `${target} is outside of the repository`;
  if (!existsSync(file)) return `${target}: there is no such file`;
  if (anchor === undefined) return null;
  if (!file.endsWith('.md')) return `${target}: only Markdown has anchors`;
  const { anchors } = readMarkdown(readFileSync(file, 'utf8'));
  return anchors.has(anchor) ? null : `${target}: no heading has this anchor`;
}
