// @ts-check
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from '../root.mjs';

/** Folders without documents of ours. Those whose name begins with a dot are none either, but for these. */
const FOREIGN = new Set(['node_modules', 'build', 'dist', 'test-results', 'coverage']);
const HIDDEN = new Set(['.changeset', '.github']);

/**
 * Every Markdown file of the repository, by its path there. It need not be a checkout: a fresh machine may have no git.
 * @param {string} [folder]
 * @returns {string[]}
 */
export function markdownFiles(folder = root) {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return isOurs(entry.name) ? markdownFiles(path) : [];
      return entry.isFile() && entry.name.endsWith('.md') ? [relative(root, path)] : [];
    })
    .sort();
}

/**
 * The documents that people follow: their examples are run.
 * @returns {string[]}
 */
export function guides() {
  return markdownFiles().filter((path) => /^([^/]+|docs\/.*|packages\/[^/]+\/README)\.md$/.test(path));
}

/** @param {string} name */
function isOurs(name) {
  return name.startsWith('.') ? HIDDEN.has(name) : !FOREIGN.has(name);
}
