import { expect, test } from 'vitest';
import * as fuse from '../src/index.js';
import { call, init, request, started, TestLog, z } from './support.js';

const { encode, BufferExchange, Session } = fuse;

/** Notes what it is told, one line for each call. */
class Notes implements fuse.SessionObserver {
  readonly lines: string[] = [];
  readonly requests: Uint8Array[] = [];

  arrived(request: fuse.ObservedRequest): void {
    this.#note('arrived', request, '');
    this.requests.push(request.request.slice(0, request.held));
    expect(request.mark).toBe(-1);
    request.mark = 0.5;
  }

  waits(request: fuse.ObservedRequest): void {
    this.#note('waits', request, '');
  }

  answered(request: fuse.ObservedRequest, result: number, length: number): void {
    expect(request.mark).toBe(0.5);
    this.#note('answered', request, ` ${result} in ${length}`);
  }

  #note(what: string, { opcode, uniqueLo, nodeid }: fuse.ObservedRequest, more: string): void {
    this.lines.push(`${what} ${fuse.opcodeName(opcode)} ${uniqueLo} of ${nodeid}${more}`);
  }
}

function observed(fs: fuse.FileSystem) {
  const notes = new Notes();
  const { session, log } = started(fs, { observer: notes });
  notes.lines.length = 0;
  notes.requests.length = 0;
  return { session, log, notes };
}

test('an observer hears of a request, of its answer, and of INIT too', () => {
  const notes = new Notes();
  const session = new Session({ lookup: () => -fuse.ENOENT, read: () => 5 }, { observer: notes });
  init(session);
  call(session, request(fuse.FUSE_LOOKUP, { nodeid: 3 }, z('name')));
  call(session, request(fuse.FUSE_READ, {}, encode(fuse.ReadIn, { size: 9 })));
  expect(notes.lines).toEqual([
    'arrived INIT 7 of 1',
    'answered INIT 7 of 1 0 in 80',
    'arrived LOOKUP 7 of 3',
    `answered LOOKUP 7 of 3 ${-fuse.ENOENT} in 16`,
    'arrived READ 7 of 1',
    'answered READ 7 of 1 5 in 21',
  ]);
});

test('what an observer sees of a request is what was asked, even if the file system changes it', () => {
  const { session, notes } = observed({
    mkdir(ctx, _parent, _name, input) {
      ctx.uid = 99;
      input.mode = 0;
      return 0;
    },
  });
  const bytes = request(
    fuse.FUSE_MKDIR,
    { uid: 5 },
    encode(fuse.MkdirIn, { mode: 0o755 }),
    z('a'.repeat(200)),
  );
  call(session, bytes);
  expect(notes.requests).toEqual([bytes]);
});

test('of the data of a WRITE an observer has the beginning, and the rest in the exchange', () => {
  const { session, notes } = observed({ write: (_ctx, _node, _input, source) => source.length });
  const bytes = request(
    fuse.FUSE_WRITE,
    {},
    encode(fuse.WriteIn, { size: 1000 }),
    new Uint8Array(1000).fill(7),
  );
  call(session, bytes);
  expect(notes.requests).toEqual([bytes.slice(0, 128)]);
  expect(notes.lines.at(-1)).toBe('answered WRITE 7 of 1 1000 in 24');
});

test('an observer hears when an answer is late', async () => {
  let settle = (_outcome: number) => {};
  const { session, notes } = observed({
    statfs: () => new Promise<number>((resolve) => (settle = resolve)),
    getattr: () => 0,
  });
  const exchange = new BufferExchange(request(fuse.FUSE_STATFS, { unique: 8 }));
  session.dispatch(exchange);
  call(session, request(fuse.FUSE_GETATTR, {}, encode(fuse.GetattrIn, {})));
  settle(0);
  await exchange.replied;
  expect(notes.lines).toEqual([
    'arrived STATFS 8 of 1',
    'waits STATFS 8 of 1',
    'arrived GETATTR 7 of 1',
    'answered GETATTR 7 of 1 0 in 120',
    'answered STATFS 8 of 1 0 in 96',
  ]);
});

test('an observer hears of what is malformed, unknown, or has no answer', () => {
  const { session, notes } = observed({ read: () => 1.5, forget: () => {} });
  const exchange = (bytes: Uint8Array) => session.dispatch(new BufferExchange(bytes));
  exchange(new Uint8Array(3));
  exchange(request(fuse.FUSE_GETATTR, { len: 41, nodeid: 9 }, new Uint8Array(1)));
  exchange(request(63, { nodeid: 9 }));
  exchange(request(fuse.FUSE_READ, { nodeid: 9 }, encode(fuse.ReadIn, { size: 9 })));
  exchange(request(fuse.FUSE_FORGET, { nodeid: 9 }, encode(fuse.ForgetIn, { nlookup: 1 })));
  expect(notes.lines).toEqual([
    'arrived 0 0 of 0',
    `answered 0 0 of 0 ${-fuse.EINVAL} in 16`,
    'arrived GETATTR 7 of 0',
    `answered GETATTR 7 of 0 ${-fuse.ENOSYS} in 16`,
    'arrived 63 7 of 0',
    `answered 63 7 of 0 ${-fuse.ENOSYS} in 16`,
    'arrived READ 7 of 9',
    `answered READ 7 of 9 ${-fuse.EIO} in 16`,
    'arrived FORGET 7 of 9',
    'answered FORGET 7 of 9 0 in 0',
  ]);
  expect(notes.requests.map((bytes) => bytes.length)).toEqual([0, 41, 40, 80, 48]);
});

test('an observer that throws harms nobody', async () => {
  const broken = () => {
    throw new Error('broken');
  };
  const log = new TestLog();
  const observer = { arrived: broken, waits: broken, answered: broken };
  const session = new Session({ getattr: () => 0, statfs: async () => 0 }, { observer, log });
  init(session);
  expect(call(session, request(fuse.FUSE_GETATTR, {}, encode(fuse.GetattrIn, {}))).error).toBe(0);
  const exchange = new BufferExchange(request(fuse.FUSE_STATFS, {}));
  session.dispatch(exchange);
  expect(fuse.decodeReply(await exchange.replied).error).toBe(0);
  expect(log.lines.filter((line) => line.includes('the observer failed'))).toHaveLength(7);
});
