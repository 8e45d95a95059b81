// @ts-check
import { spawn } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { temporaryFolder } from '../cleanup.mjs';
import { root } from '../root.mjs';
import { supervise } from '../supervise.mjs';

/** The folders of the system that examples write to. Each has a folder of the place in its stead. */
const MOVED = /(?<![\w.$}/-])\/(srv|run|mnt|usr\/local)(?=[/\s'":,;)]|$)/gm;

/**
 * Where the commands of a document are run.
 * @typedef {object} Spot
 * @property {string} extras a folder on the PATH of the commands, for programs that take the place of others
 * @property {(path: string) => string} path where a path of the document really is
 * @property {(script: string, asUser: boolean) => Promise<{ status: number | null, output: string }>} run runs a script of bash to
 *   its end, as a plain user where the document says so and the spot has one
 * @property {(command: string, asUser: boolean) => import('../supervise.mjs').Supervised} start starts one command that does not end by
 *   itself
 * @property {() => void} remove
 */

/**
 * What becomes of a process: its status, and what it has printed.
 * @param {import('node:child_process').ChildProcess & { stdout: import('node:stream').Readable }} child
 * @param {(text: string) => void} [hear] is told of what it prints at once
 * @returns {Promise<{ status: number | null, output: string }>}
 */
export function endOf(child, hear = () => {}) {
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    hear(text);
    output += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, output }));
  });
}

/**
 * Where the examples of one document are run: in the root of the repository, with `virtiofsd` on the PATH, and with other folders for
 * those of the system, so that nothing of the machine is changed. The folder to share is there, and so is the place to mount it.
 * @implements {Spot}
 */
export class Place {
  #folder = temporaryFolder();
  #environment;

  /** @param {NodeJS.ProcessEnv} [environment] of the commands, besides this process's */
  constructor(environment = {}) {
    for (const name of ['srv/share', 'run', 'mnt/share', 'usr/local/bin', 'bin']) {
      mkdirSync(this.path(`/${name}`), { recursive: true });
    }
    symlinkSync(join(root, 'packages/virtiofsd/bin/virtiofsd.js'), this.path('/bin/virtiofsd'));
    const path = [this.path('/usr/local/bin'), this.path('/bin'), process.env['PATH']].join(delimiter);
    // The language decides what programs print, and a level of the log what the daemon does.
    this.#environment = { ...process.env, LC_ALL: 'C.UTF-8', RUST_LOG: '', PATH: path, ...environment };
  }

  get extras() {
    return this.path('/bin');
  }

  /**
   * Where a path of the document really is.
   * @param {string} path
   */
  path(path) {
    return this.#folder.path + path;
  }

  /**
   * Runs a script of bash to its end.
   * @param {string} script
   * @returns {Promise<{ status: number | null, output: string }>} with paths as the document has them
   */
  run(script) {
    const child = spawn('bash', ['-ec', `exec 2>&1\n${this.#moved(script)}`], {
      cwd: root,
      env: this.#environment,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    return endOf(child).then(({ status, output }) => ({ status, output: this.#asShown(output) }));
  }

  /**
   * Starts one command that does not end by itself.
   * @param {string} command
   */
  start(command) {
    return supervise('bash', ['-c', `exec ${this.#moved(command)}`], { cwd: root, env: this.#environment });
  }

  remove() {
    this.#folder.remove();
  }

  /** @param {string} script */
  #moved(script) {
    return script.replace(MOVED, `${this.#folder.path}/$1`);
  }

  /** @param {string} output */
  #asShown(output) {
    return output.replaceAll(this.#folder.path, '');
  }
}
