// @ts-check
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Agent } from '../agent.mjs';
import { describeEnding, within } from '../supervise.mjs';
import { isAsShown, readConsole } from './console.mjs';
import { directiveOf } from './directive.mjs';
import { Place } from './place.mjs';
import { installQemu } from './qemu.mjs';

/** Far more than anything here takes, on a busy machine too. */
const SECONDS = 240;

/**
 * @typedef {{ name: string, daemon: import('../supervise.mjs').Supervised }} Background
 *
 * One command that was run, or one program that was started; problem: null when it did what the document says.
 * @typedef {{ command: string, seconds: number, problem: string | null }} Done
 *
 * @typedef {object} Circumstances
 * @property {import('../guest.mjs').GuestImage | (() => Promise<import('../guest.mjs').GuestImage>)} [image] of guests that the
 *   document boots
 * @property {import('./place.mjs').Spot} [spot] where commands are run; default: a temporary place
 * @property {boolean} [fresh] whether this is the fresh machine that some blocks are for; default: no
 * @property {(done: Done) => void} [report] is told of each command
 */

/**
 * Does what a document says, from its beginning to its end: every block that is marked to be run. Throws at the first that fails or
 * prints something else. Then it ends what still runs, the guest first; that must end with status 0.
 * @param {import('./markdown.mjs').Document} document
 * @param {Circumstances} [circumstances]
 * @returns {Promise<number>} how many blocks were run
 */
export async function follow(document, circumstances = {}) {
  const reader = new Reader(circumstances);
  let count = 0;
  try {
    for (const fence of document.fences) {
      const directive = directiveOf(fence);
      if (directive?.kind !== 'run' || (directive.asRoot && process.getuid?.() !== 0)) continue;
      if (directive.fresh && !circumstances.fresh) continue;
      try {
        await reader.block(fence, directive);
      } catch (error) {
        throw new Error(`line ${fence.line}: ${error instanceof Error ? error.message : error}`);
      }
      count += 1;
    }
    await reader.end();
  } finally {
    await reader.abort();
  }
  return count;
}

/** Who follows a document. */
class Reader {
  #spot;
  #image;
  #report;
  /** @type {Background[]} */
  #background = [];
  /** @type {Agent | null} */
  #guest = null;

  /** @param {Circumstances} circumstances */
  constructor({ image, spot = new Place(), report = () => {} }) {
    this.#spot = spot;
    this.#image = image;
    this.#report = report;
  }

  /**
   * @param {import('./markdown.mjs').Fence} fence
   * @param {import('./directive.mjs').Run} directive
   */
  async block({ language, text }, { where, asUser, until }) {
    if (until !== null) return this.#reported(text, () => this.#start(text, asUser, until));
    const steps = language === 'sh' ? [{ where, command: text, expected: null }] : readConsole(text);
    for (const step of steps) await this.#reported(step.command, () => this.#step(step, asUser));
  }

  /**
   * @param {string} command
   * @param {() => Promise<void>} work
   */
  async #reported(command, work) {
    const started = performance.now();
    const tell = (/** @type {string | null} */ problem) =>
      this.#report({ command: command.trimEnd(), seconds: (performance.now() - started) / 1000, problem });
    try {
      await work();
    } catch (error) {
      tell(error instanceof Error ? error.message : `${error}`);
      throw error;
    }
    tell(null);
  }

  /**
   * Runs a command, which must succeed; but where the document shows what it prints, that is what counts.
   * @param {{ where: 'host' | 'guest', command: string, expected: string | null }} step expected: null when the document does not say
   * @param {boolean} asUser
   */
  async #step({ where, command, expected }, asUser) {
    const { status, output } = await (where === 'guest'
      ? this.#inGuest(command)
      : this.#spot.run(command, asUser));
    if (!expected && status !== 0)
      throw new Error(`status ${status} of:\n${command}\n${output}${this.#logs()}`);
    if (expected !== null && !isAsShown(output, expected)) {
      throw new Error(
        `${command}\nprints\n${output}\nand not, as the document says,\n${expected}${this.#logs()}`,
      );
    }
  }

  /** Makes the program that boots a guest of the tests where the document boots one. */
  async #bringGuest() {
    if (this.#image === undefined) throw new Error('there is no guest to be booted here');
    const image = typeof this.#image === 'function' ? await this.#image() : this.#image;
    const { extras } = this.#spot;
    const lines = { agent: join(extras, 'agent'), console: join(extras, 'console') };
    installQemu(extras, image, lines);
    this.#guest = new Agent(lines.agent);
    await this.#guest.listening;
    return this.#guest;
  }

  /** @param {string} command */
  async #inGuest(command) {
    if (this.#guest === null) throw new Error('no guest runs');
    const answer = this.#guest.run(`exec 2>&1\n${command}`);
    const { status, stdout } = await within(answer, SECONDS, () => `no answer from the guest to: ${command}`);
    return { status, output: stdout };
  }

  /**
   * @param {string} command
   * @param {boolean} asUser
   * @param {import('./directive.mjs').Readiness} until
   */
  async #start(command, asUser, until) {
    const guest = until.kind === 'guest' ? await this.#bringGuest() : null;
    const daemon = this.#spot.start(command, asUser);
    this.#background.push({ name: command, daemon });
    if (until.kind === 'guest') {
      void daemon.ended.then((ending) => guest?.fail(new Error(`QEMU ${describeEnding(ending)}`)));
      await within(/** @type {Agent} */ (guest).ready, SECONDS, () => `no guest after ${SECONDS} s`);
      return;
    }
    const path = this.#spot.path(until.path);
    // The socket of a daemon is there a moment before it serves.
    const serves = () => !DAEMON.test(command) || SERVES.test(daemon.text());
    const isReady = () => (until.kind === 'path' ? existsSync(path) && serves() : isMount(path));
    const deadline = Date.now() + SECONDS * 1000;
    while (!isReady()) {
      const ending = daemon.ending();
      if (ending !== null) throw new Error(`${command}${describeEnding(ending)}:\n${daemon.text()}`);
      if (Date.now() > deadline)
        throw new Error(`${until.path} is not there after ${SECONDS} s:\n${daemon.text()}`);
      await wait(10);
    }
  }

  /** Ends what runs in the background as a person would, the last thing first. */
  async end() {
    for (const { name, daemon } of this.#background.reverse()) {
      if (name.startsWith('qemu-')) this.#guest?.run('/root/off').catch(() => {});
      else daemon.kill('SIGTERM');
      const ending = await within(daemon.ended, SECONDS, () => `it does not end:\n${name}`);
      if (ending.status !== 0) throw new Error(`${name}${describeEnding(ending)}:\n${daemon.text()}`);
    }
  }

  /** Leaves nothing behind, whatever has happened. */
  async abort() {
    for (const { daemon } of this.#background) daemon.kill('SIGKILL');
    await Promise.all(this.#background.map(({ daemon }) => daemon.ended));
    this.#guest?.close();
    this.#spot.remove();
  }

  /** What the programs in the background have said, for a message. */
  #logs() {
    return this.#background.map(({ name, daemon }) => `\n${name}${daemon.text()}`).join('');
  }
}

const DAEMON = /\bvirtiofsd\b/;
/** What it says when it serves. */
const SERVES = /waiting for a connection/;

/** @param {string} path */
function isMount(path) {
  return readFileSync('/proc/self/mountinfo', 'utf8').includes(` ${path} `);
}
