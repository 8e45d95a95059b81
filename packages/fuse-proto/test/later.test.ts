import { describe, expect, it } from 'vitest';
import {
  BufferExchange,
  decodeReply,
  EIO,
  ENOTCONN,
  encode,
  encodeRequest,
  type FileSystem,
  FUSE_INIT,
  FUSE_STATFS,
  InitIn,
  Later,
  Session,
  traced,
} from '../src/index.js';

/** A session over a file system whose STATFS is answered by what `next` gives. */
function sessionOf(next: () => PromiseLike<number>, layer = (fs: FileSystem) => fs): Session {
  const session = new Session(layer({ statfs: () => next() }));
  const init = encode(InitIn, { major: 7, minor: 38, max_readahead: 0, flags: 0 });
  session.dispatch(new BufferExchange(encodeRequest(FUSE_INIT, { unique: 1 }, init)));
  return session;
}

function ask(session: Session, unique = 2): BufferExchange {
  const exchange = new BufferExchange(encodeRequest(FUSE_STATFS, { unique, nodeid: 1 }));
  session.dispatch(exchange);
  return exchange;
}

const errorOf = (exchange: BufferExchange): number => decodeReply(exchange.reply).error;

describe('Later', () => {
  it('answers the request when it is settled, within that very call', () => {
    const later = new Later();
    const session = sessionOf(() => later);
    const exchange = ask(session);
    expect([exchange.done, session.inFlight]).toEqual([false, 1]);
    expect(later.settle(-EIO)).toBe(true);
    expect([exchange.done, session.inFlight]).toEqual([true, 0]);
    expect(errorOf(exchange)).toBe(-EIO);
  });

  it('serves one request after the other', () => {
    const later = new Later();
    const session = sessionOf(() => later);
    for (let unique = 2; unique < 100; unique++) {
      const exchange = ask(session, unique);
      expect(later.settle(unique % 2 === 0 ? 0 : -EIO)).toBe(true);
      expect(errorOf(exchange)).toBe(unique % 2 === 0 ? 0 : -EIO);
    }
  });

  it('may be settled before it is returned', () => {
    const session = sessionOf(() => {
      const later = new Later();
      expect(later.settle(-EIO)).toBe(false);
      return later;
    });
    const exchange = ask(session);
    expect(errorOf(exchange)).toBe(-EIO);
    expect(session.inFlight).toBe(0);
  });

  it('can be awaited, and is then not to be used again', async () => {
    const before = new Later();
    before.settle(3);
    expect(await before).toBe(3);
    const after = new Later();
    const results = Promise.all([after, after.then((outcome) => outcome + 1)]);
    await Promise.resolve();
    expect(after.settle(5)).toBe(false);
    expect(await results).toEqual([5, 6]);
    expect(await after).toBe(5);
  });

  it('passes through layers that wait for results', async () => {
    const told: number[] = [];
    const later = new Later();
    const session = sessionOf(
      () => later,
      (fs) => traced(fs, (method, _node, outcome) => method === 'statfs' && told.push(outcome)),
    );
    const exchange = ask(session);
    expect(later.settle(-EIO)).toBe(false);
    expect(decodeReply(await exchange.replied).error).toBe(-EIO);
    expect(told).toEqual([-EIO]);
  });

  it('of a session that was reset answers ENOTCONN, in whatever order', () => {
    const laters = Array.from({ length: 5 }, () => new Later());
    let next = 0;
    const session = sessionOf(() => laters[next++]!);
    const exchanges = laters.map((_, i) => ask(session, i + 2));
    laters[1]!.settle(0);
    session.reset();
    for (const i of [3, 0, 4, 2]) {
      laters[i]!.settle(0);
      expect(errorOf(exchanges[i]!)).toBe(-ENOTCONN);
    }
    expect(errorOf(exchanges[1]!)).toBe(0);
    expect(session.inFlight).toBe(0);
  });
});
