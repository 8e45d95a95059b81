import type { OptionEntry } from '../entry.js';
import type { Given, GivenShare } from '../given.js';
import { parseChoice, parseWhole } from '../values.js';

const HANDLE_MODES = ['never', 'prefer', 'mandatory'] as const;
const MOST_THREADS = 1024;
const MOST_QUEUES = 63;
const LONGEST_POLL = 1000;

/** What serving a share takes. */
export const SHARE_RESOURCE_ENTRIES: readonly OptionEntry<GivenShare>[] = [
  {
    name: 'thread-pool-size',
    group: 'Resources',
    value: 'NUMBER',
    default: '0',
    help: 'threads for calls that wait for a disk; with 0 they keep all requests waiting',
    take: (given, text) => {
      given.threadPoolSize = parseWhole(text, 0, MOST_THREADS);
    },
  },
  {
    name: 'inode-file-handles',
    group: 'Resources',
    value: 'WHEN',
    needsEquals: true,
    choices: HANDLE_MODES,
    default: 'prefer',
    help: 'remember files by handle instead of keeping a descriptor of each open',
    details: [
      "'prefer' does so where the file system has handles and the daemon the capability DAC_READ_SEARCH; 'mandatory' serves " +
        "nothing else. 'fallback' is a deprecated name of 'prefer'.",
    ],
    take: (given, text) => {
      const old = text.toLowerCase() === 'fallback';
      if (old)
        given.warnings = [
          ...(given.warnings ?? []),
          "--inode-file-handles=fallback is deprecated: write 'prefer'",
        ];
      given.inodeFileHandles = parseChoice(old ? 'prefer' : text, HANDLE_MODES);
    },
  },
  {
    name: 'rlimit-nofile',
    group: 'Resources',
    value: 'NUMBER',
    help: 'the limit of open files; 0 leaves it as it is',
    default: 'as much as is allowed, up to 1000000',
    take: (given, text) => {
      given.rlimitNofile = parseWhole(text, 0, Number.MAX_SAFE_INTEGER);
    },
  },
];

/**
 * Longest look for the next request, in microseconds: a driver that waits for its answer is back within it, on another processor or on
 * this one. Where it is not, the daemon soon does not look any more.
 */
export const DEFAULT_POLL = 50;

/** What serving a machine takes. */
export const DEVICE_RESOURCE_ENTRIES: readonly OptionEntry<Given>[] = [
  {
    name: 'num-request-queues',
    group: 'Resources',
    value: 'NUMBER',
    default: '1',
    help: 'request queues that the guest may use',
    take: (given, text) => {
      given.numRequestQueues = parseWhole(text, 1, MOST_QUEUES);
    },
  },
  {
    name: 'poll-us',
    group: 'Resources',
    value: 'MICROSECONDS',
    default: `${DEFAULT_POLL}`,
    help: 'look for the next request for so long before sleeping; 0: more delay for less CPU time',
    take: (given, text) => {
      given.pollUs = parseWhole(text, 0, LONGEST_POLL);
    },
  },
];
