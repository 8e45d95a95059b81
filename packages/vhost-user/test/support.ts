import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  availableRingSize,
  Backend,
  type BackendOptions,
  type Chain,
  type Device,
  type DriverMemory,
  descriptorTableSize,
  Frontend,
  type FrontendOptions,
  type GuestBuffer,
  GuestMemory,
  type Logger,
  MemoryRegion,
  type RingParts,
  usedRingSize,
} from '../src/index.js';

/** A logger that keeps what it is told, by level. */
export class MemoryLogger implements Logger {
  readonly lines: string[] = [];
  error = (message: string): void => void this.lines.push(`error: ${message}`);
  warn = (message: string): void => void this.lines.push(`warn: ${message}`);
  info = (message: string): void => void this.lines.push(`info: ${message}`);
  debug = (message: string): void => void this.lines.push(`debug: ${message}`);

  /** The lines of level error, joined. */
  get errors(): string {
    return this.lines.filter((line) => line.startsWith('error: ')).join('\n');
  }
}

/** Reverses the order of a request's bytes into its reply; the rest of the writable part stays as it is. */
export function reverse(chain: Chain): void {
  const length = Math.min(chain.readable.byteLength, chain.writable.byteLength);
  const bytes = new Uint8Array(length);
  chain.readable.copyOut(0, bytes, 0, length);
  chain.writable.copyIn(0, bytes.reverse(), 0, length);
  chain.complete(length);
}

export interface Rig extends Disposable {
  readonly backend: Backend;
  readonly path: string;
  readonly log: MemoryLogger;
  /** Reasons of ended connections, in order. */
  readonly ended: (Error | undefined)[];
  connect(options?: FrontendOptions): Promise<Frontend>;
}

/** A back-end that listens in a directory of its own. */
export function rig(device: Partial<Device> = {}, options: Partial<BackendOptions> = {}): Rig {
  const directory = mkdtempSync(join(tmpdir(), 'vhost-user-'));
  const path = join(directory, 'sock');
  const log = new MemoryLogger();
  const ended: (Error | undefined)[] = [];
  const backend = new Backend(
    { queueCount: 2, features: 0n, handle: reverse, ...device },
    { log, onDisconnected: (reason) => ended.push(reason), ...options },
  );
  backend.listen(path);
  const frontends: Frontend[] = [];
  return {
    backend,
    path,
    log,
    ended,
    async connect(options) {
      const frontend = await Frontend.connect(path, options);
      frontends.push(frontend);
      return frontend;
    },
    [Symbol.dispose]() {
      for (const frontend of frontends) frontend.close();
      backend.close();
      rmSync(directory, { recursive: true });
    },
  };
}

/** Waits until `condition` holds. */
export async function until(condition: () => boolean, timeout = 5000): Promise<void> {
  const deadline = Date.now() + timeout;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`not within ${timeout} ms: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** A turn of the event loop, so that what is pending happens. */
export function turn(times = 1): Promise<void> {
  return new Promise((resolve) => {
    const step = (left: number): void => void (left === 0 ? resolve() : setImmediate(() => step(left - 1)));
    step(times);
  });
}

/** Open descriptors of this process. */
export function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

/** {@link openDescriptors} once what was closed before is gone: the event loop closes its own a turn later. */
export async function settledDescriptors(): Promise<number> {
  await turn(5);
  return openDescriptors();
}

/** A small deterministic generator (xorshift32): failures name the seed. */
export class Random {
  #state: number;
  constructor(seed: number) {
    this.#state = seed * 2654435761 || 1;
  }

  /** 0 to limit−1. */
  below(limit: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % limit;
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }
}

/** The device's view of memory that a driver has laid out, without a socket in between. */
export function guestMemoryOf(memory: DriverMemory): GuestMemory {
  const regions = memory.regions.map(
    ({ guestAddress, size, userAddress, mmapOffset, fd }) =>
      new MemoryRegion(
        {
          guestAddress: BigInt(guestAddress),
          size: BigInt(size),
          userAddress,
          mmapOffset: BigInt(mmapOffset),
        },
        fd,
      ),
  );
  const table = new GuestMemory(regions);
  for (const region of regions) region.release();
  return table;
}

/** The three parts of a split ring of `size` in `memory`; with a `table` of it, native code may lay out the chains. */
export function ringPartsIn(memory: DriverMemory, size: number, table?: GuestMemory): RingParts {
  const descriptor = memory.allocate(descriptorTableSize(size), 16);
  const available = memory.allocate(availableRingSize(size), 2);
  const place = ({ userAddress, u8 }: GuestBuffer) => table!.ringPart('ring', userAddress, u8.length, 2);
  return {
    descriptor: descriptor.u8,
    available: available.u8,
    used: memory.allocate(usedRingSize(size), 4).u8,
    ...(table && { places: { descriptor: place(descriptor), available: place(available) } }),
  };
}
