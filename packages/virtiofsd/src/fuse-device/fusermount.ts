import {
  close,
  getStatusFlags,
  MSG_DONTWAIT,
  O_NONBLOCK,
  receiveMessage,
  SysError,
  setStatusFlags,
  unixSocketPair,
} from '@vfs/sys';
import { StartError } from '../start-error.js';
import { findProgram, runProgram } from './program.js';

const PROGRAM = 'fusermount3';

/** The path of fusermount3, which may mount for users that may not. @throws StartError */
export function findFusermount(): string {
  const path = findProgram(PROGRAM);
  if (path !== undefined) return path;
  throw new StartError(
    `${PROGRAM}, which mounts for users other than root, is not installed: install the package fuse3, or run as root`,
  );
}

/**
 * Lets fusermount3 open the FUSE device and mount it.
 *
 * @returns the device, non-blocking
 * @throws StartError with what fusermount3 says
 */
export async function mountByFusermount(
  program: string,
  mountpoint: string,
  options: readonly string[],
): Promise<number> {
  const [own, its] = unixSocketPair();
  try {
    const env = { ...process.env, _FUSE_COMMFD: '3' };
    const { status, stderr } = await runProgram(
      program,
      ['-o', options.join(','), '--', mountpoint],
      env,
      its,
    );
    if (status !== 0) {
      throw new StartError(`cannot mount at '${mountpoint}': ${stderr || `${PROGRAM} failed (${status})`}`);
    }
    const fd = receive(own);
    if (fd === undefined)
      throw new StartError(`cannot mount at '${mountpoint}': ${PROGRAM} sent no descriptor`);
    setStatusFlags(fd, getStatusFlags(fd) | O_NONBLOCK);
    return fd;
  } finally {
    close(own);
    close(its);
  }
}

function receive(socket: number): number | undefined {
  try {
    return receiveMessage(socket, 1, 1, MSG_DONTWAIT).fds[0];
  } catch (error) {
    if (error instanceof SysError) return undefined;
    throw error;
  }
}

/** Escapes a value of a mount option for fusermount3. */
export function escapeOption(text: string): string {
  return text.replace(/[\\,]/g, '\\$&');
}
