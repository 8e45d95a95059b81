// @ts-check
import { existsSync, readFileSync } from 'node:fs';
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
 */

/**
 * Does what a document says, from its beginning to its end: every block that is marked to be run. Throws at the first that fails or
 * prints something else. Then it ends what still runs, the guest first; that must end with status 0.
 * @param {import('./markdown.mjs').Document} document
 * @param {import('../guest.mjs').GuestImage} [image] of guests that it boots
 * @returns {Promise<number>} how many blocks were run
 */
export async function follow(document, image) {
  const reader = new Reader(image);
  let count = 0;
  try {
    for (const fence of document.fences) {
      const directive = directiveOf(fence);
      if (directive?.kind !== 'run' || (directive.asRoot && process.getuid?.() !== 0)) continue;
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
  #place = new Place();
  /** @type {Background[]} */
  #background = [];
  /** @type {Agent | null} */
  #guest = null;

  /** @param {import('../guest.mjs').GuestImage | undefined} image */
  constructor(image) {
    if (image === undefined) return;
    const lines = { agent: this.#place.path('/agent'), console: this.#place.path('/console') };
    installQemu(this.#place.path('/bin'), image, lines);
    this.#guest = new Agent(lines.agent);
  }

  /**
   * @param {import('./markdown.mjs').Fence} fence
   * @param {import('./directive.mjs').Run} directive
   */
  async block({ language, text }, { where, until }) {
    if (until !== null) return this.#start(text, until);
    if (language === 'sh') return this.#step({ where, command: text, expected: '…\n' }, true);
    for (const step of readConsole(text)) await this.#step(step, step.expected === '');
  }

  /**
   * @param {import('./console.mjs').Step} step
   * @param {boolean} mustSucceed where the output is shown, it is what counts
   */
  async #step({ where, command, expected }, mustSucceed) {
    const { status, output } = await (where === 'guest' ? this.#inGuest(command) : this.#place.run(command));
    if (mustSucceed && status !== 0)
      throw new Error(`status ${status} of:\n${command}\n${output}${this.#logs()}`);
    if (!isAsShown(output, expected)) {
      throw new Error(
        `${command}\nprints\n${output}\nand not, as the document says,\n${expected}${this.#logs()}`,
      );
    }
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
   * @param {import('./directive.mjs').Readiness} until
   */
  async #start(command, until) {
    await this.#guest?.listening;
    const daemon = this.#place.start(command);
    this.#background.push({ name: command, daemon });
    if (until.kind === 'guest') {
      void daemon.ended.then((ending) => this.#guest?.fail(new Error(`QEMU ${describeEnding(ending)}`)));
      await within(/** @type {Agent} */ (this.#guest).ready, SECONDS, () => `no guest after ${SECONDS} s`);
      return;
    }
    const path = this.#place.path(until.path);
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
    this.#place.remove();
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
