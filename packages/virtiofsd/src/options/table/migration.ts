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
    help: 'how the destination finds the files: by their paths in the share, or by file handles, which needs the very same file systems there',
    details: [
      'The state is the one of the daemon written in Rust: a machine can move between the two, in both directions.',
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
    help: 'what a destination does about a file that it cannot have: refuse the machine, or let the guest get an error when it uses the file',
    take: (given, text) => {
      given.migrationOnError = parseChoice(text, REACTIONS);
    },
  },
  {
    name: 'migration-verify-handles',
    group: 'Live migration',
    help: 'with find-paths, send file handles, too, for the destination to tell whether it has found the very same files',
    take: (given) => {
      given.migrationVerifyHandles = true;
    },
  },
  {
    name: 'migration-confirm-paths',
    group: 'Live migration',
    help: 'with find-paths, refuse to move the machine when a file that has a name is not found by it at the switch-over',
    take: (given) => {
      given.migrationConfirmPaths = true;
    },
  },
];
