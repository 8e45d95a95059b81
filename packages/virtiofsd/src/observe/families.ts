import { opcodeName } from '@vfs/fuse-proto';
import { errnoName } from '@vfs/sys';
import { BUCKETS, bucketCell, Cell, ERRNOS, errorCell, OPCODES, sumCell } from './cells.js';
import type { ProcessFigures } from './process-figures.js';

/** What is told in one exposition. */
export interface Snapshot {
  readonly cells: Float64Array;
  /** Of the worker, as the kernel knows it; undefined when it is gone. */
  readonly process: ProcessFigures | undefined;
  /** The worker has brought its gauges up to date. */
  readonly answering: boolean;
  /** Seconds since 1970. */
  readonly started: number;
  /** Seconds since then. */
  readonly uptime: number;
  readonly build: Readonly<Record<string, string>>;
}

/** One sample: what its name has behind that of the family, its labels, its value. */
export interface Sample {
  readonly suffix: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A family of metrics, as OpenMetrics has it. */
export interface Family {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram' | 'info';
  /** The name ends with it. */
  readonly unit?: 'seconds' | 'bytes';
  readonly help: string;
  /** The labels that its samples have. */
  readonly labels?: readonly string[];
  samples(snapshot: Snapshot): Iterable<Sample>;
}

const NO_LABELS = {};

/** What a family of one number says; there may be none at the moment. */
type Value = (snapshot: Snapshot) => number | undefined;

function gauge(name: string, help: string, value: Value, unit?: Family['unit']): Family {
  return single('gauge', '', name, help, value, unit);
}

function counter(name: string, help: string, value: Value, unit?: Family['unit']): Family {
  return single('counter', '_total', name, help, value, unit);
}

function single(
  type: Family['type'],
  suffix: string,
  name: string,
  help: string,
  value: Value,
  unit: Family['unit'],
): Family {
  return {
    name,
    type,
    help,
    ...(unit && { unit }),
    *samples(snapshot) {
      const known = value(snapshot);
      if (known !== undefined) yield { suffix, labels: NO_LABELS, value: known };
    },
  };
}

const cell = (index: number) => (snapshot: Snapshot) => snapshot.cells[index]!;

/** What an opcode is called in labels. */
function labelOf(opcode: number): string {
  return opcode === 0 ? 'unknown' : opcodeName(opcode);
}

/** The upper bounds of the buckets but the last, in seconds. */
export const BOUNDS: readonly number[] = Array.from({ length: BUCKETS - 1 }, (_, k) => 2 ** k / 1e6);

/** How many requests of an opcode there were, by bucket, each with those below. */
function cumulated(cells: Float64Array, opcode: number): number[] {
  let sum = 0;
  return Array.from({ length: BUCKETS }, (_, k) => (sum += cells[bucketCell(opcode, k)]!));
}

/** The opcodes of which there were requests. */
function* opcodesIn(cells: Float64Array): Generator<[opcode: number, cumulated: number[]]> {
  for (let opcode = 0; opcode < OPCODES; opcode++) {
    const counts = cumulated(cells, opcode);
    if (counts.at(-1)! > 0) yield [opcode, counts];
  }
}

const REQUESTS: Family = {
  name: 'virtiofsd_requests',
  type: 'counter',
  help: 'Requests that were answered, or need no answer and were done.',
  labels: ['opcode'],
  *samples({ cells }) {
    for (const [opcode, counts] of opcodesIn(cells)) {
      yield { suffix: '_total', labels: { opcode: labelOf(opcode) }, value: counts.at(-1)! };
    }
  },
};

const ERRORS: Family = {
  name: 'virtiofsd_request_errors',
  type: 'counter',
  help: 'Requests that were answered with an error. Many are no fault: ENOENT of LOOKUP says that there is no such file.',
  labels: ['opcode', 'errno'],
  *samples({ cells }) {
    for (const [opcode] of opcodesIn(cells)) {
      for (let errno = 1; errno < ERRNOS; errno++) {
        const value = cells[errorCell(opcode, errno)]!;
        if (value > 0) {
          yield { suffix: '_total', labels: { opcode: labelOf(opcode), errno: errnoName(errno) }, value };
        }
      }
    }
  },
};

const DURATIONS: Family = {
  name: 'virtiofsd_request_duration_seconds',
  type: 'histogram',
  unit: 'seconds',
  help: 'How long requests took, from when the daemon took them to their answer, waiting for disks and locks included.',
  labels: ['opcode', 'le'],
  *samples({ cells }) {
    for (const [opcode, counts] of opcodesIn(cells)) {
      const labels = { opcode: labelOf(opcode) };
      for (const [k, value] of counts.entries()) {
        const le = k < BOUNDS.length ? String(BOUNDS[k]) : '+Inf';
        yield { suffix: '_bucket', labels: { ...labels, le }, value };
      }
      yield { suffix: '_count', labels, value: counts.at(-1)! };
      yield { suffix: '_sum', labels, value: cells[sumCell(opcode)]! / 1e9 };
    }
  },
};

const BUILD: Family = {
  name: 'virtiofsd_build',
  type: 'info',
  help: 'What is running.',
  labels: ['version', 'node', 'arch'],
  *samples({ build }) {
    yield { suffix: '_info', labels: build, value: 1 };
  },
};

/** Everything that is told, in its order. */
export const FAMILIES: readonly Family[] = [
  BUILD,
  gauge('virtiofsd_start_time_seconds', 'When the daemon started, since 1970.', (s) => s.started, 'seconds'),
  gauge('virtiofsd_uptime_seconds', 'For how long it has been running.', (s) => s.uptime, 'seconds'),
  gauge(
    'virtiofsd_worker_answering',
    'Whether the process that serves has brought the gauges up to date: 0 when it waits for a disk, for instance.',
    (s) => (s.answering ? 1 : 0),
  ),
  counter('virtiofsd_connections', 'Front-ends that have connected.', cell(Cell.connections)),
  gauge('virtiofsd_connected', 'Whether a front-end is connected.', cell(Cell.connected)),
  REQUESTS,
  ERRORS,
  DURATIONS,
  counter('virtiofsd_read_bytes', 'Bytes that READ has read.', cell(Cell.readBytes), 'bytes'),
  counter('virtiofsd_written_bytes', 'Bytes that WRITE has written.', cell(Cell.writtenBytes), 'bytes'),
  counter(
    'virtiofsd_slow_requests',
    'Requests that took at least as long as --slow-request-ms says; 0 without it.',
    cell(Cell.slowRequests),
  ),
  gauge(
    'virtiofsd_waiting_requests',
    'The depth of the queue inside: requests taken from the rings that wait for a disk, a thread or a lock.',
    cell(Cell.waitingRequests),
  ),
  gauge('virtiofsd_pool_threads', 'Threads of --thread-pool-size.', cell(Cell.poolThreads)),
  gauge(
    'virtiofsd_pool_calls',
    'System calls that the threads of the pool make, or have yet to make.',
    cell(Cell.poolCalls),
  ),
  gauge('virtiofsd_nodes', 'Files and directories that the guest knows.', cell(Cell.nodes)),
  gauge('virtiofsd_handles', 'Files and directories that the guest has open.', cell(Cell.handles)),
  gauge('virtiofsd_descriptors', 'Descriptors in use for the guest.', cell(Cell.descriptors)),
  gauge('virtiofsd_descriptor_limit', 'How many there can be; beyond it the guest gets ENFILE.', (s) => {
    const limit = s.cells[Cell.descriptorLimit]!;
    return limit < 0 ? undefined : limit;
  }),
  gauge('virtiofsd_heap_bytes', 'Live and dead objects of the worker.', cell(Cell.heapBytes), 'bytes'),
  gauge(
    'virtiofsd_resident_memory_bytes',
    "The worker's resident memory, with what it has touched of the guest's.",
    (s) => s.process?.residentBytes,
    'bytes',
  ),
  counter(
    'virtiofsd_cpu_seconds',
    'Processor time of the worker, its threads included.',
    (s) => s.process?.cpuSeconds,
    'seconds',
  ),
  counter('virtiofsd_trace_bytes', 'Bytes that --trace has recorded.', cell(Cell.traceBytes), 'bytes'),
];
