import { readFileSync } from 'node:fs';
import { AT_POSITION, lseek, memfdCreate, OwnedFd, SEEK_SET, writevAt } from '@vfs/sys';
import type { Options } from '../options.js';

const BIGINT = '$bigint';
const INFINITY = '$infinity';

/** What a worker is told to do. */
export interface Orders {
  readonly options: Options;
  /** How many descriptors the guest may have open. */
  readonly budget?: number;
  /** The descriptor of a file of `Cells`, for what the worker counts. */
  readonly cellsFd?: number;
  /** The descriptor of an empty file for a recording. */
  readonly traceFd?: number;
}

/** Orders as a file in memory: they are of any length, and nobody sees them in the arguments of the process. */
export function writeOrders(orders: Orders): OwnedFd {
  const file = new OwnedFd(memfdCreate('orders'));
  try {
    const bytes = Buffer.from(JSON.stringify(orders, withoutBigints));
    for (let done = 0; done < bytes.length; ) {
      done += writevAt(file, [bytes.subarray(done)], AT_POSITION);
    }
    lseek(file, 0, SEEK_SET);
    return file;
  } catch (error) {
    file.close();
    throw error;
  }
}

/** The orders in a file of {@link writeOrders}, which is closed. */
export function readOrders(fd: number): Orders {
  using file = new OwnedFd(fd);
  return JSON.parse(readFileSync(file.fd, 'utf8'), withBigints) as Orders;
}

/** JSON has neither bigint nor infinity. Node's serializer has them, but takes a good part of a start to load. */
function withoutBigints(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return { [BIGINT]: `${value}` };
  return value === Number.POSITIVE_INFINITY ? { [INFINITY]: true } : value;
}

function withBigints(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (BIGINT in value) return BigInt(value[BIGINT] as string);
  return INFINITY in value ? Number.POSITIVE_INFINITY : value;
}
