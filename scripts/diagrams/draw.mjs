// @ts-check
/**
 * Draws the pictures of the documentation:
 *
 *     node scripts/diagrams/draw.mjs
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PICTURES } from '../lib/diagrams/pictures.mjs';
import { root } from '../lib/root.mjs';

for (const [path, draw] of Object.entries(PICTURES)) writeFileSync(join(root, path), draw());
