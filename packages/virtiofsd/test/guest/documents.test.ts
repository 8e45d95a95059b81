import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { needsGuest } from '../../../../scripts/lib/documents/directive.mjs';
import { guides } from '../../../../scripts/lib/documents/files.mjs';
import { follow } from '../../../../scripts/lib/documents/follow.mjs';
import { readMarkdown } from '../../../../scripts/lib/documents/markdown.mjs';
import { root } from '../../../../scripts/lib/root.mjs';

const documents = guides()
  .map((path) => ({ path, document: readMarkdown(readFileSync(join(root, path), 'utf8')) }))
  .filter(({ document }) => needsGuest(document));

/** The other documents are followed by scripts/test/examples.test.mjs. */
test.each(documents)('what $path says to do with a guest does what it says', async ({ document }) => {
  expect(await follow(document, { image: inject('guestImage') })).toBeGreaterThan(0);
});
