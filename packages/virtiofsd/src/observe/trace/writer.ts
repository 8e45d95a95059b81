import { writeSync } from 'node:fs';
import type { ObservedRequest } from '@vfs/fuse-proto';
import { MonotonicClock } from '@vfs/sys';
import type { Logger } from '../../log.js';
import { DataPart } from './data-part.js';
import { CUT, Entry, Header, Kind, MAGIC, MESSAGE_LIMIT, storeTime, VERSION } from './format.js';

/** Records are kept back for so long at most, in milliseconds. */
const FLUSH_AFTER = 1000;
const SMALLEST_BUFFER = 256 << 10;

/** How a recording is made. */
export interface TraceWriterOptions {
  /** Bytes of the data of each message, at most DATA_LIMIT. */
  readonly data: number;
  /** Bytes of the file, at most. */
  readonly limit: number;
  /** Plain data that says what is recorded. */
  readonly description: Readonly<Record<string, unknown>>;
  readonly log: Logger;
}

/**
 * Records requests and replies in a file: see `format.ts`. What it keeps in memory is one buffer of fixed size. Where it cannot
 * write, it says so and stops recording; the requests do not notice.
 */
export class TraceWriter implements Disposable {
  readonly #fd: number;
  readonly #data: number;
  readonly #limit: number;
  readonly #log: Logger;
  readonly #buffer: Buffer;
  readonly #view: DataView;
  readonly #parts = new DataPart();
  readonly #origin = MonotonicClock.now();
  #used = 0;
  #written = 0;
  #recording = true;
  #timer: NodeJS.Timeout | undefined;

  /** @param fd - an empty file, which stays the caller's to close */
  constructor(fd: number, { data, limit, description, log }: TraceWriterOptions) {
    this.#fd = fd;
    this.#data = data;
    this.#limit = limit;
    this.#log = log;
    this.#buffer = Buffer.alloc(Math.max(SMALLEST_BUFFER, 2 * (Entry.SIZE + MESSAGE_LIMIT + data)));
    this.#view = new DataView(this.#buffer.buffer, this.#buffer.byteOffset, this.#buffer.length);
    this.#begin(Buffer.from(JSON.stringify(description)));
  }

  /** Bytes recorded so far. */
  get bytes(): number {
    return this.#written + this.#used;
  }

  /** A request has arrived. @param time - of {@link MonotonicClock} */
  request(request: ObservedRequest, time: number): void {
    if (!this.#recording) return;
    const { held, exchange } = request;
    const there = Math.min(request.length, exchange.readable.byteLength);
    const length = this.#shortened(there, this.#parts.ofRequest(request));
    const at = this.#room(length);
    const body = at + Entry.SIZE;
    const fromCopy = Math.min(held, length);
    this.#buffer.set(request.request.subarray(0, fromCopy), body);
    if (length > fromCopy) {
      exchange.readable.copyOut(fromCopy, this.#buffer, body + fromCopy, length - fromCopy);
    }
    this.#add(at, Kind.request, length < request.length, time, exchange.writable.byteLength, length);
  }

  /** A request is answered. @param length - of the reply @param time - of {@link MonotonicClock} */
  reply(request: ObservedRequest, length: number, time: number): void {
    if (!this.#recording || length === 0) return;
    const recorded = this.#shortened(length, this.#parts.ofReply(request, length));
    const at = this.#room(recorded);
    const body = at + Entry.SIZE;
    const fromCopy = Math.min(request.replyHeld, recorded);
    this.#buffer.set(request.reply.subarray(0, fromCopy), body);
    if (recorded > fromCopy) {
      request.exchange.writable.copyOut(fromCopy, this.#buffer, body + fromCopy, recorded - fromCopy);
    }
    this.#add(at, Kind.reply, recorded < length, time, 0, recorded);
  }

  /** Writes what is kept back. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    let done = 0;
    try {
      while (done < this.#used) done += writeSync(this.#fd, this.#buffer, done, this.#used - done);
    } catch (error) {
      this.#recording = false;
      this.#log.error(`the recording ends here, it cannot be written: ${(error as Error).message}`);
    }
    this.#written += done;
    this.#used = 0;
  }

  [Symbol.dispose](): void {
    this.flush();
    this.#recording = false;
  }

  #begin(description: Buffer): void {
    const view = this.#view;
    const length = Header.SIZE + description.length;
    this.#buffer.set(MAGIC);
    view.setUint16(Header.version, VERSION, true);
    view.setUint16(Header.length, length, true);
    view.setUint32(Header.data, this.#data, true);
    storeTime(view, Header.startedLo, Date.now() * 1e6);
    this.#buffer.set(description, Header.SIZE);
    this.#used = length;
    this.flush();
  }

  /** How much is recorded of a message. @param data - where its data begins */
  #shortened(length: number, data: number): number {
    if (data < length) return Math.min(length, data + this.#data);
    return Math.min(length, MESSAGE_LIMIT);
  }

  /** Makes room for a record. @returns where it begins */
  #room(length: number): number {
    if (this.#used + Entry.SIZE + length > this.#buffer.length) this.flush();
    return this.#used;
  }

  #add(at: number, kind: number, cut: boolean, time: number, room: number, length: number): void {
    const size = Entry.SIZE + length;
    if (this.bytes + size + Entry.SIZE > this.#limit && kind !== Kind.full) {
      this.#add(at, Kind.full, false, time, 0, 0);
      this.flush();
      this.#recording = false;
      this.#log.warn('the recording ends here: it has reached --trace-limit');
      return;
    }
    const view = this.#view;
    view.setUint32(at + Entry.size, size, true);
    view.setUint32(at + Entry.kind, kind | (cut ? CUT << 8 : 0), true);
    storeTime(view, at + Entry.timeLo, time - this.#origin);
    view.setUint32(at + Entry.room, room, true);
    this.#used = at + size;
    this.#timer ??= setTimeout(() => this.flush(), FLUSH_AFTER).unref();
  }
}
