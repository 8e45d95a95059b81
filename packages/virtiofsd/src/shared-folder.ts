import { accessSync, constants, statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { errorCode, StartError } from './start-error.js';

/**
 * Checks that a folder can be shared at all, so that a mistake is reported here and not to a guest later.
 *
 * @throws StartError
 */
export function checkSharedFolder(path: string): void {
  const folder = `the shared folder '${path}'`;
  try {
    if (!statSync(path).isDirectory()) {
      throw new StartError(`${folder} is not a directory: give a directory with --shared-dir`);
    }
    accessSync(path, constants.R_OK | constants.X_OK);
  } catch (error) {
    if (error instanceof StartError) throw error;
    switch (errorCode(error)) {
      case 'ENOENT':
        throw new StartError(`${folder} does not exist: create it, or correct --shared-dir`);
      case 'EACCES':
        throw new StartError(
          `${folder} is not readable for this user: change its permissions, or run as another user`,
        );
      case 'ENOTDIR':
        throw new StartError(
          `${folder} leads through something that is not a directory: correct --shared-dir`,
        );
      case 'ELOOP':
        throw new StartError(`${folder} leads through too many symbolic links: correct --shared-dir`);
      case 'ENAMETOOLONG':
        throw new StartError(`${folder} is longer than a path may be: correct --shared-dir`);
      default:
        throw new StartError(`${folder} cannot be used: ${(error as Error).message}`);
    }
  }
}

/**
 * The same path from the root, for a process that stands elsewhere. As it is written: what `..` means behind a symbolic link only
 * the kernel knows.
 *
 * @throws StartError
 */
export function fromRoot(path: string, what: string): string {
  if (isAbsolute(path)) return path;
  try {
    return `${process.cwd()}/${path}`;
  } catch {
    throw new StartError(
      `the ${what} '${path}' is below a working directory that is gone: give it from the root (/)`,
    );
  }
}
