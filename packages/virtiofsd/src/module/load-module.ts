import { accessSync, constants, statSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { errorCode, StartError } from '../start-error.js';
import type { CreateFileSystem } from './context.js';

/**
 * Checks that a module can be read at all.
 *
 * @throws StartError
 */
export function checkModuleFile(path: string): void {
  try {
    if (statSync(path).isDirectory()) {
      throw new StartError(`the module '${path}' is a directory: give its file with --module`);
    }
    accessSync(path, constants.R_OK);
  } catch (error) {
    if (error instanceof StartError) throw error;
    throw cannotRead(path, error);
  }
}

/**
 * Loads a module of the user.
 *
 * @param path - absolute
 * @throws StartError saying what is wrong with the module, and what to do
 */
export async function loadModule(path: string): Promise<CreateFileSystem> {
  let exported: { createFileSystem?: unknown; default?: { createFileSystem?: unknown } };
  try {
    const { importModule } = await import('./import-module.js');
    exported = await importModule(pathToFileURL(path).href);
  } catch (error) {
    throw explain(path, error);
  }
  // Names that Node does not find in a CommonJS module are in its default export.
  const create = exported.createFileSystem ?? exported.default?.createFileSystem;
  if (typeof create === 'function') return create as CreateFileSystem;
  throw new StartError(
    `the module '${path}' exports no function createFileSystem: add "export function createFileSystem({ options }) { … }"`,
  );
}

function cannotRead(path: string, error: unknown): StartError {
  const code = errorCode(error);
  switch (code) {
    case 'ENOENT':
      return new StartError(`the module '${path}' does not exist: correct --module`);
    case 'EACCES':
      return new StartError(
        `the module '${path}' is not readable for the daemon, which has no privilege to read the files of others: ` +
          'change the permissions of the file and of the folders above it, or add --modcaps=+dac_read_search',
      );
    default:
      return new StartError(`the module '${path}' cannot be read (${code ?? error}): correct --module`);
  }
}

/** Why a module could not be loaded, in words of who wrote it. */
function explain(path: string, error: unknown): StartError {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  switch (errorCode(error)) {
    case 'EACCES':
      return cannotRead(path, error);
    case 'ERR_UNKNOWN_FILE_EXTENSION':
      return new StartError(
        `the module '${path}' is not JavaScript, and Node ${process.versions.node} does not load it: give a .js, .mjs or .cjs file; ` +
          'TypeScript is compiled before (npx esbuild FILE --bundle --platform=node --format=esm --outfile=FILE.mjs), or loaded as it is by Node 22.18 and later',
      );
    case 'ERR_MODULE_NOT_FOUND':
    case 'MODULE_NOT_FOUND':
      return new StartError(
        `the module '${path}' imports what is not there (${text}): install it beside the module, with npm install`,
      );
    default:
      return new StartError(`the module '${path}' cannot be loaded (${placed(text, error, path)})`);
  }
}

/** A message with the line of the module that it is about, if it is known. */
export function placed(text: string, error: unknown, path: string): string {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const at = stack.lastIndexOf(`${path}:`);
  const first = stack.indexOf(`${path}:`);
  const line = at < 0 ? undefined : /^\d+/.exec(stack.slice(first + path.length + 1))?.[0];
  return line === undefined ? text : `${text}, line ${line}`;
}
