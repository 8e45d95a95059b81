import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryDirectory } from '../support/fixture.js';

/** The examples as a user has them: files to be given to `--module`. */
export const EXAMPLES = {
  memory: fileURLToPath(import.meta.resolve('@vfs/fuse-proto').replace(/index\.js$/, 'examples/memory.js')),
  tar: fileURLToPath(import.meta.resolve('@vfs/fuse-proto').replace(/index\.js$/, 'examples/tar.js')),
  audit: fileURLToPath(new URL('../../examples/audit.mjs', import.meta.url)),
};

/** A module of a test's own. @returns its path */
export function writeModule(code: string, name = 'module.mjs'): string {
  const path = join(temporaryDirectory(), name);
  writeFileSync(path, code);
  return path;
}
