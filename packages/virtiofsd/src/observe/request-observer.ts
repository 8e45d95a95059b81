import type { ObservedRequest, SessionObserver } from '@vfs/fuse-proto';
import { MonotonicClock } from '@vfs/sys';
import type { MetricsRecorder } from './metrics-recorder.js';
import type { SlowRequests } from './slow-requests.js';
import type { TraceWriter } from './trace/writer.js';

/** Who is told of requests, and how long they took. */
export interface Audience {
  readonly metrics?: MetricsRecorder | undefined;
  readonly slow?: SlowRequests | undefined;
  readonly trace?: TraceWriter | undefined;
}

/** So many of the same kind are timed together at most. */
const TOGETHER = 16;
/** Together only while each takes less than this, in nanoseconds: what takes longer can afford a look at the clock. */
const QUICK = 4000;
/** When those timed together took so much longer than usual, in nanoseconds, one of them did. */
const LONG = 16_000;

/** Places in an array of numbers: as fields they would have to be allocated anew for each change. */
const LAST = 0;
const TYPICAL = 1;

const settled = Promise.resolve();

/**
 * Times requests and passes them on.
 *
 * Within a turn of the event loop, as long as there is one, each request begins when the one before it has ended: so the clock is read once for each, and
 * once more for the turn. Reading it costs as much as a good part of a small request. So when many of a kind come in one turn, those before
 * were quick, and nobody but the histogram wants to know, several are timed together; if they then took long, one of them did, and
 * the others as long as those before. So what is slow is seen for how slow it is.
 */
export class RequestObserver implements SessionObserver {
  readonly #metrics: MetricsRecorder | undefined;
  readonly #trace: TraceWriter | undefined;
  readonly #slow: SlowRequests | undefined;
  /** Somebody wants to know the time of each. */
  readonly #each: boolean;
  readonly #times = new Float64Array(2);
  #inTurn = false;
  /** How many are to be timed together. */
  #group = 1;
  /** Requests that were answered and are not timed yet, all of one opcode. */
  #untimed = 0;
  /** Of the request that has arrived last. */
  #opcode = -1;
  /** The end of the turn will be noticed. */
  #awaited = false;
  readonly #turnEnds = () => {
    this.#awaited = false;
    this.idle();
  };

  constructor({ metrics, slow, trace }: Audience) {
    this.#metrics = metrics;
    this.#slow = slow;
    this.#trace = trace;
    this.#each = slow !== undefined || trace !== undefined;
  }

  arrived(request: ObservedRequest): void {
    const { opcode } = request;
    if (!this.#inTurn || opcode !== this.#opcode) this.#next(opcode);
    this.#trace?.request(request, this.#times[LAST]!);
  }

  /** The first request of a turn, or one of another kind than the one before. */
  #next(opcode: number): void {
    if (this.#untimed > 0) this.#time();
    if (opcode !== this.#opcode) {
      this.#opcode = opcode;
      this.#group = 1;
    }
    if (this.#inTurn) return;
    this.#inTurn = true;
    this.#times[LAST] = MonotonicClock.now();
    if (this.#awaited) return;
    this.#awaited = true;
    void settled.then(this.#turnEnds);
  }

  /** The turn is over, or the rings are empty and are looked at within it. */
  idle(): void {
    if (this.#untimed > 0) this.#time();
    this.#inTurn = false;
  }

  waits(request: ObservedRequest): void {
    const before = this.#times[LAST]!;
    const untimed = this.#untimed;
    if (untimed > 0) this.#time();
    else this.#times[LAST] = MonotonicClock.now();
    // It came last of those that were timed together.
    request.mark = before + ((this.#times[LAST]! - before) * untimed) / (untimed + 1);
  }

  answered(request: ObservedRequest, result: number, length: number): void {
    const { opcode } = request;
    this.#metrics?.count(opcode, result);
    if (this.#each || request.mark !== -1) {
      this.#answeredAlone(request, result, length);
      return;
    }
    if (++this.#untimed >= this.#group) this.#time();
  }

  /** One that has waited, or that somebody wants to know the time of. */
  #answeredAlone(request: ObservedRequest, result: number, length: number): void {
    if (this.#untimed > 0) this.#time();
    const now = MonotonicClock.now();
    const time = now - (request.mark === -1 ? this.#times[LAST]! : request.mark);
    this.#times[LAST] = now;
    this.#metrics?.time(request.opcode, time, 1);
    this.#trace?.reply(request, length, now);
    if (this.#slow && time >= this.#slow.threshold) {
      this.#metrics?.slow();
      this.#slow.report(request, result, time);
    }
  }

  /** Times what is not timed yet. */
  #time(): void {
    const now = MonotonicClock.now();
    const times = this.#times;
    const all = now - times[LAST]!;
    const count = this.#untimed;
    const usual = times[TYPICAL]! * (count - 1);
    const each = all / count;
    times[LAST] = now;
    this.#untimed = 0;
    this.#group = each < QUICK ? TOGETHER : 1;
    if (count === 1 || all - usual - times[TYPICAL]! < LONG) {
      times[TYPICAL] = each;
      this.#metrics?.time(this.#opcode, each, count);
    } else {
      this.#metrics?.time(this.#opcode, times[TYPICAL]!, count - 1);
      this.#metrics?.time(this.#opcode, all - usual, 1);
    }
  }
}
