import type { OptionEntry } from '../entry.js';
import type { Given } from '../given.js';
import { parseIdRange } from '../id-range.js';
import { parseChoice } from '../values.js';

const SANDBOXES = ['namespace', 'chroot', 'none'] as const;
const SECCOMP_MODES = ['none', 'kill', 'log', 'trap'] as const;

const ID_MAP = [
  "Any character that is neither letter nor digit may take the place of the colons. ':0:100000:65536:' makes 65536 ids of " +
    'the host, from 100000 on, those from 0 on of the share. More than the own id takes newuidmap(1), newgidmap(1) and a ' +
    'grant in /etc/subuid and /etc/subgid. Only for users other than root, with --sandbox=namespace.',
];

/** What the daemon is kept from. */
export const ISOLATION_ENTRIES: readonly OptionEntry<Given>[] = [
  {
    name: 'sandbox',
    group: 'Isolation',
    value: 'HOW',
    choices: SANDBOXES,
    default: 'namespace',
    help: 'how the daemon is kept to the shared folder',
    details: [
      "'namespace': mount, pid and network namespaces, for users other than root a user namespace too, and pivot_root(2) into " +
        "the folder. 'chroot': chroot(2), for root only. 'none': not at all.",
    ],
    take: (given, text) => {
      given.sandbox = parseChoice(text, SANDBOXES);
    },
  },
  {
    name: 'uid-map',
    group: 'Isolation',
    value: 'RANGE',
    repeatable: true,
    help: 'users of the user namespace, given as :INSIDE:OUTSIDE:COUNT:',
    default: 'the own one',
    details: ID_MAP,
    take: (given, text) => {
      given.uidMap = [...(given.uidMap ?? []), parseIdRange(text)];
    },
  },
  {
    name: 'gid-map',
    group: 'Isolation',
    value: 'RANGE',
    repeatable: true,
    default: 'the own one',
    help: 'the same for groups',
    take: (given, text) => {
      given.gidMap = [...(given.gidMap ?? []), parseIdRange(text)];
    },
  },
  {
    name: 'seccomp',
    group: 'Isolation',
    value: 'ACTION',
    choices: SECCOMP_MODES,
    default: 'kill',
    help: 'what happens at a system call that the daemon has no use for',
    details: [
      "'kill' ends the daemon, 'log' writes a line to the kernel's log, 'trap' raises SIGSYS, 'none' allows every call.",
    ],
    take: (given, text) => {
      given.seccomp = parseChoice(text, SECCOMP_MODES);
    },
  },
  {
    name: 'modcaps',
    group: 'Isolation',
    value: 'CHANGES',
    help: 'capabilities to keep or drop besides the usual, such as +sys_admin:-chown',
    details: [
      'Kept without it are CHOWN, DAC_OVERRIDE, FOWNER, FSETID, SETGID, SETUID, MKNOD, SETFCAP, and DAC_READ_SEARCH unless ' +
        'file handles are never used. It says nothing to a daemon that has no capabilities.',
    ],
    take: (given, text) => {
      given.modcaps = text;
    },
  },
];
