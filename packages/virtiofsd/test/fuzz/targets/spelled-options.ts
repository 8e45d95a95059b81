import type { ObservationOptions } from '../../../src/observe/options.js';
import type { CapabilityChange, ModuleChoice, Options } from '../../../src/options.js';
import type { ShareSettings } from '../../../src/passthrough/settings.js';

/** How a setting that is on or off is written, on and off. */
const SWITCHES: Readonly<Record<string, readonly [on: string, off: string]>> = {
  xattr: ['--xattr', '-ono_xattr'],
  readdirplus: ['-oreaddirplus', '--no-readdirplus'],
  writeback: ['--writeback', '-ono_writeback'],
  allowDirectIo: ['--allow-direct-io', '-ono_allow_direct_io'],
  allowMmap: ['--allow-mmap', ''],
  preserveNoatime: ['--preserve-noatime', ''],
  killprivV2: ['--killpriv-v2', '--no-killpriv-v2'],
  announceSubmounts: ['--announce-submounts', '--no-announce-submounts'],
  posixLock: ['--posix-lock', '-ono_posix_lock'],
  flock: ['--flock', '-ono_flock'],
};
/** Those with a value. */
const VALUES: Readonly<Record<string, string>> = {
  cache: 'cache',
  entryTimeout: 'entry-timeout',
  attrTimeout: 'attr-timeout',
  negativeTimeout: 'negative-timeout',
  posixAcl: 'posix-acl',
  securityLabel: 'security-label',
  inodeFileHandles: 'inode-file-handles',
};

/** Arguments that mean the same as these options, nothing left out. */
export function argumentsOf(options: Options): string[] {
  const { sharedDir, socketPath, fd, socketGroup, tag, xattrMap, rlimitNofile } = options;
  return [
    ...value('shared-dir', sharedDir),
    ...value('socket-path', socketPath),
    ...value('fd', fd),
    ...value('socket-group', socketGroup),
    ...value('tag', tag),
    ...flag('keep-alive', options.keepAlive),
    ...value('num-request-queues', options.numRequestQueues),
    ...value('poll-us', options.pollUs),
    // Of no use without a folder, and refused then.
    ...(sharedDir === undefined ? [] : value('thread-pool-size', options.threadPoolSize)),
    ...value('rlimit-nofile', rlimitNofile),
    ...value('sandbox', options.sandbox),
    ...options.uidMap.flatMap(({ inside, outside, count }) =>
      value('uid-map', `:${inside}:${outside}:${count}:`),
    ),
    ...options.gidMap.flatMap(({ inside, outside, count }) =>
      value('gid-map', `:${inside}:${outside}:${count}:`),
    ),
    ...value('seccomp', options.seccomp),
    ...value('modcaps', modcaps(options.capabilityChanges)),
    ...value('log-level', options.logLevel),
    ...flag('syslog', options.syslog),
    ...(options.module === undefined ? migration(options.migration) : []),
    ...flag('readonly', options.readOnly),
    ...value('xattrmap', xattrMap),
    ...options.translateUid.flatMap((rule) => value('translate-uid', rule)),
    ...options.translateGid.flatMap((rule) => value('translate-gid', rule)),
    ...module(options.module),
    ...observation(options.observation),
    ...settings(options.settings),
  ];
}

/** Refused with a module. */
function migration({ mode, onError, verifyHandles, confirmPaths }: Options['migration']): string[] {
  return [
    ...value('migration-mode', mode),
    ...value('migration-on-error', onError),
    ...flag('migration-verify-handles', verifyHandles),
    ...flag('migration-confirm-paths', confirmPaths),
  ];
}

function module(choice: ModuleChoice | undefined): string[] {
  if (choice === undefined) return [];
  const given = Object.entries(choice.options).map(([key, said]) => `--module-option=${key}=${said}`);
  return [`--module=${choice.path}`, ...given];
}

function observation({ metricsSocket, metricsAddress, slowRequestMs, trace }: ObservationOptions): string[] {
  const { host = '', port } = metricsAddress ?? {};
  return [
    ...value('metrics-socket', metricsSocket),
    ...value('metrics', metricsAddress && `${host.includes(':') ? `[${host}]` : host}:${port}`),
    ...value('slow-request-ms', slowRequestMs),
    ...value('trace', trace?.file),
    ...value('trace-data', trace?.data),
    ...value('trace-limit', trace && trace.limit / 2 ** 20),
  ];
}

function settings(given: Partial<ShareSettings>): string[] {
  return Object.entries(given).flatMap(([key, said]) => {
    const name = VALUES[key];
    if (name !== undefined) return value(name, typeof said === 'number' ? decimal(said) : String(said));
    const [on, off] = SWITCHES[key]!;
    return [said ? on : off];
  });
}

function modcaps(changes: readonly CapabilityChange[]): string | undefined {
  if (changes.length === 0) return undefined;
  return changes.map(({ add, capability }) => `${add ? '+' : '-'}${capability}`).join(':');
}

/** Without an exponent. */
function decimal(number: number): string {
  return String(number).includes('e') ? number.toFixed(100) : String(number);
}

function value(name: string, said: string | number | undefined): string[] {
  return said === undefined ? [] : [`--${name}=${said}`];
}

function flag(name: string, said: boolean): string[] {
  return said ? [`--${name}`] : [];
}
