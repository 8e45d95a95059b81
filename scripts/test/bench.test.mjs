// @ts-check
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DOCUMENT, readResults, render } from '../bench/document.mjs';
import { sections } from '../bench/sections/index.mjs';
import { quantile, ratio } from '../bench/statistics.mjs';

test('the document of performance shows the figures that are kept, and says of each how it is made', () => {
  const document = readFileSync(DOCUMENT, 'utf8');
  const kept = readResults();
  expect(render(document, sections, kept).text).toBe(document);
  for (const name of Object.keys(kept)) expect(document, name).toContain(`pnpm bench ${name}\``);
});

test('every figure that the document shows is there as it would be drawn', () => {
  const { text, figures } = render(readFileSync(DOCUMENT, 'utf8'), sections, readResults());
  for (const [name, svg] of Object.entries(figures)) {
    expect(readFileSync(new URL(`../../docs/performance/${name}`, import.meta.url), 'utf8'), name).toBe(svg);
    expect(text).toContain(`performance/${name}`);
  }
});

test('a ratio is taken within each round, so that a slow round changes neither it nor its spread', () => {
  expect(ratio([10, 1, 20], [5, 0.5, 10])).toEqual({ median: 2, low: 2, high: 2 });
});

test('quantiles lie between the values where they must', () => {
  expect(quantile([3, 1, 2], 0.5)).toBe(2);
  expect(quantile([1, 2, 3, 4], 0.5)).toBe(2.5);
  expect(quantile([1, 2, 3, 4, 5], 0.25)).toBe(2);
  expect(quantile([7], 0.9)).toBe(7);
});
