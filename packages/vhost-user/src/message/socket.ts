import {
  EAGAIN,
  ECONNRESET,
  EMFILE,
  EPIPE,
  MappedMemory,
  MSG_DONTWAIT,
  MSG_PEEK,
  raw,
  SysError,
  WATCH_READABLE,
  WATCH_WRITABLE,
  Watcher,
} from '@vfs/sys';
import { ProtocolError } from '../errors.js';
import { ReceivedDescriptors } from './descriptors.js';
import {
  decodeHeader,
  encodeHeader,
  HEADER_SIZE,
  HeaderFlag,
  MAX_BODY_SIZE,
  MAX_DESCRIPTORS,
  type MessageHeader,
} from './header.js';

/** A message as it arrived. */
export interface Message {
  readonly header: MessageHeader;
  /** A private copy of the body. */
  readonly body: DataView;
  /** Closed after the handler of the message returned, unless taken. */
  readonly descriptors: ReceivedDescriptors;
}

/** Who a {@link MessageSocket} reports to. */
export interface MessageSocketEvents {
  /** A complete message. A thrown error is passed to `failed`. */
  message(message: Message): void;
  /** What the peer sent makes no sense, or `message` threw; `header` is that of the message, if it got that far. */
  failed(error: unknown, header: MessageHeader | undefined): void;
  /** The peer closed the connection between two messages, or it broke with an error. */
  ended(error: Error | undefined): void;
}

/** Places in the socket's memory. */
const INPUT = 0;
const OUTPUT = 8192;
const FDS_IN = 16384;
const FDS_OUT = FDS_IN + 4 * (1 + MAX_DESCRIPTORS);
const MEMORY_SIZE = FDS_OUT + 4 * MAX_DESCRIPTORS;
/** Messages handled before the event loop gets its turn. */
const MESSAGES_PER_TURN = 16;
/** How often to look whether the peer has left while a message of it waits unread, in milliseconds. */
const HANGUP_INTERVAL = 100;
/** The kernel's POLLHUP: both directions are shut. Polled for without being asked for. */
const POLLHUP = 0x10;

/**
 * A stream socket that carries vhost-user messages with descriptors, in both directions, whole or in pieces.
 *
 * While a message could not be sent completely, none is read: a peer that asks and does not listen makes nothing grow.
 */
export class MessageSocket implements Disposable {
  readonly #fd: number;
  readonly #events: MessageSocketEvents;
  readonly #memory = MappedMemory.anonymous(MEMORY_SIZE);
  readonly #window = this.#memory.windows[0]!;
  #watcher: Watcher | undefined;
  #watched = 0;
  #paused = false;
  /** While paused: the next message is there. */
  #more = false;
  #hangupTimer: NodeJS.Timeout | undefined;
  #closed = false;

  // The message that is coming in.
  #received = 0;
  #header: MessageHeader | undefined;
  #descriptors = new ReceivedDescriptors();

  // The message that is going out.
  #outputStart = 0;
  #outputEnd = 0;

  /**
   * @param fd - a connected stream socket; the MessageSocket owns it from here on, but not when the constructor throws
   * @throws SysError EPERM for a file, which nobody can wait for; EMFILE, ENOMEM
   */
  constructor(fd: number, events: MessageSocketEvents) {
    this.#fd = fd;
    this.#events = events;
    try {
      this.#watch();
    } catch (error) {
      this.#memory.unmap();
      throw error;
    }
  }

  /** The same, but the descriptor is closed when it cannot be used. @throws SysError as the constructor */
  static own(fd: number, events: MessageSocketEvents): MessageSocket {
    try {
      return new MessageSocket(fd, events);
    } catch (error) {
      raw.close(fd);
      throw error;
    }
  }

  /** Messages stay unread until {@link resume}; that the peer leaves is noticed all the same. */
  pause(): void {
    this.#paused = true;
    this.#more = false;
    this.#watch();
  }

  resume(): void {
    this.#paused = false;
    this.#watch();
  }

