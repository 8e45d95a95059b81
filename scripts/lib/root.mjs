// @ts-check
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The top folder of the checkout. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** What can be made again, and so is kept out of git: the guest's kernel, say. */
export const cacheDir = join(root, '.cache');
