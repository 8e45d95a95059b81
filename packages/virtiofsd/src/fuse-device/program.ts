import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

/** How a program ended. */
export interface ProgramResult {
  /** null when a signal ended it, or it could not be started. */
  readonly status: number | null;
  /** One line. */
  readonly stderr: string;
}

/** Where administrators' programs are, though a user's PATH may not say so. */
const SYSTEM_FOLDERS = ['/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** The absolute path of a program; undefined when there is none. */
export function findProgram(name: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(isAbsolute);
  return [...folders, ...SYSTEM_FOLDERS].map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Runs a program to its end, in the root directory, so that it cannot keep a mount busy.
 *
 * @param descriptor - is descriptor 3 of the program
 */
export function runProgram(
  path: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
  descriptor?: number,
): Promise<ProgramResult> {
  return new Promise((resolve) => {
    const child = spawn(path, args, {
      cwd: '/',
      // Messages are quoted in ours.
      env: { ...env, LC_ALL: 'C' },
      // A process group of its own: an interrupt at the terminal is for us.
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe', ...(descriptor === undefined ? [] : [descriptor])],
    });
    let stderr = '';
    child.stderr?.on('data', (text) => {
      stderr += text;
    });
    child.on('error', (error) => resolve({ status: null, stderr: error.message }));
    child.on('close', (status) => resolve({ status, stderr: stderr.trim().replace(/\s*\n\s*/g, '; ') }));
  });
}
