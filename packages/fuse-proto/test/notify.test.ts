import { expect, test } from 'vitest';
import * as fuse from '../src/index.js';
import { text } from './support.js';

/** Takes a message apart: the code, the structure, and what is behind it. */
function open<V extends fuse.AnyView>(message: Uint8Array, view: fuse.ViewClass<V>) {
  const header = fuse.decode(fuse.OutHeader, message);
  expect([header.len, header.unique]).toEqual([message.length, 0]);
  const body = fuse.decode(view, message, fuse.OutHeader.SIZE).toObject();
  return { code: header.error, body, rest: text(message.subarray(fuse.OutHeader.SIZE + view.SIZE)) };
}

const BIG = 2n ** 63n + 5n;

test('each message has its code, its structure and its tail', () => {
  expect(open(fuse.notifyPoll(BIG), fuse.NotifyPollWakeupOut)).toEqual({
    code: 1,
    body: { kh: BIG },
    rest: '',
  });
  expect(open(fuse.notifyInvalInode(BIG, -1, 0), fuse.NotifyInvalInodeOut)).toEqual({
    code: 2,
    body: { ino: BIG, off: -1, len: 0 },
    rest: '',
  });
  expect(open(fuse.notifyInvalEntry(1, 'é', fuse.FUSE_EXPIRE_ONLY), fuse.NotifyInvalEntryOut)).toEqual({
    code: 3,
    body: { parent: 1, namelen: 2, flags: 1 },
    rest: 'é\0',
  });
  expect(open(fuse.notifyStore(2, 2 ** 40, new TextEncoder().encode('data')), fuse.NotifyStoreOut)).toEqual({
    code: 4,
    body: { nodeid: 2, offset: 2 ** 40, size: 4, padding: 0 },
    rest: 'data',
  });
  expect(open(fuse.notifyRetrieve(9, 2, BIG, 4096), fuse.NotifyRetrieveOut)).toEqual({
    code: 5,
    body: { notify_unique: 9, nodeid: 2, offset: BIG, size: 4096, padding: 0 },
    rest: '',
  });
  expect(open(fuse.notifyDelete(1, 2, 'gone'), fuse.NotifyDeleteOut)).toEqual({
    code: 6,
    body: { parent: 1, child: 2, namelen: 4, padding: 0 },
    rest: 'gone\0',
  });
  const prune = fuse.notifyPrune([3, BIG]);
  expect(open(prune, fuse.NotifyPruneOut)).toMatchObject({ code: 9, body: { count: 2 } });
  const ids = new DataView(prune.buffer, 32);
  expect([ids.getBigUint64(0, true), ids.getBigUint64(8, true)]).toEqual([3n, BIG]);
});

test('messages without a structure are a header', () => {
  for (const [message, code] of [
    [fuse.notifyResend(), 7],
    [fuse.notifyIncEpoch(), 8],
  ] as const) {
    expect(fuse.decode(fuse.OutHeader, message).toObject()).toEqual({ len: 16, error: code, unique: 0 });
  }
});
