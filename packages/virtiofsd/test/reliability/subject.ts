import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Frontend } from '@vfs/vhost-user';
import { findRustDaemon } from '../peer/daemons.js';
import { BIN, clientOf, connect, Running } from '../support/daemon.js';
import { temporaryDirectory } from '../support/fixture.js';
import type { FuseClient } from '../support/fuse-client.js';

/** How long to look at a daemon that is expected to go on, or not to answer, in milliseconds: longer shows nothing more. */
const GLANCE = 3000;
/** How long one gets that is expected to end or to answer: a busy machine changes no outcome. */
const PATIENCE = 100_000;

/** Which daemon a case is tried on. */
export type Kind = 'rust' | 'ours';

export const KINDS: readonly Kind[] = findRustDaemon() === undefined ? ['ours'] : ['rust', 'ours'];

/** A daemon under trial, and the folder it shares. */
export class Subject {
  readonly kind: Kind;
  readonly base = temporaryDirectory();
  readonly directory = join(this.base, 'shared');
  readonly socket = join(this.base, 'socket');
  readonly #patient: boolean;
  #running!: Running;
  /** The process, not the pipes, which a process left behind may hold. */
  #exit!: Promise<string>;

  /** @param expected - what the case expects to see */
  constructor(kind: Kind, expected: string) {
    this.kind = kind;
    this.#patient = !/goes on|no answer|stops/.test(expected);
    mkdirSync(this.directory);
  }

  async start(...args: string[]): Promise<this> {
    const sandbox = args.some((each) => each.startsWith('--sandbox')) ? [] : ['--sandbox=none'];
    const shared = args.some((each) => each.startsWith('--shared-dir'))
      ? []
      : [`--shared-dir=${this.directory}`];
    const program = this.kind === 'rust' ? findRustDaemon()! : BIN;
    this.#running = new Running([...shared, `--socket-path=${this.socket}`, ...sandbox, ...args], [program]);
    this.#exit = new Promise((resolve) => {
      this.#running.process.once('exit', (status, signal) => resolve(signal ?? `status ${status}`));
    });
    while (!existsSync(this.socket)) await setTimeout(10);
    // Ours makes it before it serves. Of one that ends instead, the case tells.
    if (this.kind !== 'rust') {
      await Promise.race([this.#running.logged('waiting for a connection').catch(() => {}), this.#exit]);
    }
    return this;
  }

  get pid(): number {
    return this.#running.process.pid!;
  }

  connect(): Promise<Frontend> {
    return connect(this.socket, { memory: [{ size: 1 << 25 }] });
  }

  async client(): Promise<FuseClient> {
    return clientOf(await this.connect());
  }

  kill(signal: NodeJS.Signals): void {
    this.#running.process.kill(signal);
  }

  /** How it ends: "ends (status 0)", or "goes on". `glance`: how long to look at one that should go on. */
  async ending(glance = GLANCE): Promise<string> {
    const exit = await Promise.race([this.#exit, this.#time(glance)]);
    return exit === undefined ? 'goes on' : `ends (${exit})`;
  }

  /** What became of a request: "answers", an errno, or how the daemon has ended. */
  async answer(request: Promise<unknown>): Promise<string> {
    const outcome = request.then(
      () => 'answers',
      (error: Error) => (/^E[A-Z0-9]+$/.test(error.message) ? error.message : undefined),
    );
    const result = await Promise.race([
      outcome,
      this.#exit.then(() => undefined),
      this.#time(GLANCE, 'no answer'),
    ]);
    return result ?? this.ending();
  }

  #time<T>(glance: number, value?: T): Promise<T | undefined> {
    return setTimeout(this.#patient ? PATIENCE : glance, value, { ref: false });
  }
}
