import { checkIdMap, type IdMapping } from '@vfs/sys';
import { type IdKind, IdTranslationError, parseIdTranslation } from '../id-translation/index.js';
import type { ObservationOptions } from '../observe/options.js';
import type { CapabilityChange, Options, ShareChoices } from '../options.js';
import type { ShareSettings } from '../passthrough/settings.js';
import { StartError } from '../start-error.js';
import { UsageError } from './entry.js';
import type { Given, GivenShare } from './given.js';
import { parseModcaps } from './modcaps.js';
import { checkModule } from './module-choice.js';
import { DEFAULT_POLL } from './table/resources.js';

/** A record, so that the compiler misses what is forgotten. */
const SETTINGS: Readonly<Record<keyof ShareSettings, true>> = {
  cache: true,
  entryTimeout: true,
  attrTimeout: true,
  negativeTimeout: true,
  readdirplus: true,
  writeback: true,
  allowDirectIo: true,
  allowMmap: true,
  preserveNoatime: true,
  killprivV2: true,
  xattr: true,
  posixAcl: true,
  securityLabel: true,
  announceSubmounts: true,
  inodeFileHandles: true,
  posixLock: true,
  flock: true,
};

/** What was said about the settings of a share. Access control lists, labels and a map imply extended attributes. */
function settingsOf(given: GivenShare): Partial<ShareSettings> {
  const { xattrMap, posixAcl = 'never', securityLabel = 'never' } = given;
  const implied = xattrMap !== undefined || posixAcl !== 'never' || securityLabel !== 'never';
  const keys = Object.keys(SETTINGS) as (keyof ShareSettings)[];
  const said = keys.filter((key) => given[key] !== undefined).map((key) => [key, given[key]]);
  return { ...Object.fromEntries(said), ...(implied && { xattr: true }) };
}

/**
 * Fills in what was not said about a share, and checks that what was said goes together.
 *
 * @param hasFolder - whether a folder is shared, which need not be with a module
 * @throws StartError
 */
export function completeShare(given: GivenShare, hasFolder: boolean): ShareChoices {
  const settings = settingsOf(given);
  checkShare(given);
  checkModule(given, settings, hasFolder);
  const { rlimitNofile, xattrMap, module } = given;
  return {
    settings,
    readOnly: given.readOnly ?? false,
    ...(module !== undefined && { module: { path: module, options: given.moduleOptions ?? {} } }),
    ...(xattrMap !== undefined && { xattrMap }),
    translateUid: given.translateUid ?? [],
    translateGid: given.translateGid ?? [],
    threadPoolSize: given.threadPoolSize ?? 0,
    ...(rlimitNofile !== undefined && { rlimitNofile }),
  };
}

/**
 * Fills in what was not said, and checks that what was said goes together.
 *
 * @throws UsageError
 * @throws StartError where the same mistake is one of status 1 for the daemon written in Rust
 */
export function completeOptions(given: Given): Options {
  checkPlaces(given);
  const socketPath = given.socketPath ?? given.socket;
  const { sharedDir, fd, socketGroup, tag } = given;
  return {
    ...completeShare(given, sharedDir !== undefined),
    ...(sharedDir !== undefined && { sharedDir }),
    ...(socketPath !== undefined && { socketPath }),
    ...(fd !== undefined && { fd }),
    ...(socketGroup !== undefined && { socketGroup }),
    ...(tag !== undefined && { tag }),
    keepAlive: given.keepAlive ?? false,
    numRequestQueues: given.numRequestQueues ?? 1,
    pollUs: given.pollUs ?? DEFAULT_POLL,
    sandbox: given.sandbox ?? 'namespace',
    uidMap: idMapOf(given.uidMap, '--uid-map'),
    gidMap: idMapOf(given.gidMap, '--gid-map'),
    seccomp: given.seccomp ?? 'kill',
    capabilityChanges: capabilityChangesOf(given),
    logLevel: given.debug ? 'debug' : (given.logLevel ?? 'info'),
    syslog: given.syslog ?? false,
    observation: observationOf(given),
    migration: migrationOf(given),
  };
}

