import { parseXattrMap, XattrMapError } from '../../xattr-map/index.js';
import { type OptionEntry, UsageError } from '../entry.js';
import type { GivenShare } from '../given.js';
import { parseChoice } from '../values.js';

const NEGOTIATIONS = ['never', 'auto', 'always'] as const;
const NEGOTIATION = [
  "'auto' offers it to the guest and does without where the guest does not take it; 'always' fails the mount then.",
];

/** What the guest can know and do about a file besides its content. */
export const ATTRIBUTE_ENTRIES: readonly OptionEntry<GivenShare>[] = [
  {
    name: 'xattr',
    group: 'Attributes and locks',
    help: 'extended attributes',
    take: (given) => {
      given.xattr = true;
    },
  },
  {
    name: 'posix-acl',
    group: 'Attributes and locks',
    value: 'WHEN',
    needsEquals: true,
    implied: 'always',
    choices: NEGOTIATIONS,
    default: 'never',
    help: 'POSIX access control lists; implies --xattr',
    details: NEGOTIATION,
    take: (given, text) => {
      given.posixAcl = parseChoice(text, NEGOTIATIONS);
    },
  },
  {
    name: 'security-label',
    group: 'Attributes and locks',
    value: 'WHEN',
    needsEquals: true,
    implied: 'always',
    choices: NEGOTIATIONS,
    default: 'never',
    help: 'security labels: new files get the one that the guest sends; implies --xattr',
    details: NEGOTIATION,
    take: (given, text) => {
      given.securityLabel = parseChoice(text, NEGOTIATIONS);
    },
  },
  {
    name: 'xattrmap',
    group: 'Attributes and locks',
    value: 'RULES',
    help: 'rename extended attributes between guest and host, such as :map::user.virtiofs.: ; implies --xattr',
    details: [
      'RULES are separated by blanks. The first character of a rule delimits its fields and ends it. A rule has a type ' +
        '(prefix, ok, bad or unsupported), a scope (client: names that the guest sends; server: names on the host; all), ' +
        "a key and a prefix to prepend. ':map:KEY:PREPEND:' as the last rule stands for the usual three.",
    ],
    take: (given, text) => {
      warnOfGaps(text, given);
      given.xattrMap = text;
    },
  },
  {
    name: 'posix-lock',
    group: 'Attributes and locks',
    help: "the guest's record locks (fcntl) are taken on the host's files too",
    details: ['Otherwise they are known within the guest only.'],
    take: (given) => {
      given.posixLock = true;
    },
  },
  {
    name: 'flock',
    group: 'Attributes and locks',
    help: "the guest's locks of flock(2) are taken on the host's files too",
    details: ['Otherwise they are known within the guest only.'],
    take: (given) => {
      given.flock = true;
    },
  },
  {
    name: 'killpriv-v2',
    group: 'Attributes and locks',
    help: 'the host clears setuid and setgid bits and capabilities of a file that is written, not the guest',
    take: (given) => {
      given.killprivV2 = true;
    },
  },
  {
    name: 'no-killpriv-v2',
    group: 'Attributes and locks',
    help: 'the default; --killpriv-v2 overrides it',
    take: (given) => {
      given.killprivV2 ??= false;
    },
  },
  {
    name: 'preserve-noatime',
    group: 'Attributes and locks',
    help: 'honor O_NOATIME of the guest, which takes the privilege to use it',
    take: (given) => {
      given.preserveNoatime = true;
    },
  },
];

/** How much of the share can be seen and changed. */
export const ACCESS_ENTRIES: readonly OptionEntry<GivenShare>[] = [
  {
    name: 'readonly',
    group: 'Share',
    help: 'refuse every change of the share',
    take: (given) => {
      given.readOnly = true;
    },
  },
  {
    name: 'announce-submounts',
    group: 'Share',
    help: 'the default: the guest sees which directories are mount points; --no-announce-submounts overrides it',
    take: (given) => {
      given.announceSubmounts ??= true;
    },
  },
  {
    name: 'no-announce-submounts',
    group: 'Share',
    help: 'the guest does not see which directories are mount points',
    details: ['Files of different file systems that have the same number are then one file for the guest.'],
    take: (given) => {
      given.announceSubmounts = false;
    },
  },
];

/** Checks a map. @throws UsageError */
function warnOfGaps(text: string, given: GivenShare): void {
  try {
    const names = parseXattrMap(text).gaps.map((gap) => (gap === 'client' ? 'the guest' : 'the host'));
    if (names.length === 0) return;
    const warning = `--xattrmap has no rule for some names of ${names.join(' and ')}: they are out of reach; end it with :ok:all:::`;
    given.warnings = [...(given.warnings ?? []), warning];
  } catch (error) {
    if (!(error instanceof XattrMapError)) throw error;
    throw new UsageError(error.message);
  }
}
