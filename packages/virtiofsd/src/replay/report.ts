import { opcodeName } from '@vfs/fuse-proto';
import { errnoName } from '@vfs/sys';

/** A request that came out in another way than recorded. */
export interface Difference {
  /** Seconds since the beginning of the recording. */
  readonly time: number;
  readonly opcode: string;
  readonly unique: string;
  readonly nodeid: string;
  readonly recorded: string;
  readonly replayed: string;
}

/** How long the requests of a kind took, in microseconds. */
export interface Timing {
  readonly requests: number;
  readonly recorded: Quantiles;
  readonly replayed: Quantiles;
}

export interface Quantiles {
  readonly p50: number;
  readonly p99: number;
}

/** What a replay has shown. */
export interface ReplayReport {
  readonly requests: number;
  /** Requests for what the replay does not have, which were not made. */
  readonly skipped: number;
  /** Requests whose data was not recorded: zeros took its place. */
  readonly filled: number;
  readonly differences: number;
  /** The first ones of them. */
  readonly details: readonly Difference[];
  /** Seconds that the recording and its replay took. */
  readonly recorded: number;
  readonly replayed: number;
  readonly timings: Readonly<Record<string, Timing>>;
  /** The recording ends in the midst of a record. */
  readonly torn: boolean;
}

/** So many differences are told in detail. */
const MOST_DETAILS = 100;

/** Collects what a replay shows. */
export class ReportBuilder {
  requests = 0;
  skipped = 0;
  filled = 0;
  recorded = 0;
  replayed = 0;
  #differences = 0;
  readonly #details: Difference[] = [];
  readonly #times = new Map<number, { recorded: number[]; replayed: number[] }>();

  differs(difference: Difference): void {
    this.#differences++;
    if (this.#details.length < MOST_DETAILS) this.#details.push(difference);
  }

  /** Both in nanoseconds. */
  took(opcode: number, recorded: number, replayed: number): void {
    let times = this.#times.get(opcode);
    if (!times) {
      times = { recorded: [], replayed: [] };
      this.#times.set(opcode, times);
    }
    times.recorded.push(recorded);
    times.replayed.push(replayed);
  }

  finish(torn: boolean): ReplayReport {
    const timings = [...this.#times]
      .sort(([, a], [, b]) => b.recorded.length - a.recorded.length)
      .map(([opcode, { recorded, replayed }]) => [
        opcodeName(opcode),
        { requests: recorded.length, recorded: quantiles(recorded), replayed: quantiles(replayed) },
      ]);
    return {
      requests: this.requests,
      skipped: this.skipped,
      filled: this.filled,
      differences: this.#differences,
      details: this.#details,
      recorded: this.recorded,
      replayed: this.replayed,
      timings: Object.fromEntries(timings) as Record<string, Timing>,
      torn,
    };
  }
}

/** The result of a request, in words. */
export function resultText(error: number): string {
  return error === 0 ? 'success' : errnoName(-error);
}

/** A report for people. */
export function reportText(report: ReplayReport): string {
  const lines = [
    ...report.details.map(
      ({ time, opcode, unique, nodeid, recorded, replayed }) =>
        `${time.toFixed(6)} s: ${opcode} ${unique} of node ${nodeid}: ${recorded} was recorded, ${replayed} came out`,
    ),
  ];
  const more = report.differences - report.details.length;
  if (more > 0) lines.push(`${more} more differences`);
  if (lines.length > 0) lines.push('');
  lines.push(row(['request', 'count', 'recorded p50', 'p99', 'replayed p50', 'p99  µs']));
  for (const [opcode, { requests, recorded, replayed }] of Object.entries(report.timings)) {
    const times = [recorded.p50, recorded.p99, replayed.p50, replayed.p99];
    lines.push(row([opcode, String(requests), ...times.map((time) => time.toFixed(1))]));
  }
  lines.push('');
  if (report.torn) lines.push('the recording ends in the midst of a record: the daemon was killed');
  if (report.filled > 0) lines.push(`${report.filled} requests with zeros for data that was not recorded`);
  if (report.skipped > 0) {
    lines.push(`${report.skipped} requests not made: what they are about is not there in the replay`);
  }
  lines.push(
    `${report.requests} requests, ${report.differences} differences; recorded in ${report.recorded.toFixed(3)} s, ` +
      `replayed in ${report.replayed.toFixed(3)} s`,
  );
  return `${lines.join('\n')}\n`;
}

function row([name, ...cells]: readonly string[]): string {
  return name!.padEnd(20) + cells.map((cell) => cell.padStart(14)).join('');
}

function quantiles(nanoseconds: number[]): Quantiles {
  const sorted = Float64Array.from(nanoseconds).sort();
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]! / 1000;
  return { p50: at(0.5), p99: at(0.99) };
}
