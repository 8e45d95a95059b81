import type { ShareSettings } from '../passthrough/settings.js';
import { StartError } from '../start-error.js';
import type { Given, GivenShare } from './given.js';

/**
 * Checks that what was said about a module goes together with the rest.
 *
 * @throws StartError
 */
export function checkModule(given: GivenShare, settings: Partial<ShareSettings>, hasFolder: boolean): void {
  if (given.module === undefined) {
    if (given.moduleOptions === undefined) return;
    throw new StartError('--module-option is for a module: give the module, too, with --module');
  }
  if (!hasFolder) checkWithoutFolder(given, settings);
  const migration = migrationFlag(given);
  if (migration === undefined) return;
  throw new StartError(`${migration} is of no use with --module: a machine that a module serves cannot move`);
}

/** What only says how a folder is served would be without effect. */
function checkWithoutFolder(given: GivenShare, settings: Partial<ShareSettings>): void {
  const { xattrMap, threadPoolSize } = given;
  const flags = [
    ...(xattrMap === undefined ? [] : ['--xattrmap']),
    ...Object.entries(settings).map(([key, value]) => `--${value === false ? 'no-' : ''}${dashed(key)}`),
    ...(threadPoolSize === undefined ? [] : ['--thread-pool-size']),
  ];
  if (flags[0] === undefined) return;
  throw new StartError(
    `${flags[0]} is about a shared folder, and there is none: leave it to the module, or give a folder, too`,
  );
}

function migrationFlag(given: Given): string | undefined {
  if (given.migrationMode !== undefined) return '--migration-mode';
  if (given.migrationOnError !== undefined) return '--migration-on-error';
  if (given.migrationVerifyHandles) return '--migration-verify-handles';
  return given.migrationConfirmPaths ? '--migration-confirm-paths' : undefined;
}

/** `posixAcl` as `posix-acl`. */
function dashed(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
