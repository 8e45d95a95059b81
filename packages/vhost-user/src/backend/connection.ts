import { LossWatcher } from '@vfs/sys';
import type { Device } from '../device.js';
import { ProtocolError, RefusedError } from '../errors.js';
import { Feature, featureNames, ProtocolFeature } from '../features.js';
import type { Logger } from '../logger.js';
import { frontendRequests, type RequestRule } from '../message/catalog.js';
import { HeaderFlag, type MessageHeader } from '../message/header.js';
import { u64Payload } from '../message/payloads.js';
import { FrontendRequest, requestName } from '../message/requests.js';
import { type Message, MessageSocket } from '../message/socket.js';
import type { ChainPool } from '../ring/chain_pool.js';
import { handlers, ReplyWithDescriptor } from './handlers.js';
import { Session } from './session.js';

const FAILURE = u64Payload.encode(1);
const SUCCESS = u64Payload.encode(0);

/**
 * One front-end's connection: decodes its messages, checks what can be checked without knowing what they mean, has them
 * handled, and answers (specification: "Communication", "VHOST_USER_PROTOCOL_F_REPLY_ACK").
 */
export class Connection implements Disposable {
  readonly #socket: MessageSocket;
  readonly #session: Session;
  readonly #log: Logger;
  readonly #ended: (reason: Error | undefined) => void;
  readonly #loss: LossWatcher;
  #closed = false;
  /** Set while the connection is drained. */
  #drained: (() => void) | undefined;

