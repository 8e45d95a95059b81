// @ts-check
import { readFileSync, statfsSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { output } from '../lib/run.mjs';

/** Numbers of `statfs` (linux/magic.h). */
const FILE_SYSTEMS = new Map([
  [0xef53, 'ext4'],
  [0x01021994, 'tmpfs'],
  [0x58465342, 'xfs'],
  [0x9123683e, 'btrfs'],
  [0x794c7630, 'overlayfs'],
]);

/**
 * What figures depend on.
 * @typedef {object} Machine
 * @property {string} date
 * @property {string} processor
 * @property {number} processors
 * @property {string} memory
 * @property {string} kernel
 * @property {boolean} virtual
 * @property {string} node
 * @property {string} fileSystem of the shared folder
 * @property {string} commit
 * @property {number} load average of the minute before
 */

/**
 * @param {string} folder that is shared
 * @returns {Machine}
 */
export function describeMachine(folder) {
  const type = statfsSync(folder).type;
  const dirty = output('git', ['status', '--porcelain', '--untracked-files=no'])?.trim() !== '';
  return {
    date: new Date().toISOString().slice(0, 10),
    processor: cpus()[0]?.model ?? 'unknown',
    processors: cpus().length,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    kernel: release(),
    virtual: readFileSync('/proc/cpuinfo', 'utf8').includes(' hypervisor'),
    node: process.version,
    fileSystem: FILE_SYSTEMS.get(type) ?? `0x${type.toString(16)}`,
    commit: `${output('git', ['rev-parse', '--short', 'HEAD'])?.trim() ?? 'unknown'}${dirty ? ' and changes' : ''}`,
    load: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  };
}