  /**
   * Sends a message. The descriptors stay the caller's, who may close them afterwards.
   *
   * @param flags - header flags without the version
   * @throws SysError when the connection is broken; RangeError for a body or descriptors beyond the protocol's limits
   */
  send(request: number, flags: number, body: Uint8Array, fds: readonly number[] = []): void {
    if (this.#closed) throw new SysError(EPIPE, 'sendmsg');
    if (body.length > MAX_BODY_SIZE || fds.length > MAX_DESCRIPTORS) throw new RangeError('message too long');
    // Only a reply can be pending here, and then no message is read that could be answered.
    if (this.#outputEnd > this.#outputStart) throw new SysError(EAGAIN, 'sendmsg');
    const { u8, view } = this.#window;
    encodeHeader(view, OUTPUT, request, flags, body.length);
    u8.set(body, OUTPUT + HEADER_SIZE);
    for (const [i, fd] of fds.entries()) view.setInt32(FDS_OUT + 4 * i, fd, true);
    this.#outputStart = OUTPUT;
    this.#outputEnd = OUTPUT + HEADER_SIZE + body.length;
    // Descriptors travel with the first byte.
    this.#flush(fds.length);
  }

  /** Closes the socket and the descriptors of an incomplete message. Idempotent; no event follows. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#watcher?.close();
    clearInterval(this.#hangupTimer);
    this.#descriptors.close();
    raw.close(this.#fd);
    this.#memory.unmap();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Watches for what can be done next. */
  #watch(): void {
    const wanted = this.#closed
      ? 0
      : this.#outputEnd > this.#outputStart
        ? WATCH_WRITABLE
        : this.#paused && this.#more
          ? 0
          : WATCH_READABLE;
    if (wanted === this.#watched) return;
    this.#watched = wanted;
    this.#watcher?.close();
    this.#watcher = wanted === 0 ? undefined : new Watcher(this.#fd, wanted, this.#ready);
    clearInterval(this.#hangupTimer);
    // Watching for reading would only say again and again that there is something to read.
    this.#hangupTimer = wanted === 0 ? setInterval(this.#lookForHangup, HANGUP_INTERVAL) : undefined;
  }

  readonly #lookForHangup = (): void => {
    if ((raw.poll(this.#fd, 0, 0) & POLLHUP) !== 0) this.#end();
  };

  readonly #ready = (events: number, error: number): void => {
    if (this.#closed) return;
    try {
      if (error !== 0) throw new SysError(error, 'poll');
      if ((events & WATCH_WRITABLE) !== 0) this.#flush(0);
      if ((events & WATCH_READABLE) === 0) return;
      if (this.#paused) this.#peek();
      else this.#read();
    } catch (error) {
      if (!this.#closed) this.#events.ended(error as Error);
    }
  };

  #flush(fdCount: number): void {
    let count = fdCount;
    while (this.#outputStart < this.#outputEnd) {
      const length = this.#outputEnd - this.#outputStart;
      const id = this.#window.id;
      const sent = raw.sendmsg(this.#fd, id, this.#outputStart, length, id, FDS_OUT, count, MSG_DONTWAIT);
      if (sent === -EAGAIN) {
        if (count === 0) break;
        // Nothing of this message is out: descriptors would have to be kept. Its sender has more to say than we can take.
        this.#outputEnd = this.#outputStart;
        throw new SysError(EAGAIN, 'sendmsg');
      }
      if (sent < 0) throw new SysError(-sent, 'sendmsg');
      this.#outputStart += sent;
      count = 0;
    }
    this.#watch();
  }

  #read(): void {
    for (let i = 0; i < MESSAGES_PER_TURN; i++) {
      if (this.#closed || this.#paused || this.#watched !== WATCH_READABLE) return;
      if (!this.#receiveHeader() || !this.#receiveUntil(HEADER_SIZE + this.#header!.size)) return;
      this.#deliver();
    }
  }

  /** Looks whether there is a message, or an end. */
  #peek(): void {
    const { id } = this.#window;
    const result = raw.recvmsg(this.#fd, id, INPUT, 1, id, FDS_IN, 0, MSG_DONTWAIT | MSG_PEEK);
    if (result === 0 || result === -ECONNRESET) {
      this.#end();
    } else if (result !== -EAGAIN) {
      // Also when descriptors wait, which the kernel cannot install where there is no room for them.
      this.#more = true;
      this.#watch();
    }
  }

  #receiveHeader(): boolean {
    if (this.#header !== undefined) return true;
    if (!this.#receiveUntil(HEADER_SIZE)) return false;
    try {
      this.#header = decodeHeader(this.#window.view, INPUT);
      return true;
    } catch (error) {
      this.#events.failed(error, undefined);
      return false;
    }
  }

  #deliver(): void {
    const header = this.#header!;
    const descriptors = this.#descriptors;
    const body = this.#window.u8.slice(INPUT + HEADER_SIZE, INPUT + HEADER_SIZE + header.size);
    this.#received = 0;
    this.#header = undefined;
    this.#descriptors = new ReceivedDescriptors();
    try {
      this.#events.message({ header, body: new DataView(body.buffer), descriptors });
    } catch (error) {
      if (!this.#closed) this.#events.failed(error, header);
    } finally {
      descriptors.close();
    }
  }

  /** @returns false when it takes more than there is, or the connection has ended */
  #receiveUntil(length: number): boolean {
    while (this.#received < length) {
      const id = this.#window.id;
      const result = raw.recvmsg(
        this.#fd,
        id,
        INPUT + this.#received,
        length - this.#received,
        id,
        FDS_IN,
        MAX_DESCRIPTORS - this.#descriptors.count,
        MSG_DONTWAIT,
      );
      if (result === -EAGAIN) return false;
      if (result === -EMFILE) {
        const error = new ProtocolError(
          'BAD_DESCRIPTORS',
          `a message with more than ${MAX_DESCRIPTORS} descriptors, or more than this process can open`,
        );
        this.#events.failed(error, this.#header);
        return false;
      }
      if (result < 0 && result !== -ECONNRESET) throw new SysError(-result, 'recvmsg');
      if (result <= 0) {
        this.#end();
        return false;
      }
      const count = this.#window.view.getInt32(FDS_IN, true);
      for (let i = 1; i <= count; i++)
        this.#descriptors.add(this.#window.view.getInt32(FDS_IN + 4 * i, true));
      this.#received += result;
    }
    return true;
  }

  #end(): void {
    const truncated = this.#received > 0;
    this.#events.ended(
      truncated
        ? new ProtocolError('TRUNCATED', `the peer left after ${this.#received} bytes of a message`)
        : undefined,
    );
  }
}

/** Flags of a message that answers another one. */
export const REPLY_FLAGS = HeaderFlag.REPLY;
