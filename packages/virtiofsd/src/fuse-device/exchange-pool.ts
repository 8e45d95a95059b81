import { DeviceExchange, type ExchangeSizes } from './exchange.js';

/** So many wait for the next requests; what a burst needed above goes. */
const KEPT = 16;
/**
 * So many requests are being served at most, which bounds the memory that clients can occupy: each costs the pages it touched. It is
 * far more than the kernel's own readahead and writeback have on the way, and what waits for a lock beyond that waits in the kernel.
 */
const MAX_BUSY = 4096;

/** The exchanges of a device. Those that are in use belong to their requests; the others are used again. */
export class ExchangePool {
  readonly #complete: (exchange: DeviceExchange, length: number) => void;
  readonly #free: DeviceExchange[] = [];
  #sizes: ExchangeSizes;
  #busy = 0;

  constructor(sizes: ExchangeSizes, complete: (exchange: DeviceExchange, length: number) => void) {
    this.#sizes = sizes;
    this.#complete = complete;
  }

  /** How many are in use. */
  get busy(): number {
    return this.#busy;
  }

  /** From now on exchanges have these sizes; others go when they come back. */
  resize(sizes: ExchangeSizes): void {
    this.#sizes = sizes;
    for (const exchange of this.#free.splice(0)) exchange.free();
  }

  /** undefined when too many are in use. @throws SysError ENOMEM */
  take(): DeviceExchange | undefined {
    if (this.#busy >= MAX_BUSY) return undefined;
    const exchange = this.#free.pop() ?? new DeviceExchange(this.#sizes, this.#complete);
    this.#busy++;
    return exchange;
  }

  give(exchange: DeviceExchange): void {
    this.#busy--;
    if (exchange.sizes === this.#sizes && this.#free.length < KEPT) this.#free.push(exchange);
    else exchange.free();
  }

  /** Frees those that nobody uses. What is in use stays, as long as somebody can reach it. */
  clear(): void {
    for (const exchange of this.#free.splice(0)) exchange.free();
  }
}
