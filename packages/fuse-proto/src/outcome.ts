/** Largest error number that the kernel takes in a reply. */
export const MAX_ERRNO = 511;

/**
 * The error number (positive) that a thrown value carries, undefined if it carries none. Node's own errors
 * have it negative.
 */
export function errnoOf(error: unknown): number | undefined {
  const errno = (error as { errno?: unknown } | undefined | null)?.errno;
  if (typeof errno !== 'number' || !Number.isInteger(errno) || errno === 0) return undefined;
  return Math.abs(errno) <= MAX_ERRNO ? Math.abs(errno) : undefined;
}

/** A thrown value for a log, with its stack if it has one. */
export function describe(error: unknown): string {
  if (error instanceof Error) return error.stack ?? error.message;
  try {
    return String(error);
  } catch {
    return `something that is a ${typeof error}`;
  }
}
