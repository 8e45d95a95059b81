import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type * as sys from '../src/index.js';

/** The built package: a child does not run TypeScript. */
const dist = new URL('../dist/index.js', import.meta.url);

export type Sys = typeof sys;

/** Whose child it is, and what it may see. */
export interface InChildOptions {
  /** The user and group id of the child, without supplementary groups, where the tests run as root. @default as here */
  readonly uid?: number;
  /** In a mount namespace of its own, whose mounts nobody else sees. @default false */
  readonly mounts?: boolean;
}

/** How a child ended. */
export interface ChildResult<T> {
  readonly value: T | undefined;
  readonly status: number | null;
  readonly signal: string | null;
  readonly stderr: string;
}

/**
 * Runs a function in a Node process of its own: it changes namespaces, privilege or filters for good. It can use only its arguments and
 * globals, and its result travels as JSON.
 */
export function runInChild<T, A = undefined>(
  body: (sys: Sys, argument: A) => T | Promise<T>,
  argument?: A,
  { uid, mounts = false }: InChildOptions = {},
): ChildResult<T> {
  if (!existsSync(fileURLToPath(dist)))
    throw new Error('build the package first: the children of this test import it');
  const code = `
    import * as sys from ${JSON.stringify(dist.href)};
    import { writeSync } from 'node:fs';
    if (${mounts}) {
      sys.unshare(sys.CLONE_NEWNS);
      sys.mount('/', { flags: sys.MS_REC | sys.MS_PRIVATE });
    }
    if (${uid ?? 0} > 0 && process.getuid() === 0) {
      // Here and not in spawnSync: the user need not be able to read the checkout, or to run this Node.
      process.setgroups([]);
      process.setgid(${uid});
      process.setuid(${uid});
      // Whoever changes users loses what is in its /proc directory.
      sys.raw.prctl(sys.PR_SET_DUMPABLE, 1, 0);
    }
    const value = await (${body})(sys, ${JSON.stringify(argument)});
    writeSync(1, '\\n=' + JSON.stringify(value ?? null));
  `;
  const { stdout, stderr, status, signal } = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', code],
    { encoding: 'utf8', timeout: 30_000 },
  );
  const mark = stdout.lastIndexOf('\n=');
  return { value: mark < 0 ? undefined : JSON.parse(stdout.slice(mark + 2)), status, signal, stderr };
}

/** The same for a child that must end well: its result. */
export function inChild<T, A = undefined>(
  body: (sys: Sys, argument: A) => T | Promise<T>,
  argument?: A,
  options?: InChildOptions,
): T {
  const { value, status, signal, stderr } = runInChild(body, argument, options);
  expect(signal ?? status, stderr).toBe(0);
  return value as T;
}
