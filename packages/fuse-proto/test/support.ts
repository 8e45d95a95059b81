import { decode, encode } from '../src/abi/view.js';
import { InHeader, InitIn, OutHeader } from '../src/abi/views.js';
import { type FileSystem, FUSE_INIT, type Logger, Session, type SessionOptions } from '../src/index.js';
import { BufferExchange } from '../src/segments.js';

const encoder = new TextEncoder();

/** The bytes of a text, with a NUL behind. */
export const z = (text: string): Uint8Array => encoder.encode(`${text}\0`);
export const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

type HeaderValues = Parameters<InHeader['assign']>[0];

/** A request: header with the right length (unless `header` says otherwise), then the given parts. */
export function request(opcode: number, header: HeaderValues, ...parts: readonly Uint8Array[]): Uint8Array {
  const body = concat(...parts);
  const len = InHeader.SIZE + body.length;
  return concat(encode(InHeader, { len, opcode, unique: 7, nodeid: 1, ...header }), body);
}

/** A reply taken apart, after checking what must hold for every reply. */
export interface Reply {
  /** 0 or −errno. */
  readonly error: number;
  readonly payload: Uint8Array;
  readonly header: OutHeader;
}

/** What a peer would insist on: throws if the bytes are no reply to the request `unique`. */
export function parse(reply: Uint8Array, unique?: number | bigint): Reply {
  if (reply.length < OutHeader.SIZE) throw new Error(`a reply of ${reply.length} bytes`);
  const header = decode(OutHeader, reply);
  if (header.len !== reply.length) throw new Error(`len ${header.len} in a reply of ${reply.length} bytes`);
  if (header.error > 0 || header.error <= -512) throw new Error(`error ${header.error}`);
  if (header.error !== 0 && reply.length !== OutHeader.SIZE) throw new Error('an error with a payload');
  if (unique !== undefined && BigInt(header.unique) !== BigInt(unique)) {
    throw new Error(`a reply to ${header.unique}`);
  }
  return { error: header.error, payload: reply.subarray(OutHeader.SIZE), header };
}

export const INIT_VALUES = { major: 7, minor: 38, max_readahead: 131072, flags: 0 };

/** Sends INIT and returns its reply. */
export function init(session: Session, values: Parameters<InitIn['assign']>[0] = {}): Reply {
  const exchange = new BufferExchange(request(FUSE_INIT, {}, encode(InitIn, { ...INIT_VALUES, ...values })));
  session.dispatch(exchange);
  return parse(exchange.reply);
}

/** Keeps what is logged. */
export class TestLog implements Logger {
  readonly lines: string[] = [];
  error = (message: string) => void this.lines.push(message);
  warn = this.error;
  info = this.error;
  debug = this.error;
}

/** A session that has seen INIT, and what it logs. */
export function started(fs: FileSystem, options: SessionOptions = {}): { session: Session; log: TestLog } {
  const log = new TestLog();
  const session = new Session(fs, { log, ...options });
  init(session, { flags: 0x7fff_ffff, flags2: 0xffff_ffff });
  return { session, log };
}

/** Sends one request that is answered at once. */
export function call(session: Session, bytes: Uint8Array, room = 4096): Reply {
  const exchange = new BufferExchange(bytes, room);
  session.dispatch(exchange);
  if (!exchange.done) throw new Error('not answered yet');
  return parse(exchange.reply, bytes.length >= 16 ? decode(InHeader, bytes).unique : undefined);
}
