import { readdirSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { promised } from './promise.js';

/** The event loop closes its own a turn or two later, threads when they end. */
const MOST_TURNS = 5000;

/** How many descriptors the process has open. */
export function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

/** @throws BrokenPromise unless as many are open as `before`, soon */
export async function descriptorsClosed(before: number): Promise<void> {
  for (let i = 0; i < MOST_TURNS && openDescriptors() > before; i++) await setImmediate();
  const now = openDescriptors();
  promised(now === before, () => `every descriptor is closed, once: ${before} were open, ${now} are`);
}
