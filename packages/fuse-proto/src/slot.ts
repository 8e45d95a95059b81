import { EntryOut, InHeader, OpenOut, OutHeader, RemovemappingOne, SetxattrIn } from './abi/views.js';
import { Context } from './context.js';
import { BytesOut, DataRange } from './data.js';
import { DirentList, DirentPlusList } from './dirent-list.js';
import { EINVAL } from './errno.js';
import { BytesIn, Name } from './name.js';
import type { ObservedRequest } from './observer.js';
import type { Operation } from './operations/operation.js';
import { ByteSegments, type Exchange, type Segments } from './segments.js';
import { Inputs, Outputs } from './slot-views.js';

/** Room of a slot for requests and for replies, in bytes; what needs more borrows it for one request. */
const BUFFER_SIZE = 8192;
/** Replies up to this size keep their buffer: readers of large directories come back for more. */
const RETAINED_REPLY_SIZE = 128 << 10;
/** Copied in one go: header and arguments of every request, and short names. */
const PREFIX = 128;

const NOTHING = new ByteSegments(new Uint8Array(0));

/** Stands in between requests. */
const NO_EXCHANGE: Exchange = { readable: NOTHING, writable: NOTHING, complete: () => {} };

/**
 * Everything that one request needs while it is served: private copies of the request and of its reply, and
 * the objects through which a file system sees them. Slots are pooled, so that serving allocates nothing.
 */
export class Slot implements ObservedRequest {
  exchange: Exchange = NO_EXCHANGE;
  operation: Operation | undefined;
  /** Which session (between two resets) the request belongs to. */
  epoch = 0;
  /** The transport does not want the exchange back. */
  abandoned = false;
  /** Where it is among the requests that wait, if it does. */
  place = 0;
  /** Takes a result that comes late. */
  settled: ((outcome: number) => void) | undefined;
  /** It was canceled by the session, not by the peer. */
  hurried = false;
  opcode = 0;
  /** `len` of the header, once it has been checked. */
  length = 0;
  nodeid = 0;
  /** Second node of a request that names two. */
  nodeid2 = 0;
  /** Bytes of payload that the writable part can take; negative if not even the header fits. */
  room = 0;
  /** Bytes of payload in a reply whose length is not known in advance. */
  payload = 0;
  /** The file system was not asked; only kept for an observer. */
  malformed = false;
  /** The observer's. Not a small integer at first: then storing other numbers would allocate. */
  mark = Number.NaN;

  request = new Uint8Array(BUFFER_SIZE);
  requestData = new DataView(this.request.buffer);
  reply = new Uint8Array(BUFFER_SIZE);
  replyData = new DataView(this.reply.buffer);

  readonly header = new InHeader(this.requestData);
  readonly input = new Inputs(this.requestData, InHeader.SIZE);
  readonly output = new Outputs(this.replyData, OutHeader.SIZE);
  /** open_out where it follows an entry_out. */
  readonly openAfterEntry = new OpenOut(this.replyData, OutHeader.SIZE + EntryOut.SIZE);
  readonly mapping = new RemovemappingOne(this.requestData);

  readonly context = new Context(this.header);
  readonly name = new Name();
  readonly name2 = new Name();
  readonly value = new BytesIn();
  readonly data = new DataRange();
  readonly bytes = new BytesOut();
  readonly dirents = new DirentList();
  readonly direntsPlus = new DirentPlusList();

  /** How much of the request has been copied. */
  #fetched = 0;
  readonly #longSetxattr = new SetxattrIn(new DataView(new ArrayBuffer(SetxattrIn.SIZE)));
  #ownRequest = this.request;
  #replyWords = new Float64Array(this.reply.buffer);

