import { FUSE_READ, FUSE_WRITE } from '@vfs/fuse-proto';
import { BUCKETS, bucketCell, Cell, ERRNOS, errorCell, OPCODES, sumCell } from './cells.js';

/** Counts requests in {@link Cells}. */
export class MetricsRecorder {
  readonly #cells: Float64Array;

  constructor(cells: Float64Array) {
    this.#cells = cells;
  }

  /** Counts what came of a request. @param result - a count, or −errno */
  count(opcode: number, result: number): void {
    const cells = this.#cells;
    if (result < 0) {
      cells[errorCell(rowOf(opcode), Math.min(-result, ERRNOS - 1))]! += 1;
    } else if (opcode === FUSE_READ) {
      cells[Cell.readBytes]! += result;
    } else if (opcode === FUSE_WRITE) {
      cells[Cell.writtenBytes]! += result;
    }
  }

  /** Counts requests that took the same time each, in nanoseconds. */
  time(opcode: number, time: number, requests: number): void {
    const cells = this.#cells;
    const row = rowOf(opcode);
    cells[bucketCell(row, bucketOf(time))]! += requests;
    cells[sumCell(row)]! += time * requests;
  }

  slow(): void {
    this.#cells[Cell.slowRequests]! += 1;
  }
}

function rowOf(opcode: number): number {
  return opcode < OPCODES ? opcode : 0;
}

/** Which bucket has a time in nanoseconds. */
export function bucketOf(time: number): number {
  const microseconds = Math.ceil(time / 1000);
  if (microseconds <= 1) return 0;
  if (microseconds > 2 ** (BUCKETS - 2)) return BUCKETS - 1;
  return 32 - Math.clz32(microseconds - 1);
}
