// What one call costs, beside Node's own for the same work. Usage: node bench/calls.mjs [--json] [ROUNDS], after the package is built.
import { closeSync, fstatSync, fsyncSync, openSync, readSync, readvSync, statSync, writeSync } from 'node:fs';
import * as sys from '../dist/index.js';

const JSON_LINES = process.argv.includes('--json');
const ROUNDS = Number(process.argv.slice(2).find((arg) => arg !== '--json') ?? 31);

const cases = [];

/** Something to be measured, `count` times a round. */
function measure(name, count, action) {
  cases.push({ name, count, action, samples: [] });
}

/** Nanoseconds of one call, median and best. The rounds of all cases alternate, so that a busy machine is the same for each. */
function report() {
  for (let round = 0; round < ROUNDS; round++) {
    for (const { count, action, samples } of cases) {
      const begin = process.hrtime.bigint();
      for (let i = 0; i < count; i++) action();
      samples.push(Number(process.hrtime.bigint() - begin) / count);
    }
  }
  if (!JSON_LINES) console.log(`${''.padEnd(44)} ${'median'.padStart(7)} ${'best'.padStart(7)}  ns`);
  for (const { name, samples } of cases) {
    samples.sort((x, y) => x - y);
    if (JSON_LINES) {
      console.log(JSON.stringify({ label: name, median: samples[ROUNDS >> 1], best: samples[0] }));
      continue;
    }
    console.log(
      `${name.padEnd(44)} ${samples[ROUNDS >> 1].toFixed(0).padStart(7)} ${samples[0].toFixed(0).padStart(7)}`,
    );
  }
}

const { raw } = sys;
const memory = sys.MappedMemory.anonymous(0x4_0000);
const window = memory.windows[0];
const path = Buffer.from('/etc/passwd\0');
window.u8.set(path, 0x100);
const file = sys.memfdCreate('bench');
sys.ftruncate(file, 1 << 20);
const event = sys.eventfd(0, sys.EFD_NONBLOCK);
const one = new sys.SegmentList(1);
one.add(window, 0x1000, 4096);
const many = new sys.SegmentList(32);
for (let i = 0; i < 32; i++) many.add(window, 0x1000 + i * 4096, 4096);
const whole = new sys.SegmentList(1);
whole.add(window, 0x1000, 131072);
const { tableWindow, tableOffset } = one;
const buffer = Buffer.alloc(4096);
const large = Buffer.alloc(131072);
const vector = Array.from({ length: 32 }, (_, i) => large.subarray(i * 4096, (i + 1) * 4096));
const eight = Buffer.alloc(8);
eight[0] = 1;

// Refused before any system call: what the way into C++ and back costs.
measure('raw, 1 argument, no system call', 125_000, () => raw.pipe2(0, 0, 0));
measure('raw, 4 arguments, no system call', 125_000, () => raw.statxFd(0, 0, 0, 0));
measure('raw, 9 arguments, no system call', 125_000, () => raw.preadv2(0, 0, 0, -1, 0, 0, 0, 0, 0));
measure('raw.gettid', 75_000, () => raw.gettid());
measure('raw.statxFd', 50_000, () => raw.statxFd(file, sys.STATX_BASIC_STATS, window.id, 0));
measure('fs.fstatSync', 50_000, () => fstatSync(file));
measure('raw.statx, path', 50_000, () => raw.statx(sys.AT_FDCWD, window.id, 0x100, 0, 0x7ff, window.id, 0));
measure('statx, path (safe)', 25_000, () => sys.statx(sys.AT_FDCWD, '/etc/passwd'));
measure('fs.statSync', 50_000, () => statSync('/etc/passwd'));
measure('raw.preadv2, 4 KiB', 50_000, () => raw.preadv2(file, tableWindow, tableOffset, 1, 0, 4096, 0, 0, 0));
measure('readvAt, 4 KiB (safe)', 25_000, () => sys.readvAt(file, [buffer], 0));
measure('fs.readSync, 4 KiB', 50_000, () => readSync(file, buffer, 0, 4096, 0));
measure('raw.preadv2, 32 x 4 KiB', 5_000, () =>
  raw.preadv2(file, many.tableWindow, many.tableOffset, 32, 0, 131072, 0, 0, 0),
);
measure('fs.readvSync, 32 x 4 KiB', 5_000, () => readvSync(file, vector, 0));
measure('raw.preadv2, 128 KiB', 5_000, () =>
  raw.preadv2(file, whole.tableWindow, whole.tableOffset, 1, 0, 131072, 0, 0, 0),
);
measure('fs.readSync, 128 KiB', 5_000, () => readSync(file, large, 0, 131072, 0));
measure('raw.eventfdWrite', 75_000, () => raw.eventfdWrite(event, 1));
measure('fs.writeSync, 8 bytes to the eventfd', 50_000, () => writeSync(event, eight, 0, 8));
measure('raw.openat + raw.close', 25_000, () => raw.close(raw.openat(sys.AT_FDCWD, window.id, 0x100, 0, 0)));
measure('fs.openSync + fs.closeSync', 25_000, () => closeSync(openSync('/etc/passwd')));
measure('raw.fsync', 50_000, () => raw.fsync(file));
measure('fs.fsyncSync', 50_000, () => fsyncSync(file));

const target = new Uint8Array(4096);
measure('SegmentList.copyOut, 40 bytes', 75_000, () => one.copyOut(0, target, 0, 40));
measure('SegmentList.copyOut, 4 KiB', 75_000, () => one.copyOut(0, target, 0, 4096));

report();

const pool = new sys.ThreadPool({ threads: 2 });
async function offload(depth, rounds) {
  const begin = process.hrtime.bigint();
  for (let i = 0; i < rounds; i++) {
    await new Promise((resolve) => {
      let left = depth;
      for (let n = 0; n < depth; n++) {
        pool.submit('schedYield', [], () => {
          if (--left === 0) resolve();
        });
      }
      pool.flush();
    });
  }
  const each = Number(process.hrtime.bigint() - begin) / rounds / depth;
  if (JSON_LINES) console.log(JSON.stringify({ label: `ThreadPool, ${depth} at a time`, median: each }));
  else console.log(`${`ThreadPool, ${depth} at a time`.padEnd(44)} ${each.toFixed(0).padStart(7)}`);
}
for (const [depth, rounds] of [
  [1, 5000],
  [8, 2000],
  [32, 1000],
  [128, 500],
]) {
  await offload(depth, rounds);
}
pool.close();
