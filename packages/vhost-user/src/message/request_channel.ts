import { raw } from '@vfs/sys';
import { ProtocolError, UsageError } from '../errors.js';
import type { InputOf, ReplyOf, RequestRule } from './catalog.js';
import { HeaderFlag } from './header.js';
import { u64Payload } from './payloads.js';
import { type Message, MessageSocket } from './socket.js';

interface Pending {
  readonly request: number;
  readonly rule: RequestRule;
  readonly resolve: (reply: { body: unknown; descriptors: number[] }) => void;
  readonly reject: (error: Error) => void;
}

/**
 * The requesting end of a socket: requests out, replies in, in order. It knows the messages of a catalog and not what they
 * are for.
 */
export class RequestChannel<Rules extends Readonly<Record<number, unknown>>> implements Disposable {
  /** REPLY_ACK was negotiated: every request is acknowledged. */
  acknowledged = false;
  readonly #rules: Rules;
  readonly #nameOf: (request: number) => string;
  readonly #socket: MessageSocket;
  readonly #pending: Pending[] = [];
  readonly #closed: Promise<Error | undefined>;
  #markClosed!: (reason: Error | undefined) => void;
  #open = true;

  /** @param fd - a connected stream socket, owned from here on, even when the constructor throws */
  constructor(fd: number, rules: Rules, nameOf: (request: number) => string) {
    this.#rules = rules;
    this.#nameOf = nameOf;
    this.#closed = new Promise((resolve) => {
      this.#markClosed = resolve;
    });
    this.#socket = MessageSocket.own(fd, {
      message: (message) => this.#reply(message),
      failed: (error) => this.#end(error as Error),
      ended: (error) => this.#end(error),
    });
  }

  /** Settles when the connection has ended, with the reason when it did not end in order. */
  get closed(): Promise<Error | undefined> {
    return this.#closed;
  }

  /**
   * Sends a request and waits for its reply, or for its acknowledgement where those were negotiated; otherwise only until it
   * is sent.
   *
   * @param descriptors - stay the caller's
   * @throws UsageError REFUSED when the peer answers with a failure, DISCONNECTED when it does not answer
   */
  async call<R extends keyof Rules & number>(
    request: R,
    body: InputOf<Rules[R]>,
    descriptors: readonly number[] = [],
  ): Promise<ReplyOf<Rules[R]>> {
    const reply = await this.callWithDescriptors(request, body, descriptors);
    for (const fd of reply.descriptors) raw.close(fd);
    return reply.body;
  }

  /** As {@link call}; the descriptors of the reply are the caller's to close. */
  callWithDescriptors<R extends keyof Rules & number>(
    request: R,
    body: InputOf<Rules[R]>,
    descriptors: readonly number[] = [],
  ): Promise<{ body: ReplyOf<Rules[R]>; descriptors: number[] }> {
    const rule = this.#rules[request] as RequestRule;
    return this.#exchange(request, rule, rule.body.encode(body), descriptors) as Promise<{
      body: ReplyOf<Rules[R]>;
      descriptors: number[];
    }>;
  }

  /** Sends a message as it is, for tests of the other side; a reply is reported to nobody. */
  sendRaw(request: number, flags: number, body: Uint8Array, descriptors: readonly number[] = []): void {
    this.#socket.send(request, flags, body, descriptors);
  }

  /** Closes the connection; what waits for a reply fails. Idempotent. */
  close(): void {
    this.#end(undefined);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #exchange(
    request: number,
    rule: RequestRule,
    body: Uint8Array,
    descriptors: readonly number[],
  ): Promise<{ body: unknown; descriptors: number[] }> {
    const wantsReply = rule.reply !== undefined || this.acknowledged;
    return new Promise((resolve, reject) => {
      if (!this.#open)
        throw new UsageError('DISCONNECTED', `${this.#nameOf(request)} after the connection ended`);
      const needReply = this.acknowledged && rule.reply === undefined ? HeaderFlag.NEED_REPLY : 0;
      this.#socket.send(request, needReply, body, descriptors);
      if (wantsReply) this.#pending.push({ request, rule, resolve, reject });
      else resolve({ body: undefined, descriptors: [] });
    });
  }

  #reply({ header, body, descriptors }: Message): void {
    const pending = this.#pending.shift();
    const name = this.#nameOf(header.request);
    if (pending === undefined) throw new ProtocolError('BAD_REPLY', `${name} was answered unasked`);
    try {
      if (header.request !== pending.request || (header.flags & HeaderFlag.REPLY) === 0) {
        throw new ProtocolError('BAD_REPLY', `${name} answers ${this.#nameOf(pending.request)}`);
      }
      if (pending.rule.reply === undefined) {
        const status = u64Payload.decode(body);
        if (status === 0n) pending.resolve({ body: undefined, descriptors: [] });
        else pending.reject(new UsageError('REFUSED', `the peer refused ${name} (${status})`));
        return;
      }
      const value = pending.rule.reply.decode(body);
      const fds: number[] = [];
      for (let fd = descriptors.take(); fd !== undefined; fd = descriptors.take()) fds.push(fd);
      pending.resolve({ body: value, descriptors: fds });
    } catch (error) {
      pending.reject(error as Error);
      throw error;
    }
  }

  #end(reason: Error | undefined): void {
    if (!this.#open) return;
    this.#open = false;
    this.#socket.close();
    for (const { request, reject } of this.#pending.splice(0)) {
      reject(
        new UsageError('DISCONNECTED', `the peer left before it answered ${this.#nameOf(request)}`, {
          cause: reason,
        }),
      );
    }
    this.#markClosed(reason);
  }
}
