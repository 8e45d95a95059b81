import { EOPNOTSUPP, EPERM, ERANGE } from '@vfs/sys';
import type { Rule, RuleType } from './rule.js';

/** Longest name of an extended attribute, in bytes without the NUL. */
const XATTR_NAME_MAX = 255;

/** Which names a map does not mention: those that the guest uses, or those in the host's lists. */
export type Gap = 'client' | 'server';

/**
 * How names of extended attributes of the guest and of the host correspond. Names are bytes.
 *
 * A name that no rule matches is treated as by `bad`: the guest can neither use it nor see it.
 */
export class XattrMap {
  readonly rules: readonly Rule[];

  constructor(rules: readonly Rule[]) {
    this.rules = rules;
  }

  /** Where the rules leave names unmentioned, which an administrator should hear of. */
  get gaps(): readonly Gap[] {
    const gaps: Gap[] = [];
    if (!this.rules.some(({ client, key }) => client && key.length === 0)) gaps.push('client');
    if (!this.rules.some(({ server, prepend }) => server && prepend.length === 0)) gaps.push('server');
    return gaps;
  }

  /**
   * Puts what a name of the guest is called on the host at a place, which has to have room for 255 bytes: its length, or −EPERM,
   * −EOPNOTSUPP, or −ERANGE when it gets too long. The places must not overlap.
   */
  toHost(name: Uint8Array, start: number, length: number, target: Uint8Array, at: number): number {
    for (const { type, client, key, prepend } of this.rules) {
      if (!client || !begins(name, start, length, key)) continue;
      if (type === 'bad') return -EPERM;
      if (type === 'unsupported') return -EOPNOTSUPP;
      const added = type === 'prefix' ? prepend.length : 0;
      if (added + length > XATTR_NAME_MAX) return -ERANGE;
      if (added > 0) target.set(prepend, at);
      for (let i = 0; i < length; i++) target[at + added + i] = name[start + i]!;
      return added + length;
    }
    return -EPERM;
  }

  /**
   * What a name of the host is called by the guest: how many bytes at its beginning to leave out, or a negative number when it is
   * hidden.
   */
  toGuest(name: Uint8Array, start: number, length: number): number {
    for (const { type, server, prepend } of this.rules) {
      if (server && begins(name, start, length, prepend)) return strip(type, prepend, length);
    }
    return -1;
  }
}

function strip(type: RuleType, prepend: Uint8Array, length: number): number {
  if (type === 'ok') return 0;
  // There is no empty name.
  return type === 'prefix' && prepend.length < length ? prepend.length : -1;
}

function begins(name: Uint8Array, start: number, length: number, prefix: Uint8Array): boolean {
  if (prefix.length > length) return false;
  for (let i = 0; i < prefix.length; i++) if (name[start + i] !== prefix[i]) return false;
  return true;
}
