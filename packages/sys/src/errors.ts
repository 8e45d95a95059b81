import * as errno from './constants/errno.js';

/** Names by number; where two names share a number, the kernel's own one wins over the alias. */
const names = new Map<number, string>();
for (const [name, value] of Object.entries(errno)) {
  if (name !== 'EWOULDBLOCK' && name !== 'EDEADLOCK' && name !== 'ENOTSUP') names.set(value, name);
}

/** The symbolic name of a positive error number: `errnoName(2)` is `'ENOENT'`; `'E<number>'` for one without a name. */
export function errnoName(number: number): string {
  return names.get(number) ?? `E${number}`;
}

/** A system call failed. The only error that the safe wrappers throw for something the kernel said. */
export class SysError extends Error {
  override readonly name = 'SysError';
  /** The symbolic error: `'ENOENT'`. */
  readonly code: string;

  constructor(
    /** The error number, positive. */
    readonly errno: number,
    /** The system call, by its kernel name. */
    readonly syscall: string,
    /** The path the call was about, when there was one. */
    readonly path?: string,
  ) {
    const code = errnoName(errno);
    super(path === undefined ? `${code}: ${syscall}` : `${code}: ${syscall} '${path}'`);
    this.code = code;
  }

  /** True for a SysError of any copy of this package: an ESM and a CommonJS copy may meet in one process. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return (
      value instanceof Error &&
      value.name === 'SysError' &&
      typeof (value as Partial<SysError>).errno === 'number' &&
      typeof (value as Partial<SysError>).syscall === 'string'
    );
  }
}

/**
 * The result of a raw call, unless it is −errno.
 *
 * @throws {@link SysError} when `result` is negative
 */
export function check(result: number, syscall: string, path?: string): number {
  if (result < 0) throw new SysError(-result, syscall, path);
  return result;
}
