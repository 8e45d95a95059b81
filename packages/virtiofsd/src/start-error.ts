/** Why the daemon cannot start: one line saying what is wrong and what to do about it. Exit status 1. */
export class StartError extends Error {
  override readonly name = 'StartError';

  /** True for a StartError of any copy of this package: each program has its own. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && value.name === 'StartError';
  }
}

/** The code of an error of the system, such as 'ENOENT'; undefined for any other. */
export function errorCode(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return typeof code === 'string' ? code : undefined;
}
