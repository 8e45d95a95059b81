import { readFileSync } from 'node:fs';
import { type Credentials, getCapabilities, type IdMapping, type IdMaps } from '@vfs/sys';
import type { Options } from '../options.js';
import { StartError } from '../start-error.js';

type MapOptions = Pick<Options, 'sandbox' | 'uidMap' | 'gidMap'>;

export function isRoot(): boolean {
  return process.geteuid!() === 0;
}

/** Whether a worker gets a user namespace: only so can somebody who is not root have the others. */
export function needsUserNamespace({ sandbox }: Pick<Options, 'sandbox'>): boolean {
  return sandbox === 'namespace' && !isRoot();
}

/** @throws StartError for a sandbox that is not for this user */
export function checkSandbox({ sandbox }: Pick<Options, 'sandbox'>): void {
  if (sandbox !== 'chroot' || getCapabilities().effective.has('CAP_SYS_CHROOT')) return;
  throw new StartError(
    '--sandbox=chroot is for root (it needs CAP_SYS_CHROOT): choose --sandbox=namespace, which others can use too',
  );
}

/** @throws StartError for maps that there is no user namespace for */
export function checkMaps({ sandbox, uidMap, gidMap }: MapOptions): void {
  if (uidMap.length === 0 && gidMap.length === 0) return;
  const given = uidMap.length > 0 ? '--uid-map' : '--gid-map';
  if (sandbox !== 'namespace') {
    throw new StartError(
      `${given} needs a user namespace, and --sandbox=${sandbox} makes none: leave one out`,
    );
  }
  if (isRoot()) {
    throw new StartError(
      `${given} is for users other than root, for whom no user namespace is made: leave it out, or see --translate-uid`,
    );
  }
}

/** The maps of the user namespace; without options just the own ids are there, as themselves. */
export function idMaps({ uidMap, gidMap }: MapOptions): IdMaps {
  return {
    uid: uidMap.length > 0 ? uidMap : own(process.geteuid!()),
    gid: gidMap.length > 0 ? gidMap : own(process.getegid!()),
  };
}

function own(id: number): IdMapping[] {
  return [{ inside: id, outside: id, count: 1 }];
}

/**
 * Who a worker is: root of its user namespace, where the maps have a root; where root starts it, without root's
 * supplementary groups.
 */
export function workerCredentials(options: MapOptions): Credentials | undefined {
  if (needsUserNamespace(options)) {
    const { uid, gid } = idMaps(options);
    const credentials = { ...(hasRoot(uid) && { uid: 0 }), ...(hasRoot(gid) && { gid: 0 }) };
    return Object.keys(credentials).length > 0 ? credentials : undefined;
  }
  if (!isRoot() || !getCapabilities().permitted.has('CAP_SETGID') || setgroupsDenied()) return undefined;
  return { groups: [] };
}

function hasRoot(map: readonly IdMapping[]): boolean {
  return map.some(({ inside }) => inside === 0);
}

/** In a user namespace of somebody without privilege. */
function setgroupsDenied(): boolean {
  try {
    return readFileSync('/proc/self/setgroups', 'utf8').trim() === 'deny';
  } catch {
    return false;
  }
}
