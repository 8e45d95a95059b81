import type { OptionEntry } from '../entry.js';
import type { Given } from '../given.js';
import { parseText } from '../values.js';

/** What older command lines say. */
export const DEPRECATED_ENTRIES: readonly OptionEntry<Given>[] = [
  {
    name: 'socket',
    group: 'Deprecated',
    value: 'SOCK',
    completes: 'file',
    help: 'use --socket-path',
    deprecated: 'use --socket-path',
    take: (given, text) => {
      given.socket = parseText(text, 'give the path of the socket to create');
    },
  },
  {
    name: 'o',
    group: 'Deprecated',
    value: 'OPTIONS',
    repeatable: true,
    help: 'options in the form of the C daemon, joined by commas: use those above',
    deprecated: 'use the options that --help lists',
    details: [
      'source=DIR, cache=auto|always|none|metadata, loglevel=debug|info|warn|err, sandbox=namespace|chroot, modcaps=CHANGES, ' +
        'xattrmap=RULES, timeout=SECONDS; xattr, readdirplus, writeback, allow_direct_io, killpriv_v2, posix_acl, ' +
        'security_label, posix_lock, flock, and each of these behind no_; announce_submounts.',
    ],
    take: (given, text) => {
      given.legacy = [...(given.legacy ?? []), text];
    },
  },
  {
    name: 'd',
    group: 'Deprecated',
    help: 'use --log-level=debug',
    deprecated: 'use --log-level=debug',
    take: (given) => {
      given.debug = true;
    },
  },
  {
    name: 'f',
    group: 'Deprecated',
    help: 'no effect: the daemon never leaves the foreground',
    deprecated: 'leave it out',
    take: () => {},
  },
];
