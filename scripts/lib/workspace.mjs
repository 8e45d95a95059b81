// @ts-check
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './root.mjs';

/**
 * A package of the workspace.
 * @typedef {{ name: string, folder: string }} Package
 */

/**
 * The packages under packages/, by name.
 * @returns {Package[]}
 */
export function packages() {
  const top = join(root, 'packages');
  return readdirSync(top)
    .map((entry) => join(top, entry))
    .filter((folder) => existsSync(join(folder, 'package.json')))
    .map((folder) => ({ name: JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).name, folder }))
    .sort((a, b) => a.name.localeCompare(b.name));
}
