// @ts-check
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PICTURES } from '../lib/diagrams/pictures.mjs';
import { root } from '../lib/root.mjs';

test.each(Object.entries(PICTURES))('%s is as it is drawn (node scripts/diagrams/draw.mjs)', (path, draw) => {
  expect(readFileSync(join(root, path), 'utf8')).toBe(draw());
});
