// @ts-check
import { spawn } from 'node:child_process';
import { onExit } from './cleanup.mjs';
import { output } from './run.mjs';

/**
 * How a process ended.
 * @typedef {{ status: number | null, signal: NodeJS.Signals | null }} Ending
 */

/**
 * A process that runs beside us: a daemon, a machine. It never outlives this process.
 * @typedef {object} Supervised
 * @property {number} pid
 * @property {Promise<Ending>} ended settles when it has ended and its output is complete; never rejects
 * @property {() => Ending | null} ending how it ended; null while it runs
 * @property {() => string} text what it has printed so far (the last 64 KiB), where stdio is not 'inherit'
 * @property {(signal?: NodeJS.Signals) => void} kill
 */

/** @type {readonly string[] | undefined} */
let guard;

/**
 * What ends a process even when this one is ended by SIGKILL: util-linux has it since 2.33.
 * @returns {readonly string[]}
 */
function deathGuard() {
  guard ??=
    output('setpriv', ['--pdeathsig', 'KILL', 'true']) === null
      ? []
      : ['setpriv', '--pdeathsig', 'KILL', '--'];
  return guard;
}

const KEPT_TEXT = 65_536;

/**
 * Starts a process that runs beside us.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ stdio?: 'inherit' | 'capture', cwd?: string, env?: NodeJS.ProcessEnv }} [options] 'capture': no input, and what it
 *   prints is kept for `text()`
 * @returns {Supervised}
 */
export function supervise(command, args, { stdio = 'capture', cwd, env } = {}) {
  const [program = command, ...rest] = [...deathGuard(), command, ...args];
  const child = spawn(program, rest, {
    cwd,
    env,
    stdio: stdio === 'inherit' ? 'inherit' : ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (/** @type {string} */ chunk) => {
      text = (text + chunk).slice(-KEPT_TEXT);
    });
  }
  /** @type {Ending | null} */
  let ending = null;
  const kill = (/** @type {NodeJS.Signals} */ signal = 'SIGTERM') => {
    if (ending === null) child.kill(signal);
  };
  const forget = onExit(() => kill('SIGKILL'));
  /** @type {Promise<Ending>} */
  const ended = new Promise((resolve) => {
    const finish = (/** @type {Ending} */ how) => {
      ending = how;
      forget();
      resolve(how);
    };
    child.on('error', (error) => {
      text += `${command}: ${error.message}\n`;
      if (child.pid === undefined) finish({ status: null, signal: null });
    });
    child.on('close', (status, signal) => finish({ status, signal }));
  });
  return { pid: child.pid ?? -1, ended, ending: () => ending, text: () => text, kill };
}

/**
 * An ending in words.
 * @param {Ending} ending
 */
export function describeEnding({ status, signal }) {
  if (signal !== null) return `was ended by ${signal}`;
  return status === null ? 'could not be started' : `ended with status ${status}`;
}

/**
 * Waits for a promise, but not for ever.
 * @template T
 * @param {Promise<T>} promise
 * @param {number} seconds
 * @param {() => string} message what is thrown when the time is over
 * @returns {Promise<T>}
 */
export async function within(promise, seconds, message) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(message())), seconds * 1000);
  });
  try {
    return await /** @type {Promise<T>} */ (Promise.race([promise, limit]));
  } finally {
    clearTimeout(timer);
  }
}
