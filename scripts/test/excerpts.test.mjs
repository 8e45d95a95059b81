// @ts-check
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { staleExcerpts } from '../lib/documents/excerpts.mjs';
import { guides } from '../lib/documents/files.mjs';
import { readMarkdown } from '../lib/documents/markdown.mjs';
import { root } from '../lib/root.mjs';

test.each(guides())('the excerpts of code in %s are what the files have', (path) => {
  expect(staleExcerpts(readMarkdown(readFileSync(join(root, path), 'utf8')))).toEqual([]);
});

test('an excerpt that is no longer true is found', () => {
  const block = (/** @type {string} */ text) =>
    readMarkdown(`<!-- from package.json -->\n\n\`\`\`json\n${text}\`\`\`\n`);
  expect(staleExcerpts(block('"private": true,\n…\n"type": "module",\n'))).toEqual([]);
  expect(staleExcerpts(block('"private": false,\n'))).toEqual([
    'line 4: this is not in package.json:\n"private": false,\n',
  ]);
  const nowhere = readMarkdown('<!-- from no/file.ts -->\n```ts\nx\n```\n');
  expect(staleExcerpts(nowhere)).toEqual(['line 3: there is no no/file.ts']);
});

test.each(guides())('the files that %s names are there', (path) => {
  const text = readFileSync(join(root, path), 'utf8');
  // A path within a package is one of the package that the section is about.
  for (const section of text.split(/^## /m)) {
    const own = path.startsWith('packages/') ? dirname(path) : (/packages\/[\w-]+/.exec(section)?.[0] ?? '.');
    for (const [, name = ''] of section.matchAll(
      /`((?:packages|scripts|docs|src|test|native|bench)\/[\w./-]+)`/g,
    )) {
      const places = [join(root, name), join(root, own, name), join(root, 'packages', name)];
      expect(places.some(existsSync), `${path} names ${name}`).toBe(true);
    }
  }
});
