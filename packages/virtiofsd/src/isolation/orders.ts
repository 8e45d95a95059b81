import { readFileSync } from 'node:fs';
import { deserialize, serialize } from 'node:v8';
import { AT_POSITION, lseek, memfdCreate, OwnedFd, SEEK_SET, writevAt } from '@vfs/sys';
import type { Options } from '../options.js';

/** What a worker is told to do. */
export interface Orders {
  readonly options: Options;
  /** How many descriptors the guest may have open. */
  readonly budget?: number;
}

/**
 * Orders as a file in memory: they are of any length, and nobody sees them in the arguments of the process. In the format
 * of V8 rather than JSON, which knows no bigint and no infinity.
 */
export function writeOrders(orders: Orders): OwnedFd {
  const file = new OwnedFd(memfdCreate('orders'));
  try {
    const bytes = serialize(orders);
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
  return deserialize(readFileSync(file.fd)) as Orders;
}
