import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { close, eventfd, ftruncate, MappedMemory, memfdCreate, raw } from '../src/index.js';
import { descriptorCount, until } from './support.js';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Runs code in a worker with `sys`, the addon, in its own environment; the message that it posts first. */
function start(
  code: string,
  workerData?: unknown,
): { worker: Worker; message: Promise<unknown>; exit: Promise<number> } {
  const worker = new Worker(
    `const { parentPort, workerData } = require('node:worker_threads');
     const sys = require(${JSON.stringify(`${root}node_modules/node-gyp-build`)})(${JSON.stringify(root)});
     ${code}`,
    { eval: true, workerData },
  );
  const message = new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  const exit = new Promise<number>((resolve) => worker.once('exit', resolve));
  return { worker, message, exit };
}

test('every environment has windows of its own', async () => {
  const memory = MappedMemory.anonymous(4096);
  const { id } = memory.windows[0]!;
  const { message, exit } = start(
    `const mapping = sys.mmap(-1, 4096, 0, 0, 3, 34);
     const [own] = sys.window(mapping, 0, 4096);
     parentPort.postMessage([sys.raw.getresuid(own, 0), own === workerData || sys.raw.getresuid(workerData, 0) === -14]);`,
    id,
  );
  expect(await message).toEqual([0, true]);
  expect(await exit).toBe(0);
  expect(raw.getresuid(id, 0)).toBe(0);
});

test('several environments share a file, each through its own mapping', async () => {
  const fd = memfdCreate('shared');
  ftruncate(fd, 4096);
  using memory = MappedMemory.map(fd, 4096);
  const workers = [0, 1, 2, 3].map((index) =>
    start(
      `const mapping = sys.mmap(workerData.fd, 4096, 0, 0, 3, 1);
       const words = new Int32Array(sys.window(mapping, 0, 4096)[1]);
       for (let i = 0; i < 100000; i++) Atomics.add(words, 0, 1);
       words[1 + workerData.index] = 1;
       sys.munmap(mapping);
       parentPort.postMessage(words.length);`,
      { fd, index },
    ),
  );
  for (const { message, exit } of workers) {
    expect(await message).toBe(0);
    expect(await exit).toBe(0);
  }
  expect(Array.from(memory.windows[0]!.i32.subarray(0, 5))).toEqual([400_000, 1, 1, 1, 1]);
  close(fd);
});

const BUSY = `
  const kept = [];
  for (let i = 0; i < 20; i++) {
    const mapping = sys.mmap(-1, 65536, 0, 0, 3, 34);
    kept.push(mapping, sys.window(mapping, 0, 65536));
    const fd = sys.raw.eventfd(1, 0o4000);
    kept.push(sys.watch(fd, 1, () => { kept.length; }));
    sys.raw.close(fd);
  }
  parentPort.postMessage('busy');`;

test('a worker that is terminated in the middle of everything leaves nothing behind', async () => {
  const settle = start('parentPort.postMessage(0)');
  await settle.exit;
  const before = descriptorCount();
  for (let round = 0; round < 3; round++) {
    const { worker, message, exit } = start(BUSY);
    expect(await message).toBe('busy');
    await worker.terminate();
    expect(await exit).toBe(1);
  }
  await until(() => descriptorCount() <= before);
});

test('so does one that ends by itself with watchers open', async () => {
  const before = descriptorCount();
  const { message, exit } = start(`${BUSY} setTimeout(() => process.exit(0), 20);`);
  expect(await message).toBe('busy');
  expect(await exit).toBe(0);
  await until(() => descriptorCount() <= before);
});

test('a watcher belongs to the loop of its own thread', async () => {
  const fd = eventfd(0);
  const { message, exit } = start(
    `const watcher = sys.watch(workerData, 1, (events, error) => {
       sys.unwatch(watcher);
       parentPort.postMessage([events, error, require('node:worker_threads').threadId > 0]);
     });`,
    fd,
  );
  await new Promise((resolve) => setTimeout(resolve, 50));
  raw.eventfdWrite(fd, 1);
  expect(await message).toEqual([1, 0, true]);
  expect(await exit).toBe(0);
  close(fd);
});

test('an unreferenced watcher does not keep a worker alive', async () => {
  const fd = eventfd(0);
  const { exit } = start('sys.watchRef(sys.watch(workerData, 1, () => {}), false);', fd);
  expect(await exit).toBe(0);
  close(fd);
});

test('an error thrown by the callback is an uncaught exception of its thread', async () => {
  const fd = eventfd(1);
  const { message } = start(`sys.watch(workerData, 1, () => { throw new Error('from the callback'); });`, fd);
  await expect(message).rejects.toThrow('from the callback');
  close(fd);
});

test('calls of several threads do not mix', async () => {
  const workers = [0, 1, 2].map((i) =>
    start(
      `const mapping = sys.mmap(-1, 4096, 0, 0, 3, 34);
       const [id, buffer] = sys.window(mapping, 0, 4096);
       const view = new DataView(buffer);
       let bad = 0;
       for (let n = 0; n < 20000; n++) {
         const fd = sys.raw.eventfd(workerData + 1, 0o4000);
         if (sys.raw.eventfdRead(fd, id, 0) !== 0 || view.getUint32(0, true) !== workerData + 1) bad++;
         sys.raw.close(fd);
       }
       parentPort.postMessage(bad);`,
      i,
    ),
  );
  for (const { message } of workers) expect(await message).toBe(0);
});