function checkPlaces(given: Given): void {
  const { sharedDir, socketPath, socket, fd, socketGroup } = given;
  const path = socketPath ?? socket;
  if (path !== undefined && fd !== undefined) {
    throw new UsageError('--socket-path and --fd exclude each other: give one of them');
  }
  if (socketGroup !== undefined && fd !== undefined) {
    throw new UsageError('--socket-group is of no use with --fd: who made that socket gives it its group');
  }
  const missing = [];
  if (sharedDir === undefined && given.module === undefined) missing.push('--shared-dir DIR');
  if (path === undefined && fd === undefined) missing.push('--socket-path SOCK (or --fd FD)');
  if (missing.length > 0) {
    throw new UsageError(`${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} missing`);
  }
}

function checkShare({ posixAcl = 'never', translateUid, translateGid }: GivenShare): void {
  checkTranslation(translateUid, 'uid');
  checkTranslation(translateGid, 'gid');
  const translation = translateUid ? '--translate-uid' : '--translate-gid';
  if (posixAcl !== 'never' && (translateUid || translateGid)) {
    throw new StartError(
      `${translation} and --posix-acl exclude each other, because ids inside access control lists would stay as they are: ` +
        'leave one of them out, or use --uid-map and --gid-map',
    );
  }
}

/** Checks that the rules do not contradict each other. */
function checkTranslation(rules: readonly string[] | undefined, kind: IdKind): void {
  try {
    parseIdTranslation(rules ?? [], kind);
  } catch (error) {
    if (!(error instanceof IdTranslationError)) throw error;
    throw new StartError(`--translate-${kind}: ${error.message}`);
  }
}

function idMapOf(map: readonly IdMapping[] | undefined, flag: string): readonly IdMapping[] {
  if (!map) return [];
  try {
    checkIdMap(map);
  } catch (error) {
    throw new StartError(`${flag}: ${(error as RangeError).message}`);
  }
  return map;
}

function capabilityChangesOf({ modcaps, inodeFileHandles = 'prefer' }: Given): CapabilityChange[] {
  if (modcaps === undefined) return [];
  let changes: CapabilityChange[];
  try {
    changes = parseModcaps(modcaps);
  } catch (error) {
    throw new StartError(`--modcaps '${modcaps}': ${(error as SyntaxError).message}`);
  }
  const last = changes.findLast(({ capability }) => capability === 'CAP_DAC_READ_SEARCH');
  if (last?.add === false && inodeFileHandles !== 'never') {
    throw new StartError(
      `--modcaps takes DAC_READ_SEARCH away, which file handles need: add --inode-file-handles=never`,
    );
  }
  return changes;
}

function observationOf(given: Given): ObservationOptions {
  const { metricsSocket, metricsAddress, slowRequestMs = 0, traceFile, traceData, traceLimitMib } = given;
  if (traceFile === undefined && (traceData !== undefined || traceLimitMib !== undefined)) {
    const flag = traceData === undefined ? '--trace-limit' : '--trace-data';
    throw new UsageError(`${flag} is of no use without --trace: give a file, or leave it out`);
  }
  if (metricsSocket !== undefined && metricsSocket === (given.socketPath ?? given.socket)) {
    throw new UsageError('--metrics-socket and --socket-path are the same: give two paths');
  }
  return {
    ...(metricsSocket !== undefined && { metricsSocket }),
    ...(metricsAddress && { metricsAddress }),
    ...(slowRequestMs > 0 && { slowRequestMs }),
    ...(traceFile !== undefined && {
      trace: { file: traceFile, data: traceData ?? 0, limit: (traceLimitMib ?? 1024) * 2 ** 20 },
    }),
  };
}

function migrationOf(given: Given): Options['migration'] {
  const mode = given.migrationMode ?? 'find-paths';
  const verifyHandles = given.migrationVerifyHandles ?? false;
  const confirmPaths = given.migrationConfirmPaths ?? false;
  if (mode === 'file-handles' && (verifyHandles || confirmPaths)) {
    const flag = verifyHandles ? '--migration-verify-handles' : '--migration-confirm-paths';
    throw new StartError(`${flag} is only for --migration-mode=find-paths: leave one of them out`);
  }
  return { mode, onError: given.migrationOnError ?? 'abort', verifyHandles, confirmPaths };
}
