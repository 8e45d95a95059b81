import { raw } from '@vfs/sys';
import type { Share } from './share.js';

const MASK = 0o777;

/**
 * Makes a system call that creates something, under the umask of the guest's process if access control lists are in force: a default
 * list of the directory then takes its place, and only the kernel that has the list can decide that. Otherwise the guest has
 * applied it to the mode already.
 */
export function underUmask(share: Share, umask: number, create: () => number): number {
  if (!share.agreed.posixAcl) return create();
  // The umask is the whole process's, but creating is for this thread alone.
  const own = raw.umask(umask & MASK);
  try {
    return create();
  } finally {
    raw.umask(own);
  }
}
