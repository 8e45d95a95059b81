import type { Metrics } from './read-metrics.js';

/** What one kind of request came to in a while. */
export interface OpcodeFigures {
  readonly opcode: string;
  readonly requests: number;
  readonly perSecond: number;
  readonly errors: number;
  /** Microseconds within which half of them, and 99 of 100, were done; undefined without any. */
  readonly p50: number | undefined;
  readonly p99: number | undefined;
}

/** What a daemon did in a while, and where it is at. */
export interface Figures {
  /** Seconds that the counts are of. */
  readonly seconds: number;
  readonly uptime: number;
  readonly answering: boolean;
  readonly connected: boolean;
  /** Of all requests together. */
  readonly total: OpcodeFigures;
  /** By opcode, the most frequent first. */
  readonly opcodes: readonly OpcodeFigures[];
  readonly readPerSecond: number;
  readonly writtenPerSecond: number;
  /** Of one processor. */
  readonly cpu: number | undefined;
  readonly slow: number;
  readonly waiting: number;
  readonly nodes: number;
  readonly handles: number;
  readonly descriptors: number;
  readonly poolCalls: number;
  readonly poolThreads: number;
  readonly residentBytes: number | undefined;
}

/** The buckets of a histogram: upper bounds in seconds, ascending, with how many were at most that. */
type Buckets = readonly (readonly [bound: number, count: number])[];

/**
 * What happened between two readings, or since the start.
 *
 * @param before - undefined: since the start
 */
export function figuresOf(now: Metrics, before: Metrics | undefined): Figures {
  // A daemon that was started anew begins from 0.
  const same =
    before && one(before, 'virtiofsd_start_time_seconds') === one(now, 'virtiofsd_start_time_seconds');
  const base = same ? before : undefined;
  const uptime = one(now, 'virtiofsd_uptime_seconds') ?? 0;
  const seconds = Math.max(uptime - ((base && one(base, 'virtiofsd_uptime_seconds')) ?? 0), 1e-3);
  const grown = (name: string) => (one(now, name) ?? 0) - ((base && one(base, name)) ?? 0);
  const gauge = (name: string) => one(now, name) ?? 0;
  const opcodes = [
    ...new Set((now.get('virtiofsd_requests_total') ?? []).map(({ labels }) => labels['opcode']!)),
  ];
  const figures = opcodes.map((opcode) => opcodeFigures(opcode, now, base, seconds));
  return {
    seconds,
    uptime,
    answering: gauge('virtiofsd_worker_answering') === 1,
    connected: gauge('virtiofsd_connected') === 1,
    total: opcodeFigures(undefined, now, base, seconds),
    opcodes: figures.filter(({ requests }) => requests > 0).sort((a, b) => b.requests - a.requests),
    readPerSecond: grown('virtiofsd_read_bytes_total') / seconds,
    writtenPerSecond: grown('virtiofsd_written_bytes_total') / seconds,
    cpu: now.has('virtiofsd_cpu_seconds_total') ? grown('virtiofsd_cpu_seconds_total') / seconds : undefined,
    slow: grown('virtiofsd_slow_requests_total'),
    waiting: gauge('virtiofsd_waiting_requests'),
    nodes: gauge('virtiofsd_nodes'),
    handles: gauge('virtiofsd_handles'),
    descriptors: gauge('virtiofsd_descriptors'),
    poolCalls: gauge('virtiofsd_pool_calls'),
    poolThreads: gauge('virtiofsd_pool_threads'),
    residentBytes: one(now, 'virtiofsd_resident_memory_bytes'),
  };
}

function opcodeFigures(
  opcode: string | undefined,
  now: Metrics,
  base: Metrics | undefined,
  seconds: number,
): OpcodeFigures {
  const grown = (name: string) => sum(now, name, opcode) - (base ? sum(base, name, opcode) : 0);
  const requests = grown('virtiofsd_requests_total');
  const before = base ? new Map(buckets(base, opcode)) : undefined;
  const counts: Buckets = buckets(now, opcode).map(([bound, count]) => [
    bound,
    count - (before?.get(bound) ?? 0),
  ]);
  return {
    opcode: opcode ?? 'all',
    requests,
    perSecond: requests / seconds,
    errors: grown('virtiofsd_request_errors_total'),
    p50: quantile(counts, 0.5),
    p99: quantile(counts, 0.99),
  };
}

/**
 * Within how many microseconds a part of what a histogram counts was done, taking what is in a bucket as evenly spread over
 * it.
 */
export function quantile(counts: Buckets, part: number): number | undefined {
  const all = counts.at(-1)?.[1] ?? 0;
  if (all <= 0) return undefined;
  const wanted = all * part;
  let lower = 0;
  let below = 0;
  for (const [bound, count] of counts) {
    if (count >= wanted) {
      if (!Number.isFinite(bound)) return lower * 1e6;
      return (lower + ((bound - lower) * (wanted - below)) / (count - below)) * 1e6;
    }
    lower = bound;
    below = count;
  }
  return undefined;
}

function buckets(metrics: Metrics, opcode: string | undefined): [bound: number, count: number][] {
  const sums = new Map<number, number>();
  for (const { labels, value } of metrics.get('virtiofsd_request_duration_seconds_bucket') ?? []) {
    if (opcode !== undefined && labels['opcode'] !== opcode) continue;
    const bound = labels['le'] === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels['le']);
    sums.set(bound, (sums.get(bound) ?? 0) + value);
  }
  return [...sums].sort(([a], [b]) => a - b);
}

function one(metrics: Metrics, name: string): number | undefined {
  return metrics.get(name)?.[0]?.value;
}

function sum(metrics: Metrics, name: string, opcode: string | undefined): number {
  const samples = metrics.get(name) ?? [];
  return samples
    .filter(({ labels }) => opcode === undefined || labels['opcode'] === opcode)
    .reduce((total, { value }) => total + value, 0);
}
