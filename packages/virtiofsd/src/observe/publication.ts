import type { OwnedFd } from '@vfs/sys';
import type { Worker } from '../isolation/start-worker.js';
import type { Log } from '../log.js';
import type { Options } from '../options.js';
import { Cells } from './cells.js';
import { MetricsServer } from './metrics-server.js';
import { processFigures } from './process-figures.js';
import { openTraceFile } from './trace/file.js';

/**
 * What the process that was started does about what is to be seen of its worker: it opens what the worker cannot open once it is confined,
 * and publishes what the worker counts.
 */
export class Publication implements Disposable {
  /** For the worker: see `WorkerContext`. */
  readonly cells: OwnedFd | undefined;
  /** For the worker: see `WorkerContext`. */
  readonly trace: OwnedFd | undefined;
  readonly #server: MetricsServer | undefined;
  readonly #counted: Cells | undefined;
  readonly #build: Readonly<Record<string, string>>;
  readonly #started = Date.now();

  private constructor(server: MetricsServer | undefined, trace: OwnedFd | undefined, version: string) {
    this.#server = server;
    this.trace = trace;
    this.#build = { version, node: process.versions.node, arch: process.arch };
    if (!server) return;
    this.cells = Cells.file();
    this.#counted = new Cells(this.cells);
  }

  /** @param version - of the program @throws StartError */
  static async open({ observation, sharedDir }: Options, log: Log, version: string): Promise<Publication> {
    const { metricsSocket, metricsAddress, trace } = observation;
    const file = trace && openTraceFile(trace.file, sharedDir);
    try {
      const wanted = metricsSocket !== undefined || metricsAddress !== undefined;
      const server = wanted
        ? await MetricsServer.open(metricsSocket, metricsAddress, log.module('metrics'))
        : undefined;
      return new Publication(server, file, version);
    } catch (error) {
      file?.close();
      throw error;
    }
  }

  /** The worker serves: its descriptors are its own, and there is something to publish. */
  attend(worker: Worker): void {
    this.cells?.close();
    this.trace?.close();
    const counted = this.#counted;
    if (!counted) return;
    this.#server?.attend(async () => {
      const answering = await worker.sample();
      return {
        cells: counted.values.slice(),
        process: processFigures(worker.pid),
        answering,
        started: this.#started / 1000,
        uptime: (Date.now() - this.#started) / 1000,
        build: this.#build,
      };
    });
  }

  [Symbol.dispose](): void {
    this.#server?.[Symbol.dispose]();
    this.cells?.close();
    this.trace?.close();
    this.#counted?.[Symbol.dispose]();
  }
}