  /**
   * Takes on an exchange: copies the start of its request and measures the room for the reply.
   * Returns how many bytes the readable part has.
   */
  begin(exchange: Exchange): number {
    this.exchange = exchange;
    // Without the request's id there can be no reply.
    this.room = -1;
    const available = exchange.readable.byteLength;
    if (available < InHeader.SIZE) this.request.fill(0, 0, InHeader.SIZE);
    this.#fetched = Math.min(available, PREFIX);
    exchange.readable.copyOut(0, this.request, 0, this.#fetched);
    this.room = exchange.writable.byteLength - OutHeader.SIZE;
    return available;
  }

  /** Forgets what an observer could take for this request's, should it be too malformed to have its own. */
  forgetOthers(): void {
    this.malformed = true;
    if (this.exchange.readable.byteLength < InHeader.SIZE) this.length = 0;
    this.nodeid = 0;
  }

  get uniqueLo(): number {
    return this.header.unique_lo;
  }

  get uniqueHi(): number {
    return this.header.unique_hi;
  }

  get held(): number {
    return Math.min(this.length, this.malformed ? Math.min(this.#fetched, PREFIX) : this.#fetched);
  }

  get replyHeld(): number {
    return this.operation?.inPlace ? OutHeader.SIZE : this.replyData.getUint32(0, true);
  }

  /** Copies the request as far as `end`, beyond what `begin` has copied. */
  fetch(end: number): void {
    if (end <= PREFIX) return;
    if (end > this.request.length) this.#growRequest(end);
    this.#fetched = end;
    this.exchange.readable.copyOut(PREFIX, this.request, PREFIX, end - PREFIX);
  }

  /** Takes `size` bytes of `segments` at `position` in place of the request's fixed part. */
  fetchPart(segments: Segments, position: number, size: number): void {
    segments.copyOut(position, this.request, InHeader.SIZE, size);
  }

  /** Sets the first `size` bytes of the payload to zero; `size` is a multiple of 8. */
  clearPayload(size: number): void {
    // By words in a loop: the built-in `fill` costs more than the whole rest of a GETATTR.
    const words = this.#replyWords;
    const end = (OutHeader.SIZE + size) >> 3;
    for (let i = OutHeader.SIZE >> 3; i < end; i++) words[i] = 0;
  }

  /** Makes sure that the reply buffer has `size` bytes of payload. */
  needPayload(size: number): void {
    const needed = OutHeader.SIZE + size;
    if (needed > this.reply.length) this.#setReply(new Uint8Array((needed + 7) & ~7));
  }

  /** Sets `data` to the part of the request that follows the fixed part of `size` bytes. */
  takeData(size: number, length: number): number {
    const position = InHeader.SIZE + size;
    if (length > this.length - position) return -EINVAL;
    this.data.set(this.exchange.readable, position, length);
    return 0;
  }

  /** The short form of setxattr_in as the long one: what follows it in the request are no fields. */
  expandSetxattr(): SetxattrIn {
    const { size, flags } = this.input.setxattr;
    this.#longSetxattr.size = size;
    this.#longSetxattr.flags = flags;
    return this.#longSetxattr;
  }

  /** Offers `bytes` with room for `capacity` bytes from `at` of the payload on. */
  offerBytes(capacity: number, at = 0): BytesOut {
    this.needPayload(at + capacity);
    const { bytes } = this;
    bytes.buffer = this.reply;
    bytes.offset = OutHeader.SIZE + at;
    bytes.capacity = capacity;
    bytes.length = 0;
    return bytes;
  }

  /** Forgets the request and everything that was borrowed for it. */
  end(): void {
    this.exchange = NO_EXCHANGE;
    this.operation = undefined;
    this.abandoned = false;
    this.hurried = false;
    this.context.reset();
    this.data.release();
    if (this.request !== this.#ownRequest) this.#setRequest(this.#ownRequest);
    if (this.reply.length > RETAINED_REPLY_SIZE) this.#setReply(new Uint8Array(BUFFER_SIZE));
  }

  #growRequest(size: number): void {
    const grown = new Uint8Array(size);
    grown.set(this.request.subarray(0, PREFIX));
    this.#setRequest(grown);
  }

  #setRequest(bytes: Uint8Array<ArrayBuffer>): void {
    this.request = bytes;
    this.requestData = new DataView(bytes.buffer);
    this.header.attach(this.requestData, 0);
    this.input.attach(this.requestData, InHeader.SIZE);
    this.mapping.attach(this.requestData, 0);
  }

  #setReply(bytes: Uint8Array<ArrayBuffer>): void {
    this.reply = bytes;
    this.replyData = new DataView(bytes.buffer);
    this.#replyWords = new Float64Array(bytes.buffer);
    this.output.attach(this.replyData, OutHeader.SIZE);
    this.openAfterEntry.attach(this.replyData, OutHeader.SIZE + EntryOut.SIZE);
  }
}

/** Slots that wait for a request. At most `keep` of them are kept: what a burst needed above goes. */
export class SlotPool {
  readonly #free: Slot[] = [];
  readonly #keep: number;

  constructor(keep = 128) {
    this.#keep = keep;
  }

  take(): Slot {
    return this.#free.pop() ?? new Slot();
  }

  give(slot: Slot): void {
    slot.end();
    if (this.#free.length < this.#keep) this.#free.push(slot);
  }
}
