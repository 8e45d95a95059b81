import { PidFile, readPidFile, SysError } from '@vfs/sys';
import { StartError } from '../start-error.js';

/**
 * The pid file of a socket, beside it. Its lock keeps a second daemon from the same socket.
 *
 * @throws StartError
 */
export function acquirePidFile(socketPath: string): PidFile {
  const path = `${socketPath}.pid`;
  try {
    return PidFile.acquire(path);
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    throw new StartError(whyNot(error, path, socketPath));
  }
}

function whyNot(error: SysError, path: string, socketPath: string): string {
  switch (error.code) {
    case 'EAGAIN':
      return `${owner(path)} serves at '${socketPath}' already: stop it, or choose another socket path`;
    case 'EACCES':
      return `the pid file '${path}' cannot be written: permission denied; choose a folder that this user may write to, or remove the file if it is another user's`;
    case 'ELOOP':
      return `the pid file '${path}' is a symbolic link: remove it`;
    default:
      return `the pid file '${path}' cannot be made: ${error.message}; remove what is there, or choose another socket path`;
  }
}

function owner(path: string): string {
  try {
    const pid = readPidFile(path);
    if (pid !== undefined) return `another daemon (process ${pid})`;
  } catch {
    // It holds the lock all the same.
  }
  return 'another daemon';
}
