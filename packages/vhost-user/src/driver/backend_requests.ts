import { ProtocolError } from '../errors.js';
import { type BodyOf, backendRequests, type RequestRule } from '../message/catalog.js';
import type { ReceivedDescriptors } from '../message/descriptors.js';
import { HeaderFlag } from '../message/header.js';
import { u64Payload } from '../message/payloads.js';
import { type BackendRequest, backendRequestName } from '../message/requests.js';
import { type Message, MessageSocket } from '../message/socket.js';

/** A request of the back-end, decoded. */
export type DecodedBackendRequest = {
  [R in BackendRequest]: { readonly request: R; readonly body: BodyOf<(typeof backendRequests)[R]> };
}[BackendRequest];

/** Answers a request of the back-end: 0, or what the back-end takes for a failure. */
export type BackendRequestHandler = (
  request: DecodedBackendRequest,
  descriptors: ReceivedDescriptors,
) => bigint;

/** The front-end's end of the back-end's channel: takes requests and acknowledges them. */
export class BackendRequestServer implements Disposable {
  readonly #socket: MessageSocket;
  readonly #handler: BackendRequestHandler;

  /** @param fd - a connected stream socket, owned from here on, even when the constructor throws */
  constructor(fd: number, handler: BackendRequestHandler) {
    this.#handler = handler;
    this.#socket = MessageSocket.own(fd, {
      message: (message) => this.#serve(message),
      failed: () => this.close(),
      ended: () => this.close(),
    });
  }

  /** Idempotent. */
  close(): void {
    this.#socket.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #serve({ header, body, descriptors }: Message): void {
    const { request, flags } = header;
    const rule: RequestRule | undefined = backendRequests[request as BackendRequest];
    if (rule === undefined)
      throw new ProtocolError('UNKNOWN_REQUEST', `${backendRequestName(request)} is unknown`);
    const decoded = { request, body: rule.body.decode(body) } as DecodedBackendRequest;
    const result = this.#handler(decoded, descriptors);
    if (rule.reply !== undefined || (flags & HeaderFlag.NEED_REPLY) !== 0) {
      this.#socket.send(request, HeaderFlag.REPLY, u64Payload.encode(result));
    }
  }
}
