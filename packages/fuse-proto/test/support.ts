import {
  BufferExchange,
  decode,
  decodeReply,
  encode,
  encodeRequest,
  type FileSystem,
  FUSE_INIT,
  InHeader,
  InitIn,
  type Logger,
  type Reply,
  type RequestHeader,
  Session,
  type SessionOptions,
} from '../src/index.js';

const encoder = new TextEncoder();

/** The bytes of a text, with a NUL behind. */
export const z = (text: string): Uint8Array => encoder.encode(`${text}\0`);
export const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** A request, by default number 7 to node 1. */
export function request(opcode: number, header: RequestHeader, ...body: readonly Uint8Array[]): Uint8Array {
  return encodeRequest(opcode, { unique: 7, nodeid: 1, ...header }, ...body);
}

export const INIT_VALUES = { major: 7, minor: 38, max_readahead: 131072, flags: 0 };

/** Sends INIT and returns its reply. */
export function init(session: Session, values: Parameters<InitIn['assign']>[0] = {}): Reply {
  const exchange = new BufferExchange(request(FUSE_INIT, {}, encode(InitIn, { ...INIT_VALUES, ...values })));
  session.dispatch(exchange);
  return decodeReply(exchange.reply);
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
  return decodeReply(exchange.reply, bytes.length >= 16 ? decode(InHeader, bytes).unique : undefined);
}
