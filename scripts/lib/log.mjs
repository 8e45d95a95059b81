// @ts-check
import { AsyncLocalStorage } from 'node:async_hooks';

const started = Date.now();

/** Time since this process started, as `m:ss`. */
export function elapsed() {
  const seconds = Math.floor((Date.now() - started) / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/**
 * Prints a line after the time since the start, so that long work is seen to move.
 * @param {string} line
 */
export function say(line) {
  const name = lane.getStore();
  process.stdout.write(`[${elapsed().padStart(5)}] ${name === undefined ? '' : `${name}| `}${line}\n`);
}

/** @type {AsyncLocalStorage<string>} */
const lane = new AsyncLocalStorage();

/**
 * Does work whose lines begin with a name, to tell them from those of other work at the same time.
 * @template T
 * @param {string} name
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export function named(name, work) {
  return lane.run(name, work);
}

/**
 * Prints the headline of a step.
 * @param {string} title
 */
export function headline(title) {
  say('');
  say(`=== ${title}`);
}
