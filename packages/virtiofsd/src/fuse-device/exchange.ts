import type { Exchange } from '@vfs/fuse-proto';
import { MappedMemory, type MemoryWindow, SegmentList } from '@vfs/sys';

const PAGE_SIZE = 4096;
/** fuse_in_header and fuse_write_in: what precedes the data of a WRITE. */
const WRITE_PREFIX = 80;
/** fuse_out_header: what precedes the data of a READ. */
const READ_PREFIX = 16;
/** Where the tables of the segment lists lie: at the beginning, 12 bytes each. */
const TABLE_STEP = 16;
/** The request begins in the first page, behind the tables, so that a WRITE's data begins with the second. */
const REQUEST_AT = PAGE_SIZE - WRITE_PREFIX;
/** What a request or reply may have beside its data: arguments, names, extensions. */
const OVERHEAD = PAGE_SIZE;

/** The sizes of an exchange's buffers, in bytes of data: WRITE's and READ's. */
export interface ExchangeSizes {
  readonly maxWrite: number;
  readonly maxRead: number;
}

/**
 * One request of the kernel and the room for its reply, in private memory of its own. It is read whole, by one call, and the reply
 * is written whole, by another; only pages that were touched take memory.
 *
 * The data of reads and writes is aligned to pages, for files that are opened O_DIRECT.
 */
export class DeviceExchange implements Exchange {
  readonly sizes: ExchangeSizes;
  /** Room for a request: to be read into. */
  readonly room: SegmentList;
  /** The request, once {@link begin} was called. */
  readonly readable: SegmentList;
  readonly writable: SegmentList;
  readonly #memory: MappedMemory;
  readonly #window: MemoryWindow;
  readonly #replyAt: number;
  readonly #complete: (exchange: DeviceExchange, length: number) => void;

  /** @throws SysError ENOMEM */
  constructor(sizes: ExchangeSizes, complete: (exchange: DeviceExchange, length: number) => void) {
    this.sizes = sizes;
    this.#complete = complete;
    const requestSize = WRITE_PREFIX + roundUp(sizes.maxWrite) + OVERHEAD;
    const replyPage = REQUEST_AT + requestSize + PAGE_SIZE;
    this.#replyAt = replyPage - READ_PREFIX;
    const replySize = READ_PREFIX + roundUp(sizes.maxRead) + OVERHEAD;
    this.#memory = MappedMemory.anonymous(this.#replyAt + replySize);
    const window = this.#memory.windows[0]!;
    this.#window = window;
    this.room = new SegmentList(1, { window, offset: 0 });
    this.room.add(window, REQUEST_AT, requestSize);
    this.readable = new SegmentList(1, { window, offset: TABLE_STEP });
    this.writable = new SegmentList(1, { window, offset: 2 * TABLE_STEP });
    this.writable.add(window, this.#replyAt, replySize);
  }

  /** A request of `length` bytes is in the room. */
  begin(length: number): void {
    this.readable.clear();
    this.readable.add(this.#window, REQUEST_AT, length);
  }

  complete(length: number): void {
    this.#complete(this, length);
  }

  /** `opcode` of the request's header. */
  get opcode(): number {
    return this.#window.u32[(REQUEST_AT >> 2) + 1]!;
  }

  /** `error` of the reply's header: 0 or −errno. */
  get replyError(): number {
    return this.#window.i32[(this.#replyAt >> 2) + 1]!;
  }

  /** Makes the reply one without payload that says `error` (−errno). Returns its length. */
  refuse(error: number): number {
    const { u32, i32 } = this.#window;
    const request = REQUEST_AT >> 2;
    const reply = this.#replyAt >> 2;
    u32[reply] = READ_PREFIX;
    i32[reply + 1] = error;
    u32[reply + 2] = u32[request + 2]!;
    u32[reply + 3] = u32[request + 3]!;
    return READ_PREFIX;
  }

  /** Frees the memory: nobody may use the exchange any more. */
  free(): void {
    this.#memory.unmap();
  }
}

function roundUp(size: number): number {
  return Math.ceil(size / PAGE_SIZE) * PAGE_SIZE;
}
