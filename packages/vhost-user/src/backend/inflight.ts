import { ftruncate, MappedMemory, memfdCreate, OwnedFd, SysError } from '@vfs/sys';
import { ProtocolError } from '../errors.js';
import type { InflightDescription } from '../message/payloads.js';
import { MAX_QUEUE_SIZE } from '../ring/layout.js';
import { PackedInflight, packedInflightSize } from '../ring/packed_inflight.js';
import { SplitInflight, splitInflightSize } from '../ring/split_inflight.js';
import { toExactNumber } from '../u64.js';

const PAGE_SIZE = 4096;

/**
 * A new in-flight log for `numQueues` queues of `queueSize` (GET_INFLIGHT_FD).
 *
 * @param packed - the queues are packed ones, of which the log has another layout
 * @throws ProtocolError BAD_VALUE
 */
export function createInflightLog(
  description: InflightDescription,
  queueCount: number,
  packed: boolean,
): { description: InflightDescription; file: OwnedFd } {
  const { numQueues, queueSize } = description;
  expectShape(numQueues, queueSize, queueCount);
  const size = Math.ceil((numQueues * regionSize(queueSize, packed)) / PAGE_SIZE) * PAGE_SIZE;
  const file = new OwnedFd(memfdCreate('inflight'));
  try {
    ftruncate(file, size);
  } catch (error) {
    file.close();
    throw error;
  }
  return { description: { mmapSize: BigInt(size), mmapOffset: 0n, numQueues, queueSize }, file };
}

/** The in-flight log that the front-end keeps for us (SET_INFLIGHT_FD), mapped. */
export class InflightLog implements Disposable {
  readonly #mapping: MappedMemory;
  readonly #queueSize: number;
  readonly #numQueues: number;
  readonly #packed: boolean;

  /**
   * @param fd - stays the caller's to close
   * @throws ProtocolError when the log is too small for the queues, or cannot be mapped
   */
  constructor(description: InflightDescription, fd: number, queueCount: number, packed: boolean) {
    const { numQueues, queueSize } = description;
    expectShape(numQueues, queueSize, queueCount);
    const size = toExactNumber(description.mmapSize);
    const needed = numQueues * regionSize(queueSize, packed);
    if (size === undefined || size < needed) {
      throw new ProtocolError(
        'BAD_MEMORY',
        `in-flight log of ${description.mmapSize} bytes, ${needed} are needed`,
      );
    }
    try {
      this.#mapping = MappedMemory.map(fd, needed, { offset: description.mmapOffset });
    } catch (error) {
      if (!(error instanceof SysError || error instanceof RangeError)) throw error;
      throw new ProtocolError('BAD_MEMORY', `in-flight log cannot be mapped: ${error.message}`, {
        cause: error,
      });
    }
    this.#queueSize = queueSize;
    this.#numQueues = numQueues;
    this.#packed = packed;
  }

  /** The part of a split queue; undefined when the log has none for it, or for another ring size. */
  split(index: number, size: number): SplitInflight | undefined {
    const region = this.#packed ? undefined : this.#region(index, size);
    return region && new SplitInflight(region, size);
  }

  /** The part of a packed queue; undefined when the log has none for it, or for another ring size. */
  packed(index: number, size: number): PackedInflight | undefined {
    const region = this.#packed ? this.#region(index, size) : undefined;
    return region && new PackedInflight(region, size);
  }

  /** Forgets everything: the device was reset. */
  clear(): void {
    this.#bytes.fill(0);
  }

  /** Its file was truncated. */
  get lost(): boolean {
    return this.#mapping.lost;
  }

  close(): void {
    this.#mapping.unmap();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  get #bytes(): Uint8Array {
    return this.#mapping.windows[0]!.u8;
  }

  #region(index: number, size: number): Uint8Array | undefined {
    if (index >= this.#numQueues || size !== this.#queueSize) return undefined;
    const length = regionSize(size, this.#packed);
    return this.#bytes.subarray(index * length, (index + 1) * length);
  }
}

function regionSize(queueSize: number, packed: boolean): number {
  return packed ? packedInflightSize(queueSize) : splitInflightSize(queueSize);
}

function expectShape(numQueues: number, queueSize: number, queueCount: number): void {
  if (numQueues === 0 || numQueues > queueCount || queueSize === 0 || queueSize > MAX_QUEUE_SIZE) {
    throw new ProtocolError('BAD_VALUE', `in-flight log of ${numQueues} queues of size ${queueSize}`);
  }
}
