// @ts-check
import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { onExit } from './cleanup.mjs';
import { say } from './log.mjs';

/** A command that could not be started, ended with another status than 0, or took too long. */
export class CommandError extends Error {
  /**
   * @param {string} message
   * @param {number | null} status
   */
  constructor(message, status) {
    super(message);
    this.name = 'CommandError';
    this.status = status;
  }
}

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env]
 * @property {number} [timeout] seconds, after which the command and all it started are ended
 * @property {string} [title] what a person calls this; default: the command line
 */

/** Say that a step is alive when it has printed nothing for this long. */
const QUIET_SECONDS = 10;

/**
 * Runs a command to its end and passes its output on line by line, each with the time. It gets no standard input and a
 * process group of its own, so that everything it starts can be ended with it.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<void>}
 */
export function run(command, args, { cwd, env, timeout = 900, title } = {}) {
  const name = title ?? [command, ...args].join(' ');
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const kill = () => killGroup(child.pid);
    const forget = onExit(kill);
    let lastOutput = Date.now();
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        lastOutput = Date.now();
        say(line);
      });
    }
    const heartbeat = setInterval(() => {
      if (Date.now() - lastOutput < QUIET_SECONDS * 1000) return;
      lastOutput = Date.now();
      say(`... ${name} is still running`);
    }, 1000);
    let timedOut = false;
    const limit = setTimeout(() => {
      timedOut = true;
      kill();
    }, timeout * 1000);
    child.on('error', (error) => finish(new CommandError(`${name}: ${error.message}`, null)));
    child.on('close', (status, signal) => {
      if (timedOut) finish(new CommandError(`${name}: not done after ${timeout} s`, null));
      else if (status === 0) finish();
      else finish(new CommandError(`${name}: ended with ${signal ?? `status ${status}`}`, status));
    });
    /** @param {Error} [error] */
    function finish(error) {
      clearInterval(heartbeat);
      clearTimeout(limit);
      forget();
      if (error) reject(error);
      else resolve();
    }
  });
}

/**
 * Runs a short command and returns what it printed on standard output, or null when it failed.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, timeout?: number }} [options] timeout in seconds
 * @returns {string | null}
 */
export function output(command, args, { cwd, env, timeout = 60 } = {}) {
  const result = spawnSync(command, args, {
    cwd,
    env,
    encoding: 'utf8',
    timeout: timeout * 1000,
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 1 << 28,
  });
  return result.status === 0 ? result.stdout : null;
}

/**
 * Ends a process group that `run` started.
 * @param {number | undefined} pid
 */
function killGroup(pid) {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/**
 * The full path of a command, or null when PATH has none of that name.
 * @param {string} command
 * @param {string} [path]
 */
export function which(command, path = `${process.env['PATH'] ?? ''}${delimiter}/usr/sbin${delimiter}/sbin`) {
  for (const folder of path.split(delimiter)) {
    if (folder === '') continue;
    const file = join(folder, command);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not in this one.
    }
  }
  return null;
}
