/**
 * What the session itself costs: decode + dispatch + encode of single requests against a file system that
 * answers with constants, over exchanges in ordinary memory that are used again and again.
 *
 *     npm run bench          (needs a build; prints nanoseconds and bytes allocated per request)
 *     node --expose-gc --max-semi-space-size=64 bench/dispatch.mjs 1     (one round instead of 15: enough for the bytes)
 *
 * With --json a line of JSON for each kind of request.
 *
 * Bytes are the growth of the young generation over a run without any garbage collection.
 */
import { PerformanceObserver } from 'node:perf_hooks';
import * as fuse from '../dist/index.js';

const JSON_LINES = process.argv.includes('--json');
const ROUNDS = Number(process.argv.slice(2).find((arg) => arg !== '--json') ?? 15);
const REQUESTS = 200_000;
const ALLOCATION_REQUESTS = 100_000;

let collections = 0;
new PerformanceObserver((list) => {
  collections += list.getEntries().length;
}).observe({ entryTypes: ['gc'] });

/** Fills in what a real file system would. */
function fillAttr(attr) {
  attr.ino_lo = 42;
  attr.size_lo = 4096;
  attr.blocks_lo = 8;
  attr.mtime_lo = 1_700_000_000;
  attr.mode = 0o100644;
  attr.nlink = 1;
  attr.blksize = 4096;
}

const constant = {
  getattr(_ctx, _nodeid, _input, reply) {
    reply.attr_valid_lo = 1;
    fillAttr(reply.attr);
    return 0;
  },
  lookup(_ctx, _parent, name, reply) {
    reply.nodeid_lo = name.length;
    reply.entry_valid_lo = 1;
    reply.attr_valid_lo = 1;
    fillAttr(reply.attr);
    return 0;
  },
  read: (_ctx, _nodeid, _input, sink) => sink.length,
  write: (_ctx, _nodeid, _input, source) => source.length,
  forget() {},
  async statfs() {
    return 0;
  },
};

const concat = (...parts) => Uint8Array.from(parts.flatMap((part) => [...part]));

function request(opcode, ...parts) {
  const body = concat(...parts);
  return concat(fuse.encode(fuse.InHeader, { len: 40 + body.length, opcode, unique: 2, nodeid: 2 }), body);
}

/** An exchange like a transport's pooled one: used again for each request. */
function exchange(bytes, room) {
  return {
    readable: new fuse.ByteSegments(bytes),
    writable: new fuse.ByteSegments(new Uint8Array(room)),
    length: -1,
    complete(length) {
      this.length = length;
    },
  };
}

function start(fs, observer) {
  const session = new fuse.Session(fs, { observer });
  const init = fuse.encode(fuse.InitIn, { major: 7, minor: 38, flags: 0 });
  session.dispatch(exchange(request(fuse.FUSE_INIT, init), 4096));
  return session;
}

const session = start(constant);
const layered = start(fuse.readOnly(fuse.delegate(fuse.delegate(constant))));
let bytes = 0;
const observed = start(constant, {
  arrived(request) {
    request.mark = bytes;
  },
  waits() {},
  answered(request, _result, length) {
    bytes += request.mark === -1 ? 0 : length;
  },
});

const name = new TextEncoder().encode('some-file-name.txt\0');
const cases = {
  GETATTR: exchange(request(fuse.FUSE_GETATTR, fuse.encode(fuse.GetattrIn, {})), 120),
  LOOKUP: exchange(request(fuse.FUSE_LOOKUP, name), 144),
  READ: exchange(request(fuse.FUSE_READ, fuse.encode(fuse.ReadIn, { offset: 2 ** 40, size: 4096 })), 4112),
  WRITE: exchange(
    request(
      fuse.FUSE_WRITE,
      fuse.encode(fuse.WriteIn, { offset: 2 ** 40, size: 4096 }),
      new Uint8Array(4096),
    ),
    24,
  ),
  FORGET: exchange(request(fuse.FUSE_FORGET, fuse.encode(fuse.ForgetIn, { nlookup: 1 })), 0),
  ENOSYS: exchange(request(fuse.FUSE_BMAP, fuse.encode(fuse.BmapIn, {})), 24),
};
// One after the other in small turns, so that no case is measured with the code specialized for it alone.
for (let i = 0; i < 200; i++) {
  for (const one of Object.values(cases)) run(session, one, 200);
  run(layered, cases.GETATTR, 200);
  run(observed, cases.GETATTR, 200);
}

function run(served, one, count) {
  for (let i = 0; i < count; i++) served.dispatch(one);
}

const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];

if (!JSON_LINES) console.log('request      median ns   best ns   bytes/request   collections');
const rows = Object.entries(cases).map(([label, one]) => [label, session, one]);
rows.splice(1, 0, ['  3 layers', layered, cases.GETATTR], ['  observed', observed, cases.GETATTR]);
for (const [label, served, one] of rows) {
  const times = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = process.hrtime.bigint();
    run(served, one, REQUESTS);
    times.push(Number(process.hrtime.bigint() - start) / REQUESTS);
  }
  globalThis.gc();
  await new Promise((resolve) => setTimeout(resolve, 20));
  collections = 0;
  const before = process.memoryUsage().heapUsed;
  run(served, one, ALLOCATION_REQUESTS);
  const grown = process.memoryUsage().heapUsed - before;
  await new Promise((resolve) => setTimeout(resolve, 20));
  if (JSON_LINES) {
    const bytes = grown / ALLOCATION_REQUESTS;
    console.log(
      JSON.stringify({ label: label.trim(), median: median(times), best: Math.min(...times), bytes }),
    );
    continue;
  }
  const cells = [
    label.padEnd(10),
    median(times).toFixed(0).padStart(12),
    Math.min(...times)
      .toFixed(0)
      .padStart(9),
    (grown / ALLOCATION_REQUESTS).toFixed(2).padStart(15),
    String(collections).padStart(13),
  ];
  console.log(cells.join(' '));
}
