import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { CASES } from './cases.js';
import { withTable } from './document.js';
import { KINDS, Subject } from './subject.js';

const DOCUMENT = fileURLToPath(new URL('../../../../docs/reliability.md', import.meta.url));

describe.each(KINDS)('the daemon: %s', (kind) => {
  it.each(CASES)('$title', async ({ run, expected }) => {
    expect(await run(new Subject(kind, expected[kind]))).toBe(expected[kind]);
  });
});

it('docs/reliability.md says what the table of cases says', async () => {
  await expect(withTable(readFileSync(DOCUMENT, 'utf8'), CASES)).toMatchFileSnapshot(DOCUMENT);
});