  /**
   * @param fd - the connected socket; owned from here on
   * @param pools - one per queue of the device
   * @param pollMicroseconds - see {@link BackendOptions.pollMicroseconds}
   * @param ended - called once, after everything was let go; the reason is undefined when the front-end closed in order
   */
  constructor(
    fd: number,
    device: Device,
    log: Logger,
    pools: readonly ChainPool[],
    pollMicroseconds: number,
    ended: (reason: Error | undefined) => void,
  ) {
    this.#log = log;
    this.#ended = ended;
    this.#session = new Session(device, log, pools, pollMicroseconds);
    this.#loss = new LossWatcher(() => this.#checkMemory());
    try {
      this.#socket = new MessageSocket(fd, {
        message: (message) => this.#handle(message),
        failed: (error, header) => this.#fail(error, header),
        ended: (error) => this.#end(error),
      });
    } catch (error) {
      this.#loss.close();
      throw error;
    }
  }

  /** Takes no more messages and chains, and waits for the chains in flight, or for the end of the connection. */
  drain(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    this.#socket.pause();
    return new Promise((resolve) => {
      this.#drained = resolve;
      void this.#session.drain().then(resolve);
    });
  }

  /** Ends the connection. Idempotent; `ended` is not called. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#loss.close();
    this.#socket.close();
    this.#session.close();
    this.#drained?.();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #checkMemory(): void {
    if (!this.#session.memoryLost) return;
    this.#fail(
      new ProtocolError('BAD_MEMORY', 'the front-end has truncated memory that it shares'),
      undefined,
    );
  }

  #handle(message: Message): void {
    const { header, body, descriptors } = message;
    const rule = this.#ruleOf(header);
    const [fewest, most] = rule.descriptors ?? [0, 0];
    if (descriptors.count < fewest || descriptors.count > most) {
      throw new ProtocolError(
        'BAD_DESCRIPTORS',
        `${requestName(header.request)} with ${descriptors.count} descriptors, expected ${fewest === most ? most : `${fewest} to ${most}`}`,
      );
    }
    const handler = handlers[header.request as FrontendRequest];
    if (handler === undefined) {
      throw new ProtocolError('UNKNOWN_REQUEST', `${requestName(header.request)} is not supported`);
    }
    const value = rule.body.decode(body);
    this.#log.debug(`${requestName(header.request)} ${print(value)}`);
    // The cast is sound: handlers[R] takes what frontendRequests[R] decodes.
    const result = (handler as (session: Session, body: unknown, fds: unknown) => unknown)(
      this.#session,
      value,
      descriptors,
    );
    if (result instanceof Promise) {
      // What follows may depend on it: one message at a time.
      this.#socket.pause();
      void result.then(
        (later) => this.#resume(header, rule, later),
        (error: unknown) => {
          this.#fail(error, header);
          this.#readOn();
        },
      );
    } else {
      this.#answer(header, rule, result);
    }
  }

  /** @throws ProtocolError when the request is unknown or not legal as negotiated */
  #ruleOf(header: MessageHeader): RequestRule {
    const name = requestName(header.request);
    if ((header.flags & HeaderFlag.REPLY) !== 0) {
      throw new ProtocolError('BAD_HEADER', `${name} is marked as a reply`);
    }
    const rule: RequestRule | undefined = frontendRequests[header.request as FrontendRequest];
    if (rule === undefined) throw new ProtocolError('UNKNOWN_REQUEST', `${name} is unknown`);
    const { feature } = rule;
    if (feature !== undefined) {
      const { negotiation } = this.#session;
      const legal = rule.offeredSuffices
        ? negotiation.offersProtocol(feature)
        : negotiation.hasProtocol(feature);
      if (!legal) {
        const needed = featureNames(feature, ProtocolFeature);
        throw new ProtocolError('NOT_NEGOTIATED', `${name} without the protocol feature ${needed}`);
      }
    }
    if (
      header.request === FrontendRequest.SET_VRING_ENABLE &&
      !this.#session.negotiation.has(Feature.PROTOCOL_FEATURES)
    ) {
      throw new ProtocolError('NOT_NEGOTIATED', `${name} without the feature PROTOCOL_FEATURES`);
    }
    return rule;
  }

  #resume(header: MessageHeader, rule: RequestRule, result: unknown): void {
    if (this.#closed) return;
    try {
      this.#answer(header, rule, result);
      this.#readOn();
    } catch (error) {
      this.#fail(error, header);
    }
  }

  #readOn(): void {
    if (!this.#closed && this.#drained === undefined) this.#socket.resume();
  }

  #answer(header: MessageHeader, rule: RequestRule, result: unknown): void {
    if (result instanceof ReplyWithDescriptor) {
      using file = result.file;
      const body = rule.reply!.encode(result.body);
      this.#socket.send(header.request, HeaderFlag.REPLY, body, [file.fd]);
    } else if (rule.reply !== undefined) {
      this.#socket.send(header.request, HeaderFlag.REPLY, rule.reply.encode(result));
    } else if (this.#wantsAck(header)) {
      this.#socket.send(header.request, HeaderFlag.REPLY, SUCCESS);
    }
  }

  #wantsAck(header: MessageHeader): boolean {
    return (
      (header.flags & HeaderFlag.NEED_REPLY) !== 0 &&
      this.#session.negotiation.hasProtocol(ProtocolFeature.REPLY_ACK)
    );
  }

  /** A message went wrong: say so where that is asked for, and, unless it was merely refused, end the connection. */
  #fail(error: unknown, header: MessageHeader | undefined): void {
    if (this.#closed) return;
    const reason = error instanceof Error ? error : new Error(String(error));
    if (error instanceof RefusedError && header !== undefined) {
      this.#log.warn(`${requestName(header.request)} refused: ${error.message}`);
      if (this.#wantsAck(header)) this.#socket.send(header.request, HeaderFlag.REPLY, FAILURE);
      return;
    }
    if (header !== undefined && this.#wantsAck(header)) {
      const rule: RequestRule | undefined = frontendRequests[header.request as FrontendRequest];
      try {
        // A reply of its own has no way to say "failed".
        if (rule?.reply === undefined) this.#socket.send(header.request, HeaderFlag.REPLY, FAILURE);
      } catch {
        // The front-end is gone as well; the first reason is the one to report.
      }
    }
    this.#end(reason);
  }

  #end(reason: Error | undefined): void {
    if (this.#closed) return;
    this.close();
    this.#ended(reason);
  }
}

/** A message's body for the log: u64 in hexadecimal, as the specification's tables think of them. */
function print(value: unknown): string {
  if (value === undefined) return '';
  return JSON.stringify(value, (_key, v: unknown) => (typeof v === 'bigint' ? `0x${v.toString(16)}` : v));
}
