import { type FileSystem, methods } from '@vfs/fuse-proto';
import type { Logger } from '../log.js';
import type { ModuleChoice } from '../options.js';
import type { MakeFileSystem } from '../served-file-system.js';
import { StartError } from '../start-error.js';
import { LateFileSystem } from './late-file-system.js';
import { loadModule, placed } from './load-module.js';

/**
 * Loads a module and has it make its file system.
 *
 * @param layered - whether there is a shared folder that it may put a layer upon
 * @returns what opens the way to the shared folder, where there is one, and hands out the file system
 * @throws StartError
 */
export async function createModuleFileSystem(
  { path, options }: ModuleChoice,
  layered: boolean,
  log: Logger,
): Promise<MakeFileSystem> {
  const create = await loadModule(path);
  const inner = new LateFileSystem();
  let fileSystem: unknown;
  try {
    fileSystem = await create({ options, log, ...(layered && { inner: inner.methods }) });
  } catch (error) {
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    throw new StartError(`createFileSystem of the module '${path}' failed (${placed(text, error, path)})`);
  }
  if (!isFileSystem(fileSystem)) {
    throw new StartError(
      `createFileSystem of the module '${path}' has returned ${describe(fileSystem)}: return an object with methods of FileSystem, ` +
        'such as lookup and getattr',
    );
  }
  return (folder) => {
    if (folder) inner.attach(folder);
    return fileSystem;
  };
}

function isFileSystem(value: unknown): value is FileSystem {
  if (typeof value !== 'object' || value === null) return false;
  return methods.some((method) => typeof (value as FileSystem)[method] === 'function');
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  return typeof value === 'object' ? 'an object without any of its methods' : `${typeof value}`;
}
