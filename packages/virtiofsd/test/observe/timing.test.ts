import {
  BufferExchange,
  connect,
  encode,
  encodeRequest,
  FUSE_GETATTR,
  FUSE_STATFS,
  GetattrIn,
  Session,
} from '@vfs/fuse-proto';
import { expect, it } from 'vitest';
import { BUCKETS, bucketCell, Cells, sumCell } from '../../src/observe/cells.js';
import { MetricsRecorder } from '../../src/observe/metrics-recorder.js';
import { RequestObserver } from '../../src/observe/request-observer.js';
import { FuseClient } from '../support/fuse-client.js';

/** Bucket of what takes 10 ms and more: from 8 to 16 ms, and beyond. */
const LONG = 14;

function spin(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

/** A session that is measured, in which every request takes as long as `slow` says of its number. */
async function measured(slow: (count: number) => number) {
  using file = Cells.file();
  const cells = new Cells(file);
  const observer = new RequestObserver({ metrics: new MetricsRecorder(cells.values) });
  let count = 0;
  const answer = () => {
    spin(slow(++count));
    return 0;
  };
  const session = new Session({ getattr: answer, statfs: answer }, { observer });
  await new FuseClient(connect(session)).init();
  const body = encode(GetattrIn, {});
  const ask = (opcode: number) =>
    session.dispatch(new BufferExchange(encodeRequest(opcode, { unique: 2, nodeid: 1 }, body)));
  const times = (opcode: number) =>
    Array.from({ length: BUCKETS }, (_, bucket) => cells.values[bucketCell(opcode, bucket)]!);
  const sum = (opcode: number) => cells.values[sumCell(opcode)]!;
  return { session, ask, times, sum };
}

const total = (counts: readonly number[]) => counts.reduce((a, b) => a + b, 0);

it('a slow request among many quick ones of a turn is counted as slow as it is', async () => {
  for (const which of [1, 2, 5, 6, 12, 13, 40]) {
    const { ask, times, sum } = await measured((count) => (count === which ? 10 : 0));
    for (let i = 0; i < 40; i++) ask(FUSE_GETATTR);
    await undefined;
    expect(total(times(FUSE_GETATTR))).toBe(40);
    expect(total(times(FUSE_GETATTR).slice(LONG)), `request ${which}`).toBeGreaterThanOrEqual(1);
    expect(sum(FUSE_GETATTR)).toBeGreaterThanOrEqual(10e6);
  }
});

it('the time of a request is counted for its own kind', async () => {
  const { ask, times, sum } = await measured((count) => (count % 2 === 0 ? 1 : 0));
  for (let i = 0; i < 10; i++) {
    ask(FUSE_GETATTR);
    ask(FUSE_STATFS);
  }
  await undefined;
  expect(total(times(FUSE_GETATTR))).toBe(10);
  expect(total(times(FUSE_STATFS))).toBe(10);
  expect(sum(FUSE_STATFS)).toBeGreaterThanOrEqual(10e6);
});

it('time without a request is no request’s, also where the rings are looked at within a turn of the event loop', async () => {
  const { session, ask, times, sum } = await measured(() => 0);
  for (let i = 0; i < 3; i++) {
    ask(FUSE_GETATTR);
    session.idle();
    spin(200);
  }
  expect(total(times(FUSE_GETATTR))).toBe(3);
  expect(sum(FUSE_GETATTR)).toBeLessThan(200e6);
});
