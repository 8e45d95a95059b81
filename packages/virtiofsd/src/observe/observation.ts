import type { SessionObserver } from '@vfs/fuse-proto';
import { OwnedFd } from '@vfs/sys';
import type { Daemon } from '../daemon.js';
import type { Log } from '../log.js';
import type { Options } from '../options.js';
import { Cell, Cells } from './cells.js';
import { MetricsRecorder } from './metrics-recorder.js';
import { RequestObserver } from './request-observer.js';
import { SlowRequests } from './slow-requests.js';
import { TraceWriter } from './trace/writer.js';

/** The descriptors that an {@link Observation} takes over. */
export interface ObservationDescriptors {
  /** A file of {@link Cells}. */
  readonly cellsFd?: number | undefined;
  /** An empty file. */
  readonly traceFd?: number | undefined;
}

/**
 * What a worker lets others see of its requests: it counts and times them in shared memory, says which are slow, and records
 * them. Everything that it needs is open from the beginning; it makes no system call that the worker does not make
 * anyway.
 */
export class Observation implements Disposable {
  /** For the session; undefined when nobody wants to see anything. */
  readonly observer: SessionObserver | undefined;
  readonly #cells: Cells | undefined;
  readonly #trace: TraceWriter | undefined;
  readonly #traceFile: OwnedFd | undefined;
  readonly #threads: number;
  readonly #heap: (() => number) | undefined;
  #daemon: Daemon | undefined;

  private constructor(
    options: Options,
    log: Log,
    { cellsFd, traceFd }: ObservationDescriptors,
    heap: (() => number) | undefined,
  ) {
    this.#heap = heap;
    const { slowRequestMs, trace } = options.observation;
    this.#threads = options.threadPoolSize;
    if (cellsFd !== undefined) {
      using file = new OwnedFd(cellsFd);
      this.#cells = new Cells(file);
    }
    if (trace !== undefined && traceFd !== undefined) {
      this.#traceFile = new OwnedFd(traceFd);
      this.#trace = new TraceWriter(traceFd, {
        data: trace.data,
        limit: trace.limit,
        description: described(options),
        log: log.module('trace'),
      });
    }
    const metrics = this.#cells && new MetricsRecorder(this.#cells.values);
    const slow =
      slowRequestMs === undefined ? undefined : new SlowRequests(slowRequestMs, log.module('slow'));
    this.observer =
      metrics || slow || this.#trace ? new RequestObserver({ metrics, slow, trace: this.#trace }) : undefined;
  }

  /** Takes the descriptors over, and loads what it needs: before the worker is confined. */
  static async open(options: Options, log: Log, descriptors: ObservationDescriptors): Promise<Observation> {
    // It takes time to load, which only those who want metrics need to spend.
    const v8 = descriptors.cellsFd === undefined ? undefined : await import('node:v8');
    return new Observation(options, log, descriptors, v8 && (() => v8.getHeapStatistics().used_heap_size));
  }

  /** From now on there is something to sample. @param budget - how many descriptors the guest may have */
  attend(daemon: Daemon, budget: number): void {
    this.#daemon = daemon;
    if (!this.#cells) return;
    const { values } = this.#cells;
    values[Cell.descriptorLimit] = Number.isFinite(budget) ? budget : -1;
    values[Cell.poolThreads] = this.#threads;
    this.sample();
  }

  /** Brings the gauges up to date. */
  sample(): void {
    if (!this.#cells || !this.#daemon) return;
    const { values } = this.#cells;
    const state = this.#daemon.state;
    values[Cell.connections] = state.connections;
    values[Cell.connected] = state.connected ? 1 : 0;
    values[Cell.waitingRequests] = state.waitingRequests;
    values[Cell.nodes] = state.nodes;
    values[Cell.handles] = state.handles;
    values[Cell.descriptors] = state.descriptors;
    values[Cell.poolCalls] = state.poolCalls;
    values[Cell.heapBytes] = this.#heap?.() ?? 0;
    values[Cell.traceBytes] = this.#trace?.bytes ?? 0;
    values[Cell.samples]! += 1;
  }

  [Symbol.dispose](): void {
    this.#trace?.[Symbol.dispose]();
    this.#traceFile?.close();
  }
}

/** What who looks into a recording has to know of its daemon. */
function described({ settings, readOnly, threadPoolSize, numRequestQueues }: Options) {
  return { settings, readOnly, threadPoolSize, numRequestQueues, node: process.version };
}
