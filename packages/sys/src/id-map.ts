import { spawnSync } from 'node:child_process';
import { AT_FDCWD, O_WRONLY } from './constants/open.js';
import { close } from './fd.js';
import { AT_POSITION, writevAt } from './io.js';
import { openat } from './open.js';
import { checkInt } from './u64.js';

/** A range of ids of a user namespace, and the range of the parent namespace that it stands for (user_namespaces(7)). */
export interface IdMapping {
  /** The first id inside the namespace. */
  readonly inside: number;
  /** The first id outside. */
  readonly outside: number;
  /** How many ids, at least 1. */
  readonly count: number;
}

/** The most ranges of one map. */
export const ID_MAP_MAX = 340;

/** Which map of a user namespace. */
export type IdMapKind = 'uid' | 'gid';

const LAST_ID = 0xffff_fffe;

/**
 * Checks a map as the kernel does, with a message that says what is wrong.
 *
 * @throws RangeError when it is empty or longer than {@link ID_MAP_MAX}, when a range leaves 0 to 2^32−2, or when
 *   two overlap
 */
export function checkIdMap(map: readonly IdMapping[]): void {
  checkInt(map.length, 'map.length', 1, ID_MAP_MAX);
  for (const { inside, outside, count } of map) {
    checkInt(count, 'count', 1, 0xffff_ffff);
    checkInt(inside, 'inside', 0, LAST_ID);
    checkInt(outside, 'outside', 0, LAST_ID);
    if (inside + count - 1 > LAST_ID || outside + count - 1 > LAST_ID) {
      throw new RangeError(`the range ${inside} ${outside} ${count} goes beyond ${LAST_ID}`);
    }
  }
  for (const side of ['inside', 'outside'] as const) {
    const sorted = [...map].sort((a, b) => a[side] - b[side]);
    for (const [i, next] of sorted.entries()) {
      const previous = sorted[i - 1];
      if (previous && previous[side] + previous.count > next[side]) {
        throw new RangeError(`two ranges contain the id ${next[side]} ${side}`);
      }
    }
  }
}

/** The text of a map file: `0 1000 1`, a line per range. */
export function formatIdMap(map: readonly IdMapping[]): string {
  return map.map(({ inside, outside, count }) => `${inside} ${outside} ${count}\n`).join('');
}

/** Parses the text of /proc/PID/uid_map or gid_map; empty when the namespace has no map yet. @throws SyntaxError */
export function parseIdMap(text: string): IdMapping[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.map((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s*$/.exec(line);
    if (!match) throw new SyntaxError(`not a line of an id map: ${JSON.stringify(line)}`);
    return { inside: Number(match[1]), outside: Number(match[2]), count: Number(match[3]) };
  });
}

function writeProcFile(path: string, text: string): void {
  const fd = openat(AT_FDCWD, path, O_WRONLY);
  try {
    // One write: the kernel takes no second one.
    writevAt(fd, [Buffer.from(text)], AT_POSITION);
  } finally {
    close(fd);
  }
}

/**
 * Writes a map of the user namespace of a process, once in its life: /proc/PID/uid_map or gid_map.
 *
 * Without CAP_SETUID (CAP_SETGID) in the parent namespace only one's own effective id can be mapped, a single one,
 * and a group only after {@link denySetgroups}; for anything else there is {@link runIdMapHelper}.
 *
 * @param pid - a process in the new namespace
 * @throws {@link SysError} EPERM when the map is not allowed or already there, ENOENT, EACCES, EINVAL
 * @throws RangeError of {@link checkIdMap}
 */
export function writeIdMap(kind: IdMapKind, pid: number, map: readonly IdMapping[]): void {
  checkInt(pid, 'pid', 1, 0x7fff_ffff);
  checkIdMap(map);
  writeProcFile(`/proc/${pid}/${kind}_map`, formatIdMap(map));
}

/**
 * Bars the processes of a user namespace from setgroups(2), so that nobody there can give up a group that denies
 * access: "deny" to /proc/PID/setgroups.
 *
 * @throws {@link SysError} EPERM when the gid_map is already there, ENOENT
 */
export function denySetgroups(pid: number): void {
  writeProcFile(`/proc/${checkInt(pid, 'pid', 1, 0x7fff_ffff)}/setgroups`, 'deny');
}

/** newuidmap(1) or newgidmap(1) did not do its work. */
export class IdMapHelperError extends Error {
  override readonly name = 'IdMapHelperError';

  constructor(
    /** `'newuidmap'` or `'newgidmap'`. */
    readonly command: string,
    /** What it wrote to standard error, or why it could not be started. */
    readonly reason: string,
    /** Its exit status; undefined when it could not be started. */
    readonly status?: number,
  ) {
    super(`${command}: ${reason}`);
  }
}

/**
 * Writes a map by newuidmap(1) or newgidmap(1), which may do so for the ids that /etc/subuid and /etc/subgid grant
 * to the user. Waits for it.
 *
 * @param pid - a process in the new namespace
 * @throws {@link IdMapHelperError} when the helper is not installed, refuses or fails
 * @throws RangeError of {@link checkIdMap}
 */
export function runIdMapHelper(kind: IdMapKind, pid: number, map: readonly IdMapping[]): void {
  checkInt(pid, 'pid', 1, 0x7fff_ffff);
  checkIdMap(map);
  const command = `new${kind}map`;
  const numbers = map.flatMap(({ inside, outside, count }) => [inside, outside, count]);
  const { error, status, signal, stderr } = spawnSync(command, [pid, ...numbers].map(String), {
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new IdMapHelperError(command, missing ? 'not installed (package uidmap)' : error.message);
  }
  if (status !== 0) {
    throw new IdMapHelperError(command, stderr.trim() || `ended by ${signal}`, status ?? undefined);
  }
}

/** Which ids a new user namespace has, and how it gets them. */
export interface IdMaps {
  readonly uid: readonly IdMapping[];
  readonly gid: readonly IdMapping[];
  /**
   * `'helper'`: newuidmap and newgidmap; `'direct'`: the files, and setgroups(2) denied unless `setgroups` is true;
   * `'auto'`: directly when this process is root, or maps just its own ids, else the helpers. @default 'auto'
   */
  readonly by?: 'auto' | 'direct' | 'helper';
  /** Whether setgroups(2) stays allowed, which takes privilege. @default true when root */
  readonly setgroups?: boolean;
}

/**
 * Gives the user namespace of a process its maps.
 *
 * @throws {@link SysError}, {@link IdMapHelperError} or RangeError of the functions that it calls
 */
export function writeIdMaps(pid: number, maps: IdMaps): void {
  const root = process.geteuid?.() === 0;
  const { uid, gid, by = 'auto', setgroups = root } = maps;
  checkIdMap(uid);
  checkIdMap(gid);
  const direct =
    by === 'direct' ||
    (by === 'auto' && (root || (isOwn(uid, process.geteuid?.()) && isOwn(gid, process.getegid?.()))));
  const write = direct ? writeIdMap : runIdMapHelper;
  write('uid', pid, uid);
  if (direct && !setgroups) denySetgroups(pid);
  write('gid', pid, gid);
}

/** A map of one id that needs no privilege. */
function isOwn(map: readonly IdMapping[], id: number | undefined): boolean {
  return map.length === 1 && map[0]!.count === 1 && map[0]!.outside === id;
}
