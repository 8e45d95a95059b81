// @ts-check
import { architecture } from './architecture.mjs';

/**
 * The pictures, by where they are in the repository.
 * @type {Readonly<Record<string, () => string>>}
 */
export const PICTURES = { 'docs/architecture.svg': architecture };
