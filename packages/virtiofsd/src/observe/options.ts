import type { MetricsAddress } from './metrics-place.js';

/** What is recorded of requests, and where. */
export interface TraceOptions {
  readonly file: string;
  /** Bytes of the data of each request, at most. */
  readonly data: number;
  /** Bytes of the file, at most. */
  readonly limit: number;
}

/** What the command line says about seeing what the daemon does. Plain data. */
export interface ObservationOptions {
  /** The path of a Unix socket. */
  readonly metricsSocket?: string;
  readonly metricsAddress?: MetricsAddress;
  /** From how many milliseconds on a request is slow. @default none is */
  readonly slowRequestMs?: number;
  readonly trace?: TraceOptions;
}
