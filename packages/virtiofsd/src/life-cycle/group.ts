import { spawnSync } from 'node:child_process';
import { StartError } from '../start-error.js';

/**
 * The id of a group. Groups can come from anywhere that the name service switch knows, so it is asked, by getent(1).
 *
 * @param name - or the id itself
 * @throws StartError
 */
export function groupId(name: string): number {
  const { stdout, status, error } = spawnSync('getent', ['--', 'group', name], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  if (error) throw new StartError(`the group '${name}' cannot be looked up: ${error.message}`);
  const id = /^[^:\n]*:[^:\n]*:(\d+):/.exec(stdout)?.[1];
  if (status !== 0 || id === undefined) {
    throw new StartError(`there is no group '${name}': create it (groupadd), or correct --socket-group`);
  }
  return Number(id);
}
