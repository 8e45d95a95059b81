/**
 * `import()`, in a file of its own: code that V8 has not compiled itself but taken from a cache cannot import (as the programs: see
 * `programs/load.ts`), so there it is not part of the bundle.
 *
 * @param url - of a module
 */
export function importModule(url: string): Promise<Record<string, unknown>> {
  return import(url);
}
