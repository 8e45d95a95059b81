// @ts-check

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
  process.stdout.write(`[${elapsed().padStart(5)}] ${line}\n`);
}

/**
 * Prints the headline of a step.
 * @param {string} title
 */
export function headline(title) {
  say('');
  say(`=== ${title}`);
}
