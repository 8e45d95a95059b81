import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { errorCode, StartError } from '../../start-error.js';
import { CUT, DATA_LIMIT, Entry, Header, Kind, loadTime, MAGIC, MESSAGE_LIMIT, VERSION } from './format.js';

/** One message of a recording. */
export interface TraceRecord {
  readonly kind: 'request' | 'reply' | 'full';
  /** The message was longer. */
  readonly cut: boolean;
  /** Since the beginning of the recording, in nanoseconds. */
  readonly time: number;
  /** Of a request: how many bytes the guest had left for the reply. */
  readonly room: number;
  /** The FUSE message, valid until the next record is read. */
  readonly message: Buffer;
}

const KINDS: Readonly<Record<number, TraceRecord['kind']>> = {
  [Kind.request]: 'request',
  [Kind.reply]: 'reply',
  [Kind.full]: 'full',
};

const LONGEST_RECORD = Entry.SIZE + MESSAGE_LIMIT + DATA_LIMIT;
const CHUNK = 1 << 20;
/** The shortest FUSE message is the header of a reply. */
const SHORTEST_MESSAGE = { request: 0, reply: 16, full: 0 } as const;

/** Reads a recording, record by record: memory does not depend on how long it is. */
export class TraceReader implements Disposable {
  /** When it began, in milliseconds since 1970. */
  readonly started: number;
  /** How many bytes of data each message was to have at most. */
  readonly data: number;
  /** What the daemon said about itself. */
  readonly description: unknown;
  /** It ends in the midst of a record: the daemon was killed. */
  torn = false;
  readonly #fd: number;
  readonly #path: string;
  #buffer = Buffer.alloc(CHUNK + LONGEST_RECORD);
  #from = 0;
  #to = 0;
  #end = false;

  /** @throws StartError when it is no recording that can be read */
  constructor(path: string) {
    this.#path = path;
    try {
      this.#fd = openSync(path, 'r');
    } catch (error) {
      throw new StartError(`the recording '${path}' cannot be read (${errorCode(error)}): give another file`);
    }
    try {
      if (!fstatSync(this.#fd).isFile()) throw this.#unusable('it is not a regular file');
      const header = this.#need(Header.SIZE);
      if (!header?.subarray(0, MAGIC.length).equals(MAGIC)) throw this.#unusable('it is no recording');
      const version = header.readUInt16LE(Header.version);
      if (version !== VERSION) throw this.#unusable(`it has version ${version}, known is ${VERSION}`);
      const length = header.readUInt16LE(Header.length);
      this.data = header.readUInt32LE(Header.data);
      this.started = loadTime(viewOf(header), Header.startedLo) / 1e6;
      const whole = this.#need(length);
      if (length < Header.SIZE || !whole) throw this.#unusable('its header is cut off');
      this.description = parse(whole.toString('utf8', Header.SIZE));
      this.#from += length;
    } catch (error) {
      closeSync(this.#fd);
      throw error;
    }
  }

  /** The records in their order. @throws StartError at one that cannot be */
  *records(): Generator<TraceRecord> {
    for (;;) {
      const start = this.#need(Entry.SIZE);
      if (!start) break;
      const size = start.readUInt32LE(Entry.size);
      if (size < Entry.SIZE || size > LONGEST_RECORD) throw this.#unusable(`a record has ${size} bytes`);
      const record = this.#need(size);
      if (!record) break;
      this.#from += size;
      const kind = KINDS[record[Entry.kind]!];
      if (kind === undefined) continue;
      const message = record.subarray(Entry.SIZE);
      if (message.length < SHORTEST_MESSAGE[kind])
        throw this.#unusable(`a ${kind} has ${message.length} bytes`);
      const cut = (record[Entry.flags]! & CUT) !== 0;
      const room = record.readUInt32LE(Entry.room);
      yield { kind, cut, time: loadTime(viewOf(record), Entry.timeLo), room, message };
    }
    this.torn = this.#to > this.#from;
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }

  /** The next bytes, without taking them; undefined when there are not so many. */
  #need(length: number): Buffer | undefined {
    while (this.#to - this.#from < length && !this.#end) this.#fill();
    if (this.#to - this.#from < length) return undefined;
    return this.#buffer.subarray(this.#from, this.#from + length);
  }

  #fill(): void {
    this.#buffer.copy(this.#buffer, 0, this.#from, this.#to);
    this.#to -= this.#from;
    this.#from = 0;
    const count = readSync(this.#fd, this.#buffer, this.#to, this.#buffer.length - this.#to, null);
    if (count === 0) this.#end = true;
    this.#to += count;
  }

  #unusable(why: string): StartError {
    return new StartError(`the recording '${this.#path}' cannot be used: ${why}`);
  }
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
