import { setImmediate as turn } from 'node:timers/promises';
import { OwnedFd, unixConnect } from '@vfs/sys';
import { expect, it } from 'vitest';
import type { Chain } from '../src/index.js';
import { reverse, rig } from './support.js';

/** A queue whose requests are answered when the test says so. */
async function startSlow() {
  const held: Chain[] = [];
  const r = rig({ handle: (chain) => void held.push(chain) });
  const frontend = await r.connect();
  const queue = await frontend.startQueue(0);
  const ask = (text: string) => {
    const question = frontend.memory.allocate(text.length);
    const answer = frontend.memory.allocate(text.length);
    question.u8.set(Buffer.from(text));
    const submitted = queue.submit(
      [{ address: question.address, length: text.length }],
      [{ address: answer.address, length: text.length }],
    );
    return submitted.then((length) => Buffer.from(answer.u8.subarray(0, length)).toString());
  };
  return { r, frontend, held, ask, [Symbol.dispose]: () => r[Symbol.dispose]() };
}

async function heldBy(held: readonly Chain[], count: number): Promise<void> {
  while (held.length < count) await turn();
}

it('drain answers what the device has, and takes nothing more', async () => {
  using slow = await startSlow();
  const { r, held, ask } = slow;
  const answers = [ask('abc'), ask('def')];
  await heldBy(held, 2);
  let drained = false;
  const draining = r.backend.drain().then(() => (drained = true));
  const late = ask('ghi');
  let lateAnswered = false;
  void late.then(
    () => (lateAnswered = true),
    () => {},
  );
  await turn();
  expect(drained).toBe(false);
  for (const chain of held) reverse(chain);
  await draining;
  expect(await Promise.all(answers)).toEqual(['cba', 'fed']);
  await turn();
  expect([held.length, lateAnswered]).toEqual([2, false]);
});

it('a ring that is to stop hurries the device, if it has something to finish', async () => {
  const held: Chain[] = [];
  let hurried = 0;
  using r = rig({
    handle: (chain) => void held.push(chain),
    hurry: () => {
      hurried++;
      for (const chain of held.splice(0)) chain.complete(0);
    },
  });
  const frontend = await r.connect();
  const [idle, busy] = [await frontend.startQueue(0), await frontend.startQueue(1)];
  const { address } = frontend.memory.allocate(1);
  const answer = busy.submit([], [{ address, length: 1 }]);
  await heldBy(held, 1);
  expect(await frontend.stopQueue(idle)).toBe(0);
  expect(hurried).toBe(0);
  expect(await frontend.stopQueue(busy)).toBe(1);
  expect(hurried).toBe(1);
  expect(await answer).toBe(0);
});

it('drain ends with the connection when the front-end goes first', async () => {
  using slow = await startSlow();
  const { r, frontend, held, ask } = slow;
  ask('abc').catch(() => {});
  await heldBy(held, 1);
  const draining = r.backend.drain();
  frontend.close();
  await draining;
  expect(r.ended).toEqual([undefined]);
  // Its memory is still there for the request, whose answer nobody gets.
  reverse(held[0]!);
});

it('drain without a front-end is done at once, and none is accepted afterwards', async () => {
  using r = rig();
  await r.backend.drain();
  using _ = new OwnedFd(unixConnect(r.path));
  await turn();
  await turn();
  expect(r.backend.connected).toBe(false);
});

it('what onConnected throws is not taken for a front-end that cannot be served', async () => {
  const thrown: unknown[] = [];
  const seen = (error: unknown) => void thrown.push(error);
  process.prependOnceListener('uncaughtException', seen);
  const others = process.listeners('uncaughtException').filter((each) => each !== seen);
  process.removeAllListeners('uncaughtException').once('uncaughtException', seen);
  try {
    using r = rig(
      {},
      {
        onConnected: () => {
          throw Object.assign(new Error('from the application'), { code: 'EIO', errno: 5, syscall: 'read' });
        },
      },
    );
    const frontend = await r.connect();
    await frontend.startQueue(0);
    expect(thrown).toHaveLength(1);
    expect(r.log.lines.filter((line) => line.includes('cannot serve'))).toEqual([]);
  } finally {
    for (const each of others) process.on('uncaughtException', each);
  }
});
