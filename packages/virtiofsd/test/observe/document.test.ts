import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { FAMILIES } from '../../src/observe/families.js';
import { metricsTable } from '../../tools/metrics-table.js';

const document = readFileSync(new URL('../../../../docs/observability.md', import.meta.url), 'utf8');

it('docs/observability.md has the metrics that there are', () => {
  expect(document).toContain(metricsTable());
});

it('docs/observability.md names no metric that there is not', () => {
  const names = FAMILIES.map(({ name }) => name);
  for (const [mentioned] of document.matchAll(/virtiofsd_\w+/g)) {
    const base = mentioned.replace(/_(total|bucket|count|sum|info)$/, '');
    expect(names, mentioned).toContain(names.includes(mentioned) ? mentioned : base);
  }
});
