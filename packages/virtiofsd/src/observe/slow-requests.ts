import { type ObservedRequest, opcodeName } from '@vfs/fuse-proto';
import { errnoName } from '@vfs/sys';
import { LineLimit } from '../line-limit.js';
import type { Logger } from '../log.js';

/** So many lines may come at once, and then so many in a second: a slow disk is slow for all requests. */
const BURST = 20;
const PER_SECOND = 1;

/** Says in the log which requests took long. */
export class SlowRequests {
  /** In nanoseconds. */
  readonly threshold: number;
  readonly #log: Logger;
  readonly #limit = new LineLimit(BURST, PER_SECOND);

  /** @param milliseconds - from how many on a request is slow; more than 0 */
  constructor(milliseconds: number, log: Logger) {
    this.threshold = milliseconds * 1e6;
    this.#log = log;
  }

  /** @param result - a count, or −errno @param time - in nanoseconds */
  report(request: ObservedRequest, result: number, time: number): void {
    if (!this.#limit.take()) return;
    const leftOut = this.#limit.takeLeftOut();
    if (leftOut > 0) this.#log.warn(`${leftOut} more slow requests left out`);
    const ending = result < 0 ? `, answered ${errnoName(-result)}` : '';
    this.#log.warn(
      `slow request: ${opcodeName(request.opcode)} of node ${request.nodeid} took ${(time / 1e6).toFixed(1)} ms${ending}`,
    );
  }
}
