import { type OptionEntry, UsageError } from '../entry.js';
import type { GivenShare } from '../given.js';
import { parseChoice, parseSeconds } from '../values.js';

const POLICIES = ['auto', 'always', 'never', 'metadata'] as const;

/** What the guest may keep instead of asking. */
export const CACHING_ENTRIES: readonly OptionEntry<GivenShare>[] = [
  {
    name: 'cache',
    group: 'Caching',
    value: 'POLICY',
    choices: POLICIES,
    default: 'auto',
    help: 'what the guest may keep in memory',
    details: [
      "'auto': names and attributes for a second, and contents until the file is opened again after a change. " +
        "'always': everything, for when nobody else changes the share. 'metadata': names and attributes for a day, but no " +
        "contents. 'never': nothing, not even READDIRPLUS.",
    ],
    take: (given, text) => {
      if (text.toLowerCase() === 'none') throw new UsageError("use 'never'");
      given.cache = parseChoice(text, POLICIES);
    },
  },
  {
    name: 'entry-timeout',
    group: 'Caching',
    value: 'SECONDS',
    help: 'for how long the guest may rely on a name',
    default: 'as --cache says',
    take: (given, text) => {
      given.entryTimeout = parseSeconds(text);
    },
  },
  {
    name: 'attr-timeout',
    group: 'Caching',
    value: 'SECONDS',
    help: 'for how long the guest may rely on attributes',
    default: 'as --cache says',
    take: (given, text) => {
      given.attrTimeout = parseSeconds(text);
    },
  },
  {
    name: 'negative-timeout',
    group: 'Caching',
    value: 'SECONDS',
    default: '0',
    help: 'for how long the guest may rely on the absence of a name',
    take: (given, text) => {
      given.negativeTimeout = parseSeconds(text);
    },
  },
  {
    name: 'writeback',
    group: 'Caching',
    help: 'the guest may keep writes back',
    details: [
      'Only for a share that nobody else changes: times and sizes are those of the guest until it writes.',
    ],
    take: (given) => {
      given.writeback = true;
    },
  },
  {
    name: 'allow-direct-io',
    group: 'Caching',
    help: 'honor O_DIRECT of the guest on the host',
    take: (given) => {
      given.allowDirectIo = true;
    },
  },
  {
    name: 'allow-mmap',
    group: 'Caching',
    help: 'with --cache=never or metadata, the guest may map files shared nevertheless',
    details: ['Only for a share that nobody else changes.'],
    take: (given) => {
      given.allowMmap = true;
    },
  },
  {
    name: 'no-readdirplus',
    group: 'Caching',
    help: 'listing a directory does not tell the attributes of its files',
    take: (given) => {
      given.readdirplus = false;
    },
  },
];
