// @ts-check
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { onExit } from './cleanup.mjs';

/**
 * What a script in the guest left behind.
 * @typedef {{ status: number, stdout: string, stderr: string }} Answer
 */

/**
 * The host's end of the guest's second serial line, on which /init takes scripts and answers (scripts/guest/init.sh has the
 * format). The line carries nothing else, so no output of a script can be taken for an answer.
 */
export class Agent {
  /** Settles when the guest says that it is up. @type {Promise<void>} */
  ready;
  #server = createServer();
  /** @type {import('node:net').Socket | null} */
  #line = null;
  #lastId = 0;
  /** @type {Map<string, { resolve: (answer: Answer) => void, reject: (error: Error) => void }>} */
  #waiting = new Map();
  /** @type {Error | null} */
  #failure = null;
  #forget;

  /** @param {string} socketPath where QEMU connects the serial line */
  constructor(socketPath) {
    this.#forget = onExit(() => rmSync(socketPath, { force: true }));
    this.ready = new Promise((resolve, reject) => {
      this.#waiting.set('ready', { resolve: () => resolve(), reject });
    });
    // Nobody may be waiting for it yet when it fails.
    this.ready.catch(() => {});
    this.listening = new Promise((resolve, reject) => {
      this.#server.once('error', reject).listen(socketPath, () => resolve(undefined));
    });
    this.#server.on('connection', (line) => {
      this.#line = line;
      line.on('error', () => {});
      createInterface({ input: line }).on('line', (text) => this.#receive(text));
    });
  }

  /**
   * Runs a shell script in the guest. One runs after the other.
   * @param {string} script
   * @returns {Promise<Answer>}
   */
  run(script) {
    return new Promise((resolve, reject) => {
      if (this.#failure !== null) return reject(this.#failure);
      this.#lastId += 1;
      const id = `${this.#lastId}`;
      this.#waiting.set(id, { resolve, reject });
      this.#line?.write(`${id} ${Buffer.from(script).toString('base64')}\n`);
    });
  }

  /**
   * Fails what is being waited for, and everything later: the guest will not answer any more.
   * @param {Error} error
   */
  fail(error) {
    if (this.#failure !== null) return;
    this.#failure = error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  close() {
    this.#line?.destroy();
    this.#server.close();
    this.#forget();
  }

  /** @param {string} text */
  #receive(text) {
    const [id = '', status = '', stdout = '', stderr = ''] = text.trim().split(' ');
    const request = this.#waiting.get(id);
    this.#waiting.delete(id);
    request?.resolve({ status: Number(status), stdout: decode(stdout), stderr: decode(stderr) });
  }
}

/** @param {string} text base64 after a "-" */
function decode(text) {
  return Buffer.from(text.slice(1), 'base64').toString();
}
