import { EAGAIN, MappedMemory, type Raw, SegmentList, SysError } from '@vfs/sys';
import { expect, it } from 'vitest';
import { LateRead } from '../src/passthrough/late-read.js';
import type { CallPool } from '../src/passthrough/offload.js';
import { sharedDirectory } from './support/fixture.js';

const LENGTH = 1024;
/** No call is made with it. */
const DESCRIPTOR = 12_345;

it('a read that has come half way when the pool takes no more ends with an error, and lets the descriptor go', async () => {
  const { share } = await sharedDirectory();
  using memory = MappedMemory.anonymous(LENGTH);
  const list = new SegmentList(1);
  list.add(memory.windows[0]!, 0, LENGTH);
  const calls: ((result: number) => void)[] = [];
  const pool = {
    reads: [],
    submit: (call: keyof Raw, _args: ArrayLike<number>, done: (result: number) => void) => {
      if (calls.length > 0) throw new SysError(EAGAIN, call);
      calls.push(done);
    },
  } as unknown as CallPool;
  const outcome = Promise.resolve(new LateRead(pool, share).begin(DESCRIPTOR, 0, 0, list, 0, LENGTH, 0, 0));
  await Promise.resolve();
  expect(share.pins.has(DESCRIPTOR)).toBe(true);
  calls[0]!(LENGTH / 2);
  expect(await outcome).toBe(-EAGAIN);
  expect(share.pins.has(DESCRIPTOR)).toBe(false);
});
