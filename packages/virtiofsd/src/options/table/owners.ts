import { type IdKind, IdTranslationError, parseIdTranslation } from '../../id-translation/index.js';
import { type OptionEntry, UsageError } from '../entry.js';
import type { GivenShare } from '../given.js';

const TRANSLATION = [
  "'guest:G:H:N' makes N ids of the guest from G on those of the host from H on; 'host:H:G:N' the other way round; " +
    "'map:G:H:N' both. 'squash-guest:G:H:N' makes N ids of the guest a single one of the host, 'squash-host:H:G:N' the " +
    "other way round. 'forbid-guest:G:N' refuses what would give a file such an owner. Ids without a rule stay as they are.",
  'Unlike --uid-map and --gid-map it needs no user namespace. It cannot be combined with --posix-acl.',
];

/** Whose the files are. */
export const OWNER_ENTRIES: readonly OptionEntry<GivenShare>[] = [
  {
    name: 'translate-uid',
    group: 'Owners',
    value: 'RULE',
    repeatable: true,
    help: 'translate user ids between guest and host, such as map:0:100000:65536',
    details: TRANSLATION,
    take: (given, text) => {
      check(text, 'uid');
      given.translateUid = [...(given.translateUid ?? []), text];
    },
  },
  {
    name: 'translate-gid',
    group: 'Owners',
    value: 'RULE',
    repeatable: true,
    help: 'the same for group ids',
    take: (given, text) => {
      check(text, 'gid');
      given.translateGid = [...(given.translateGid ?? []), text];
    },
  },
];

/** Checks a rule by itself. @throws UsageError */
function check(text: string, kind: IdKind): void {
  try {
    parseIdTranslation([text], kind);
  } catch (error) {
    if (!(error instanceof IdTranslationError)) throw error;
    // The rule is named by the option already.
    throw new UsageError(error.message.replace(`'${text}': `, ''));
  }
}
