import { existsSync, rmSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { FuseClient, ReplyError, type Transport } from '@vfs/fuse-proto';
import { Frontend } from '@vfs/vhost-user';
import { overQueue } from '../support/daemon.js';
import type { DaemonKind, RunningDaemon } from './daemons.js';
import { Transcript } from './transcript.js';

/** What Linux 6.12 offers a virtio-fs device in INIT. */
export const LINUX_OFFER = { flags: 0x73ff_fffb, flags2: 0x117 } as const;

/** Longer than any request here takes, on however busy a machine; short, because some wait for it in vain. */
const PATIENCE = 10_000;

/**
 * A guest's driver in front of one of the daemons. All requests go through {@link fuse}, and what they come to is in the
 * transcript. A daemon that ends because of a request is started again, with the session new.
 */
export class Guest {
  readonly transcript = new Transcript();
  readonly fuse: FuseClient;
  /** The shared folder on the host. */
  readonly directory: string;
  readonly #kind: DaemonKind;
  readonly #options: readonly string[];
  readonly #socket: string;
  #offer: { flags?: number; flags2?: number } | undefined;
  #daemon: RunningDaemon | undefined;
  #frontend: Frontend | undefined;
  #send: Transport | undefined;

  constructor(kind: DaemonKind, directory: string, socket: string, options: readonly string[]) {
    this.#kind = kind;
    this.directory = directory;
    this.#socket = socket;
    this.#options = options;
    this.fuse = new FuseClient((request, room) => this.#ask(request, room));
  }

  /** Starts the daemon, and the session if there is an offer for it, which is made again after each end. */
  async start(offer?: { flags?: number; flags2?: number }): Promise<void> {
    this.#offer = offer;
    await this.#start();
  }

  async stop(): Promise<void> {
    this.#frontend?.close();
    this.#frontend = undefined;
    this.#daemon?.kill();
    await this.#daemon?.ended;
    this.#daemon = undefined;
  }

  /** Makes requests under a name in the table of differences. Failing is an outcome: then there is no value. */
  async step<T>(label: string, work: (fuse: FuseClient) => Promise<T>): Promise<T | undefined> {
    try {
      return await this.transcript.label(label, () => work(this.fuse));
    } catch (error) {
      // Everything else that can go wrong is in the transcript, too: a reply that no client understands, or none.
      if (error instanceof ReplyError || error instanceof NoAnswer) return undefined;
      if (error instanceof Error && error.name === 'MalformedReplyError') return undefined;
      throw error;
    }
  }

  /** Sends bytes that may be no request. */
  async raw(label: string, request: Uint8Array, room: number): Promise<void> {
    await this.transcript
      .label(label, () => this.#ask(request, room))
      .catch((error) => {
        if (!(error instanceof NoAnswer)) throw error;
      });
  }

  /** As {@link step}, for what the rest of the script needs. */
  async need<T>(label: string, work: (fuse: FuseClient) => Promise<T>): Promise<T> {
    const value = await this.step(label, work);
    if (value === undefined) throw new Error(`${this.#kind.name}: '${label}' has failed`);
    return value;
  }

  /** Does things as a user of the guest. */
  async as<T>(uid: number, gid: number, work: () => Promise<T>): Promise<T> {
    const before = this.fuse.credentials;
    this.fuse.credentials = { uid, gid };
    try {
      return await work();
    } finally {
      this.fuse.credentials = before;
    }
  }

  async #start(): Promise<void> {
    rmSync(this.#socket, { force: true });
    const daemon = this.#kind.start(this.directory, this.#socket, this.#options);
    this.#daemon = daemon;
    let gone = false;
    void daemon.ended.then(() => (gone = true));
    while (!existsSync(this.#socket)) {
      if (gone) throw new Error(`${this.#kind.name} did not start: ${daemon.complaints()}`);
      await setTimeout(5);
    }
    this.#frontend = await Frontend.connect(this.#socket, { timeout: PATIENCE });
    await this.#frontend.startQueue(0);
    this.#send = overQueue(this.#frontend, await this.#frontend.startQueue(1));
    // Not in the transcript: there is a script for INIT.
    if (this.#offer) await new FuseClient(this.#send).init(this.#offer);
  }

  async #ask(request: Uint8Array, room: number): Promise<Uint8Array> {
    let reply: Uint8Array | undefined;
    let problem = 'no answer';
    try {
      reply = await Promise.race([
        this.#send!(request, room),
        setTimeout(PATIENCE, undefined, { ref: false }),
      ]);
    } catch {
      problem = 'the daemon ends';
    }
    if (reply !== undefined) {
      this.transcript.reply(request, reply);
      return reply;
    }
    this.transcript.other(request, problem);
    await this.stop();
    await this.#start();
    throw new NoAnswer(problem);
  }
}

class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}
