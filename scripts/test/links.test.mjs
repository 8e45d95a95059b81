// @ts-check
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../lib/cleanup.mjs';
import { markdownFiles } from '../lib/documents/files.mjs';
import { brokenLinks } from '../lib/documents/links.mjs';

test.each(markdownFiles())('every link of %s leads to a file and a heading that are there', (path) => {
  expect(brokenLinks(path)).toEqual([]);
});

describe('a broken link is found', () => {
  /** @param {Record<string, string>} files */
  function broken(files) {
    const { path: folder, remove } = temporaryFolder();
    onTestFinished(remove);
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    return Object.keys(files)
      .filter((name) => name.endsWith('.md'))
      .flatMap((name) => brokenLinks(name, folder));
  }

  test('whatever its form', () => {
    const text = '[a](no.md) ![b](no.svg)\n\n[c]: no/c.md\n\n<img src="no.png">\n';
    expect(broken({ 'a.md': text })).toEqual([
      'a.md:1: no.md: there is no such file',
      'a.md:1: no.svg: there is no such file',
      'a.md:3: no/c.md: there is no such file',
      'a.md:5: no.png: there is no such file',
    ]);
  });

  test('to a heading that is not there, here or elsewhere', () => {
    const files = { 'a.md': '# One\n[x](#one) [y](#two) [z](docs/b.md#three)', 'docs/b.md': '## Two\n' };
    expect(broken(files)).toEqual([
      'a.md:2: #two: no heading has this anchor',
      'a.md:2: docs/b.md#three: no heading has this anchor',
    ]);
  });

  test('out of the repository, where nobody else has it', () => {
    expect(broken({ 'a.md': '[x](../b.md) [y](/etc/passwd)' })).toEqual([
      'a.md:1: ../b.md is outside of the repository',
      'a.md:1: /etc/passwd: link relative to the document',
    ]);
  });

  test('but code, and what is on other hosts, is none', () => {
    const text = '`[x](no.md)` [y](https://example.org/#z)\n\n```text\n[z](no.md)\n```\n';
    expect(broken({ 'a.md': text })).toEqual([]);
  });

  test('and headings have the anchors that GitHub gives them', () => {
    const headings = '# The `--cache` policies, compared!\n## Twice\n## Twice\n## A_b [link](a.md)\n';
    const links = '[a](#the---cache-policies-compared) [b](#twice) [c](#twice-1) [d](#a_b-link)\n';
    expect(broken({ 'a.md': headings + links })).toEqual([]);
  });
});
