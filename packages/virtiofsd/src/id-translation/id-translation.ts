import type { IdMap } from '@vfs/fuse-proto';
import type { Ranges } from './ranges.js';

/** How the user ids, or the group ids, of guest and host correspond. What is not mentioned is the same on both sides. */
export class IdTranslation {
  readonly #toHost: Ranges;
  readonly #toGuest: Ranges;

  constructor(toHost: Ranges, toGuest: Ranges) {
    this.#toHost = toHost;
    this.#toGuest = toGuest;
  }

  /** The host's id for one of the guest; undefined if the guest must not use it. */
  toHost(id: number): number | undefined {
    return this.#toHost.translate(id);
  }

  /** The guest's id for one of the host. */
  toGuest(id: number): number {
    // Nothing is forbidden in this direction.
    return this.#toGuest.translate(id)!;
  }
}

const same = (id: number): number => id;

/** Translations of users and of groups as the layer of @vfs/fuse-proto takes them; without one, ids are the same on both sides. */
export function idMap(users: IdTranslation | undefined, groups: IdTranslation | undefined): IdMap {
  return {
    uidIn: users ? (uid) => users.toHost(uid) : same,
    uidOut: users ? (uid) => users.toGuest(uid) : same,
    gidIn: groups ? (gid) => groups.toHost(gid) : same,
    gidOut: groups ? (gid) => groups.toGuest(gid) : same,
  };
}
