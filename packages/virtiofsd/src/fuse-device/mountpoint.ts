import { readFileSync, realpathSync, statfsSync, statSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { errorCode, StartError } from '../start-error.js';

/** A directory that can be mounted on. */
export interface Mountpoint {
  /** Absolute and without symbolic links. */
  readonly path: string;
  /** `st_mode` of what is there now. */
  readonly mode: number;
}

/**
 * Looks at a mountpoint before anything is mounted there: afterwards nobody in this process may, for the answer would have to come
 * from this process.
 *
 * @returns 'dead' when a FUSE file system is mounted there whose process is gone
 * @throws StartError
 */
export function inspectMountpoint(given: string): Mountpoint | 'dead' {
  const what = `the mountpoint '${given}'`;
  try {
    const found = statSync(given);
    // Attributes may come out of a cache; this asks the file system.
    statfsSync(given);
    if (!found.isDirectory()) {
      throw new StartError(`${what} is not a directory: choose a directory`);
    }
    return { path: realpathSync.native(given), mode: found.mode };
  } catch (error) {
    if (error instanceof StartError) throw error;
    switch (errorCode(error)) {
      case 'ENOTCONN':
      case 'ECONNABORTED':
        return 'dead';
      case 'ENOENT':
        throw new StartError(`${what} does not exist: create the directory`);
      case 'ENOTDIR':
        throw new StartError(`${what} leads through something that is not a directory: correct it`);
      case 'EACCES':
        throw new StartError(
          `${what} is not accessible for this user: choose another one, or run as another user`,
        );
      default:
        throw new StartError(`${what} cannot be used: ${(error as Error).message}`);
    }
  }
}

/** Whether a FUSE file system of a process that is gone is mounted at a path. */
export async function isDeadMount(path: string): Promise<boolean> {
  try {
    await statfs(path);
    return false;
  } catch (error) {
    return ['ENOTCONN', 'ECONNABORTED'].includes(errorCode(error) ?? '');
  }
}

/** The absolute path of a mountpoint that does not answer, as far as it can be told. */
export function pathOfDeadMount(given: string): string {
  const path = resolve(given);
  try {
    return join(realpathSync.native(dirname(path)), basename(path));
  } catch {
    return path;
  }
}

/** Whether `path` lies in `directory`, and is not that itself; both absolute and without symbolic links. */
export function isInside(path: string, directory: string): boolean {
  return path !== directory && path.startsWith(directory.endsWith(sep) ? directory : directory + sep);
}

/** The type of the file system that is mounted at a path, of the topmost one; undefined when nothing is. */
export function mountedAt(path: string): string | undefined {
  let type: string | undefined;
  for (const line of readFileSync('/proc/self/mountinfo', 'utf8').split('\n')) {
    const [mount, fileSystem] = line.split(' - ');
    const place = mount?.split(' ')[4]?.replace(/\\([0-7]{3})/g, octalByte);
    if (place === path) type = fileSystem?.split(' ')[0];
  }
  return type;
}

/** The kernel's escape of a space, tab, newline or backslash. */
function octalByte(_: string, digits: string): string {
  return String.fromCharCode(Number.parseInt(digits, 8));
}
