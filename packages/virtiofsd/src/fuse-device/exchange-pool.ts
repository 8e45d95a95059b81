import { DeviceExchange, type ExchangeSizes } from './exchange.js';

/** So many wait for the next requests; what a burst needed above goes. */
const KEPT = 16;
/** The exchanges of a device. Those that are in use belong to their requests; the others are used again. */
export class ExchangePool {
  readonly #complete: (exchange: DeviceExchange, length: number) => void;
  readonly #maxBusy: number;
  readonly #free: DeviceExchange[] = [];
  #sizes: ExchangeSizes;
  #busy = 0;

  /** @param maxBusy - how many can be in use at the same time, which bounds the memory that clients can occupy */
  constructor(
    sizes: ExchangeSizes,
    maxBusy: number,
    complete: (exchange: DeviceExchange, length: number) => void,
  ) {
    this.#sizes = sizes;
    this.#maxBusy = maxBusy;
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
    if (this.#busy >= this.#maxBusy) return undefined;
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
