/**
 * What it costs to read and write the structures of the hot path, by the accessors that serve and by whole objects.
 *
 *     npm run bench          (needs a build; prints nanoseconds of each)
 *     node bench/codec.mjs --json [ROUNDS]
 */
import * as fuse from '../dist/index.js';

const args = process.argv.slice(2).filter((arg) => arg !== '--json');
const ROUNDS = Number(args[0] ?? 15);
const TIMES = 200_000;

const bytes = new Uint8Array(65536);
const data = new DataView(bytes.buffer);
const header = new fuse.InHeader(data, 0);
header.assign({ len: 80, opcode: fuse.FUSE_READ, unique: 2, nodeid: 2 ** 40 });
const read = new fuse.ReadIn(data, 64);
read.assign({ fh: 7, offset: 2 ** 40, size: 4096 });
const entry = new fuse.EntryOut(data, 128);
const list = new fuse.DirentList();
const name = new TextEncoder().encode('some-file-name.txt');
const plain = fuse.encode(fuse.InHeader, { len: 80, opcode: fuse.FUSE_READ, unique: 2, nodeid: 2 });

/** What was read must be used, or it is not read. */
let sum = 0;
const cases = {
  'in_header, read': () => {
    sum += header.len + header.opcode + header.unique_lo + header.nodeid_lo + header.nodeid_hi + header.uid;
  },
  'read_in, read': () => {
    sum += read.fh_lo + read.offset_lo + read.offset_hi + read.size;
  },
  'entry_out, written': () => {
    const { attr } = entry;
    entry.nodeid_lo = 42;
    entry.entry_valid_lo = 1;
    entry.attr_valid_lo = 1;
    attr.ino_lo = 42;
    attr.size_lo = 4096;
    attr.blocks_lo = 8;
    attr.mtime_lo = 1_700_000_000;
    attr.mode = 0o100644;
    attr.nlink = 1;
    attr.blksize = 4096;
  },
  'dirent, written': () => {
    if (!list.fits(name.length)) list.reset(data, bytes, 1024, 32768);
    list.add(42, 0, 1, 0, 8, name, 0, name.length);
  },
  'in_header, encoded from an object': () => {
    sum += fuse.encode(fuse.InHeader, { len: 80, opcode: 15, unique: 2, nodeid: 2 }).length;
  },
  'in_header, decoded to an object': () => {
    sum += fuse.decode(fuse.InHeader, plain).len;
  },
};

list.reset(data, bytes, 1024, 32768);
const samples = Object.fromEntries(Object.keys(cases).map((label) => [label, []]));
for (let round = 0; round < ROUNDS; round++) {
  for (const [label, action] of Object.entries(cases)) {
    const begin = process.hrtime.bigint();
    for (let i = 0; i < TIMES; i++) action();
    samples[label].push(Number(process.hrtime.bigint() - begin) / TIMES);
  }
}
if (Number.isNaN(sum)) throw new Error('unreadable');

for (const [label, times] of Object.entries(samples)) {
  times.sort((a, b) => a - b);
  const [median, best] = [times[times.length >> 1], times[0]];
  if (process.argv.includes('--json')) console.log(JSON.stringify({ label, median, best }));
  else console.log(`${label.padEnd(36)} ${median.toFixed(1).padStart(8)} ${best.toFixed(1).padStart(8)} ns`);
}
