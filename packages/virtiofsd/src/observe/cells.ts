import {
  addSeals,
  F_SEAL_GROW,
  F_SEAL_SHRINK,
  type FdLike,
  ftruncate,
  MappedMemory,
  MFD_ALLOW_SEALING,
  MFD_CLOEXEC,
  memfdCreate,
  OwnedFd,
} from '@vfs/sys';

/** Rows of a table by opcode: those of FUSE are below, and what is none is counted as 0. */
export const OPCODES = 64;
/** Error numbers that a reply can carry, and one more. */
export const ERRNOS = 512;
/** Bucket k has what took at most 2^k µs; the last one the rest. 2^24 µs are 16.8 s. */
export const BUCKETS = 26;

/** Cells of one number each. */
export const Cell = {
  /** Raised when the gauges below have been brought up to date. */
  samples: 0,
  readBytes: 1,
  writtenBytes: 2,
  slowRequests: 3,
  connections: 4,
  connected: 5,
  waitingRequests: 6,
  nodes: 7,
  handles: 8,
  descriptors: 9,
  /** −1: without limit. */
  descriptorLimit: 10,
  poolThreads: 11,
  poolCalls: 12,
  heapBytes: 13,
  traceBytes: 14,
} as const;

const FIXED = 64;
/** The buckets of an opcode, and behind them the sum in nanoseconds. */
const HISTOGRAM = 32;
const SUM = 31;
const HISTOGRAMS = FIXED;
const ERRORS = HISTOGRAMS + OPCODES * HISTOGRAM;
const COUNT = ERRORS + OPCODES * ERRNOS;

/** The cell of a bucket of an opcode's histogram. */
export function bucketCell(opcode: number, bucket: number): number {
  return HISTOGRAMS + opcode * HISTOGRAM + bucket;
}

/** The cell of the sum of an opcode's times, in nanoseconds. */
export function sumCell(opcode: number): number {
  return HISTOGRAMS + opcode * HISTOGRAM + SUM;
}

/** The cell that counts the requests of an opcode that got an error. */
export function errorCell(opcode: number, errno: number): number {
  return ERRORS + opcode * ERRNOS + errno;
}

/**
 * What the worker counts, in memory that it shares with the process that publishes it: counting is an addition, and who reads
 * needs no answer of a worker that may be waiting for a disk. Only numbers can be in it, whatever becomes of the worker.
 */
export class Cells implements Disposable {
  /** One number each, of `Cell` and the functions beside it. */
  readonly values: Float64Array;
  readonly #memory: MappedMemory;

  /** @param fd - a file of {@link Cells.file}, which stays the caller's to close */
  constructor(fd: FdLike) {
    this.#memory = MappedMemory.map(fd, COUNT * 8);
    this.values = new Float64Array(this.#memory.windows[0]!.buffer);
  }

  /** Memory for cells, all 0: nobody can make it shorter. @throws SysError */
  static file(): OwnedFd {
    const file = new OwnedFd(memfdCreate('metrics', MFD_CLOEXEC | MFD_ALLOW_SEALING));
    try {
      ftruncate(file, COUNT * 8);
      addSeals(file, F_SEAL_SHRINK | F_SEAL_GROW);
      return file;
    } catch (error) {
      file.close();
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#memory.unmap();
  }
}
