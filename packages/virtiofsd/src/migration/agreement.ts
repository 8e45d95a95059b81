import {
  Connection,
  FUSE_CREATE_SUPP_GROUP,
  FUSE_DONT_MASK,
  FUSE_KERNEL_MINOR_VERSION,
  FUSE_POSIX_ACL,
  FUSE_SETXATTR_EXT,
  FUSE_SUBMOUNTS,
  FUSE_WRITEBACK_CACHE,
} from '@vfs/fuse-proto';
import { negotiate } from '../passthrough/negotiation.js';
import type { Share } from '../passthrough/share.js';
import { MigrationError } from './migration-error.js';
import type { StateAgreement } from './state.js';

const EVERYTHING = (1n << 64n) - 1n;

/**
 * Lets a share agree once more on what the guest has agreed on with the source. Of what a state says nothing about, source and destination
 * are taken to have the same settings.
 *
 * @returns the connection as INIT would have left it
 * @throws MigrationError INCOMPATIBLE when the guest relies on what is switched off here
 */
export function agreeAgain(share: Share, agreement: StateAgreement): Connection {
  const said: [boolean, bigint][] = [
    [agreement.writeback, FUSE_WRITEBACK_CACHE],
    [agreement.announceSubmounts, FUSE_SUBMOUNTS],
    [agreement.posixAcl, FUSE_POSIX_ACL | FUSE_DONT_MASK | FUSE_SETXATTR_EXT],
    [agreement.supplementaryGroups, FUSE_CREATE_SUPP_GROUP],
  ];
  const absent = said.reduce((flags, [agreed, flag]) => (agreed ? flags : flags | flag), 0n);
  const connection = new Connection(FUSE_KERNEL_MINOR_VERSION, EVERYTHING & ~absent, 0n, 0);
  if (negotiate(share, connection) < 0) {
    throw new MigrationError(
      'INCOMPATIBLE',
      'the guest has not agreed with the source on what is insisted on here: write auto, not always, with --posix-acl',
    );
  }
  connection.flags |= agreement.supplementaryGroups ? FUSE_CREATE_SUPP_GROUP : 0n;
  const { agreed } = share;
  const needs: [boolean, boolean, string][] = [
    [agreement.writeback, agreed.writeback, '--writeback'],
    [agreement.announceSubmounts, agreed.submounts, '--announce-submounts'],
    [agreement.posixAcl, agreed.posixAcl, '--posix-acl'],
  ];
  for (const [needed, here, option] of needs) {
    if (!needed || here) continue;
    throw new MigrationError(
      'INCOMPATIBLE',
      `the guest relies on ${option} of the source: give it here, too`,
    );
  }
  return connection;
}
