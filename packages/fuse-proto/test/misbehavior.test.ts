import { describe, expect, test } from 'vitest';
import * as fuse from '../src/index.js';
import { BufferExchange, encode, type FileSystem, FUSE_BATCH_FORGET, FUSE_DESTROY } from '../src/index.js';
import { call, request, started } from './support.js';

/** TypeScript lets a method that returns nothing be asynchronous: vitest fails a test whose rejection nobody handles. */
const rejecting = async () => {
  throw new Error('disk on fire');
};
const later = () => new Promise((resolve) => setTimeout(resolve, 5));

describe('a file system that fails where there is no reply', () => {
  test.each([
    ['FORGET', request(fuse.FUSE_FORGET, {}, encode(fuse.ForgetIn, { nlookup: 1 }))],
    [
      'BATCH_FORGET',
      request(
        FUSE_BATCH_FORGET,
        {},
        encode(fuse.BatchForgetIn, { count: 2 }),
        encode(fuse.ForgetOne, { nodeid: 2, nlookup: 1 }),
        encode(fuse.ForgetOne, { nodeid: 3, nlookup: 1 }),
      ),
    ],
  ])('is logged for %s, now or later', async (name, bytes) => {
    for (const forget of [
      rejecting as FileSystem['forget'],
      () => {
        throw new Error('disk on fire');
      },
    ]) {
      const { session, log } = started({ ...(forget && { forget }) });
      const exchange = new BufferExchange(bytes, 0);
      session.dispatch(exchange);
      expect((await exchange.replied).length).toBe(0);
      await later();
      expect(log.lines.join()).toContain(`${name} failed: Error: disk on fire`);
    }
  });

  test('forgets the rest of a batch', () => {
    const forgotten: number[] = [];
    const { session } = started({
      forget(nodeid) {
        if (nodeid === 2) throw new Error('disk on fire');
        forgotten.push(nodeid);
      },
    });
    const items = [1, 2, 3].map((nodeid) => encode(fuse.ForgetOne, { nodeid, nlookup: 1 }));
    session.dispatch(
      new BufferExchange(
        request(FUSE_BATCH_FORGET, {}, encode(fuse.BatchForgetIn, { count: 3 }), ...items),
        0,
      ),
    );
    expect(forgotten).toEqual([1, 3]);
  });

  test('is logged for DESTROY, now or later', async () => {
    const { session, log } = started({ destroy: rejecting as () => void });
    expect(call(session, request(FUSE_DESTROY, {})).error).toBe(0);
    await later();
    expect(log.lines.join()).toContain('DESTROY failed: Error: disk on fire');
  });
});

test('a thrown value that cannot even be described fails its request alone', () => {
  const { session, log } = started({
    statfs() {
      throw Object.create(null);
    },
  });
  expect(call(session, request(fuse.FUSE_STATFS, {})).error).toBe(-fuse.EIO);
  expect(log.lines.join()).toContain('STATFS failed');
});

test('a name keeps a byte order mark: without it, it would be another name', () => {
  const names: string[] = [];
  const { session } = started({
    lookup(_ctx, _parent, name) {
      names.push(name.toString());
      return -fuse.ENOENT;
    },
  });
  call(session, request(fuse.FUSE_LOOKUP, {}, new TextEncoder().encode('\ufeffhello\0')));
  expect(names).toEqual(['\ufeffhello']);
});
