import { raw } from './binding.js';
import { check } from './errors.js';
import { DATA, scratch } from './scratch.js';
import { checkInt, checkU64, high32, joinU64, low32, type U64 } from './u64.js';

/** A resource limit of a process; RLIM_INFINITY for none. */
export interface Rlimit {
  /** What holds now. */
  readonly soft: U64;
  /** How far it may be raised without privilege. */
  readonly hard: U64;
}

/**
 * A limit: prlimit(2).
 *
 * @param resource - an RLIMIT_ constant, whose unit it is in
 * @param pid - a process. @default this one
 * @throws {@link SysError} EINVAL for an unknown resource, ESRCH, EPERM
 */
export function getrlimit(resource: number, pid = 0): Rlimit {
  checkInt(resource, 'resource', 0, 0x7fff_ffff);
  checkInt(pid, 'pid', 0, 0x7fff_ffff);
  check(raw.prlimit(pid, resource, 0, 0, scratch.id, DATA), 'prlimit');
  const u32 = (at: number): number => scratch.view.getUint32(DATA + at, true);
  return { soft: joinU64(u32(0), u32(4)), hard: joinU64(u32(8), u32(12)) };
}

/** Sets a limit: prlimit(2). @throws {@link SysError} EINVAL when soft exceeds hard, EPERM, ESRCH */
export function setrlimit(resource: number, limit: Rlimit, pid = 0): void {
  checkInt(resource, 'resource', 0, 0x7fff_ffff);
  checkInt(pid, 'pid', 0, 0x7fff_ffff);
  let at = DATA;
  for (const value of [checkU64(limit.soft, 'soft'), checkU64(limit.hard, 'hard')]) {
    scratch.view.setUint32(at, low32(value), true);
    scratch.view.setInt32(at + 4, high32(value), true);
    at += 8;
  }
  check(raw.prlimit(pid, resource, scratch.id, DATA, 0, 0), 'prlimit');
}
