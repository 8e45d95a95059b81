import type { MigrationOptions } from '../migration/options.js';
import type { MetricsAddress } from '../observe/metrics-place.js';
import type { Options } from '../options.js';
import type { ShareSettings } from '../passthrough/settings.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What was said about a share itself, wherever it is served. */
export interface GivenShare extends Mutable<Partial<ShareSettings>> {
  /** What the log is to say about values that are understood but should be written in another way. */
  warnings?: readonly string[];
  readOnly?: boolean;
  module?: string;
  moduleOptions?: Readonly<Record<string, string>>;
  xattrMap?: string;
  translateUid?: readonly string[];
  translateGid?: readonly string[];
  threadPoolSize?: number;
  rlimitNofile?: number;
}

/** What every command understands. */
export interface GivenCommon {
  logLevel?: Options['logLevel'];
}

/** What {@link Options} has in another form. */
type Collected = 'settings' | 'migration' | 'observation' | 'capabilityChanges' | keyof GivenShare;

/** What the command line says as it is read, entry by entry: nothing is complete, and nothing is checked against the rest. */
export interface Given extends GivenShare, GivenCommon, Mutable<Partial<Omit<Options, Collected>>> {
  /** By the deprecated name of the option. */
  socket?: string;
  /** As text: a mistake in it is not one of usage. */
  modcaps?: string;
  metricsSocket?: string;
  metricsAddress?: MetricsAddress;
  slowRequestMs?: number;
  traceFile?: string;
  traceData?: number;
  traceLimitMib?: number;
  migrationMode?: Required<MigrationOptions>['mode'];
  migrationOnError?: Required<MigrationOptions>['onError'];
  migrationVerifyHandles?: boolean;
  migrationConfirmPaths?: boolean;
  /** Options in the form of the C daemon, which are read last. */
  legacy?: readonly string[];
  debug?: boolean;
  printCapabilities?: boolean;
}
