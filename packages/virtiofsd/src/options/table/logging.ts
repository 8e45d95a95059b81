import { LOG_LEVELS } from '../../log.js';
import type { OptionEntry } from '../entry.js';
import type { Given, GivenCommon } from '../given.js';
import { parseChoice } from '../values.js';

export const LOG_LEVEL_ENTRY: OptionEntry<GivenCommon> = {
  name: 'log-level',
  group: 'Logging',
  value: 'LEVEL',
  choices: LOG_LEVELS,
  default: 'info',
  help: 'how much to log; the environment variable RUST_LOG overrides it',
  take: (given, text) => {
    given.logLevel = parseChoice(text, LOG_LEVELS);
  },
};

export const SYSLOG_ENTRY: OptionEntry<Given> = {
  name: 'syslog',
  group: 'Logging',
  help: "log to the system's log, and to standard error only if there is none",
  take: (given) => {
    given.syslog = true;
  },
};
