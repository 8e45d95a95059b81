import type { OptionEntry } from '../entry.js';
import type { Given } from '../given.js';
import { parseChoice } from '../values.js';

const MODES = ['find-paths', 'file-handles'] as const;
const REACTIONS = ['abort', 'guest-error'] as const;

/** How the state is handed to another host's daemon. */
export const MIGRATION_ENTRIES: readonly OptionEntry<Given>[] = [
  {
    name: 'migration-mode',
    group: 'Live migration',
    value: 'MODE',
    choices: MODES,
    default: 'find-paths',
    help: 'how files are represented; no effect yet: this daemon does not offer live migration',
    details: [
      'It is understood and checked, so that a command line for the daemon written in Rust works unchanged.',
    ],
    take: (given, text) => {
      given.migrationMode = parseChoice(text, MODES);
    },
  },
  {
    name: 'migration-on-error',
    group: 'Live migration',
    value: 'REACTION',
    choices: REACTIONS,
    default: 'abort',
    help: 'what to do about a file that cannot be represented; no effect yet',
    take: (given, text) => {
      given.migrationOnError = parseChoice(text, REACTIONS);
    },
  },
  {
    name: 'migration-verify-handles',
    group: 'Live migration',
    help: 'with find-paths, compare file handles at the destination; no effect yet',
    take: (given) => {
      given.migrationVerifyHandles = true;
    },
  },
  {
    name: 'migration-confirm-paths',
    group: 'Live migration',
    help: 'with find-paths, check the paths again at the switch-over; no effect yet',
    take: (given) => {
      given.migrationConfirmPaths = true;
    },
  },
];
