// @ts-check
import { spawn } from 'node:child_process';
import { chownSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { temporaryFolder } from '../cleanup.mjs';
import { endOf } from '../documents/place.mjs';
import { root } from '../root.mjs';
import { supervise } from '../supervise.mjs';

/** @typedef {import('../documents/place.mjs').Spot} Spot */

/** The plain user of the machine, as `useradd` makes the first one. */
const USER = { name: 'user', id: 1000 };
const RUNTIME = `/run/user/${USER.id}`;
/** What is put before a command that the plain user runs. */
const AS_USER = [
  'setpriv',
  ...[`--reuid=${USER.id}`, `--regid=${USER.id}`, '--init-groups'],
  'env',
  ...[`HOME=/home/${USER.name}`, `USER=${USER.name}`, `XDG_RUNTIME_DIR=${RUNTIME}`],
  'PATH=/usr/local/bin:/usr/bin:/bin',
];

/**
 * Where documents are followed to the letter: nothing is moved elsewhere, nothing is there but what they have brought. What the
 * commands print is passed on while they run.
 * @implements {Spot}
 */
export class MachineSpot {
  #extras = temporaryFolder();
  #environment;

  constructor() {
    // On other systems, whatever begins a session does this.
    mkdirSync(dirname(RUNTIME), { recursive: true });
    mkdirSync(RUNTIME, { recursive: true, mode: 0o700 });
    chownSync(RUNTIME, USER.id, USER.id);
    this.#environment = { ...process.env, PATH: `${this.extras}:${process.env['PATH']}` };
  }

  get extras() {
    return this.#extras.path;
  }

  /** @param {string} path */
  path(path) {
    return path;
  }

  /**
   * @param {string} script
   * @param {boolean} asUser
   * @param {string} [answer] to whatever is asked: what standard input has
   * @returns {Promise<{ status: number | null, output: string }>}
   */
  run(script, asUser, answer = '') {
    process.stdout.write(`\n${script.trimEnd().replace(/^/gm, asUser ? '$ ' : '# ')}\n`);
    const [program = '', ...args] = [...(asUser ? AS_USER : []), 'bash', '-ec', `exec 2>&1\n${script}`];
    const child = spawn(program, args, {
      cwd: root,
      env: this.#environment,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    // Most commands ask nothing, and end without reading it.
    child.stdin.on('error', () => {}).end(answer);
    return endOf(child, (text) => process.stdout.write(text));
  }

  /**
   * @param {string} command
   * @param {boolean} asUser
   */
  start(command, asUser) {
    process.stdout.write(`\n${command.trimEnd().replace(/^/gm, asUser ? '$ ' : '# ')} &\n`);
    const [program = '', ...args] = [...(asUser ? AS_USER : []), 'bash', '-c', `exec ${command}`];
    return supervise(program, args, { cwd: root, env: this.#environment });
  }

  remove() {
    this.#extras.remove();
  }
}
