import { expect, it } from 'vitest';
import { subjects } from './differences/index.js';
import { differencesDocument } from './document.js';

it('docs/differences.md says what the table of differences says', async () => {
  await expect(differencesDocument(subjects)).toMatchFileSnapshot('../../../../docs/differences.md');
});

it('nothing is left to be done', () => {
  const missing = subjects.flatMap(({ differences }) =>
    differences.filter(({ verdict }) => verdict === 'not yet').map(({ title }) => title),
  );
  expect(missing).toEqual([]);
});
