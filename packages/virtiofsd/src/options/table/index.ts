import { GROUPS, type OptionEntry } from '../entry.js';
import type { Given, GivenShare } from '../given.js';
import { CACHING_ENTRIES } from './caching.js';
import { CONNECTION_ENTRIES } from './connection.js';
import { DEPRECATED_ENTRIES } from './deprecated.js';
import { ISOLATION_ENTRIES } from './isolation.js';
import { LOG_LEVEL_ENTRY, SYSLOG_ENTRY } from './logging.js';
import { MIGRATION_ENTRIES } from './migration.js';
import { MODULE_ENTRIES } from './module.js';
import { OBSERVATION_ENTRIES } from './observation.js';
import { OWNER_ENTRIES } from './owners.js';
import { DEVICE_RESOURCE_ENTRIES, SHARE_RESOURCE_ENTRIES } from './resources.js';
import { ACCESS_ENTRIES, ATTRIBUTE_ENTRIES } from './share.js';

/** What can be said about a share, wherever it is served. */
export const SHARE_OPTIONS: readonly OptionEntry<GivenShare>[] = [
  ...ACCESS_ENTRIES,
  ...MODULE_ENTRIES,
  ...ATTRIBUTE_ENTRIES,
  ...OWNER_ENTRIES,
  ...CACHING_ENTRIES,
  ...SHARE_RESOURCE_ENTRIES,
];

const PRINT_CAPABILITIES: OptionEntry<Given> = {
  name: 'print-capabilities',
  group: 'Information',
  help: 'print what the daemon can do, as JSON for a program that starts it, and exit',
  take: (given) => {
    given.printCapabilities = true;
  },
};

const entries: readonly OptionEntry<Given>[] = [
  ...CONNECTION_ENTRIES,
  ...SHARE_OPTIONS,
  ...ISOLATION_ENTRIES,
  LOG_LEVEL_ENTRY,
  SYSLOG_ENTRY,
  ...OBSERVATION_ENTRIES,
  ...DEVICE_RESOURCE_ENTRIES,
  ...MIGRATION_ENTRIES,
  PRINT_CAPABILITIES,
  ...DEPRECATED_ENTRIES,
];

/** Every option of the daemon, group by group. */
export const OPTIONS: readonly OptionEntry<Given>[] = GROUPS.flatMap((group) =>
  entries.filter((entry) => entry.group === group),
);

/** The option of a name. */
export function optionNamed(name: string): OptionEntry<Given> {
  const entry = OPTIONS.find((each) => each.name === name);
  if (!entry) throw new RangeError(`there is no option '${name}'`);
  return entry;
}
