// Cycles that must leak nothing: descriptors and resident memory before and after. Usage: node bench/leaks.mjs [cycles], 10 million by
// default. Buffers that were detached are freed in turns of the event loop, so the cycles come in batches.
import { readdirSync, readFileSync } from 'node:fs';
import * as sys from '../dist/index.js';

const cycles = Number(process.argv[2] ?? 10_000_000);
const BATCH = 1000;
const { raw } = sys;
const memory = sys.MappedMemory.anonymous(0x1_0000);
const { id, u8, i32 } = memory.windows[0];
u8.set(Buffer.from('/dev/null\0'), 0x100);
const file = sys.memfdCreate('leaks');
sys.ftruncate(file, 65536);
const [a, b] = sys.unixSocketPair();
i32[0x400 / 4] = file;

const kinds = {
  'open and close': () => raw.close(raw.openat(sys.AT_FDCWD, id, 0x100, 0, 0)),
  'mmap, window, munmap': () => sys.MappedMemory.map(file, 65536).unmap(),
  'sendmsg and recvmsg of a descriptor': () => {
    if (raw.sendmsg(a, id, 0, 1, id, 0x400, 1, 0) !== 1) throw new Error('sendmsg');
    if (raw.recvmsg(b, id, 0, 1, id, 0x800, 8, 0) !== 1 || i32[0x800 / 4] !== 1) throw new Error('recvmsg');
    raw.close(i32[0x800 / 4 + 1]);
  },
  'recvmsg of more descriptors than wanted': () => {
    raw.sendmsg(a, id, 0, 1, id, 0x400, 1, 0);
    if (raw.recvmsg(b, id, 0, 1, id, 0x800, 0, 0) !== -sys.EMFILE) throw new Error('recvmsg');
  },
};

const state = () => ({
  descriptors: readdirSync('/proc/self/fd').length,
  mappings: readFileSync('/proc/self/maps', 'utf8').split('\n').length,
  rss: Math.round(process.memoryUsage().rss / 1048576),
});

async function run(action, count) {
  for (let done = 0; done < count; done += BATCH) {
    for (let i = 0; i < BATCH; i++) action();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

let failed = false;
for (const [name, action] of Object.entries(kinds)) {
  await run(action, Math.min(cycles, 100_000));
  const before = state();
  const begin = Date.now();
  await run(action, cycles);
  const after = state();
  console.log(`${name}: ${cycles} in ${((Date.now() - begin) / 1000).toFixed(1)} s`, before, after);
  if (
    after.descriptors > before.descriptors ||
    after.mappings > before.mappings + 50 ||
    after.rss > before.rss + 100
  ) {
    console.log('LEAK');
    failed = true;
  }
}
process.exitCode = failed ? 1 : 0;
