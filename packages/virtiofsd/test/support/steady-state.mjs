/**
 * What single requests cost when they come again and again, in units that are the same on every machine: bytes allocated on the heap of
 * JavaScript, and native calls. From the ring through the session to the files of a folder, as in the daemon:
 *
 *     node --expose-gc --min-semi-space-size=64 --max-semi-space-size=64 steady-state.mjs FOLDER bytes|calls
 *
 * Prints JSON by kind of request. The folder must be empty. The driver's half is the same process, and is not counted.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { getHeapStatistics } from 'node:v8';
import * as fuse from '@vfs/fuse-proto';
import { O_RDWR, raw } from '@vfs/sys';
import {
  availableRingSize,
  DriverMemory,
  descriptorTableSize,
  GuestMemory,
  MemoryRegion,
  SplitDriver,
  SplitQueue,
  usedRingSize,
} from '@vfs/vhost-user';
import { Log, PassthroughFileSystem, Share } from '@vfs/virtiofsd';

const RING = 1024;
const BATCH = 256;
const WARM_UP = 100;
const BATCHES = 100;
/** Turns of all kinds between two collections: what the driver allocates in them fits into the young generation. */
const BETWEEN = 10;
const ROOM = 16384;
const DATA = 8192;
const PAGE = 4096;

const [directory, unit] = process.argv.slice(2);
mkdirSync(join(directory, 'tree'));
for (let i = 0; i < BATCH; i++) writeFileSync(join(directory, `tree/file-${i}`), Buffer.alloc(PAGE));

const log = new Log('error', (line) => process.stderr.write(`${line}\n`));
const share = new Share({ directory, log: log.module('passthrough'), keepForgotten: 2 * BATCH });
const session = new fuse.Session(new PassthroughFileSystem(share), { log: log.module('fuse') });

const memory = new DriverMemory([{ size: 64 * 2 ** 20 }]);
const [{ guestAddress, userAddress, size, fd }] = memory.regions;
const region = { guestAddress: BigInt(guestAddress), userAddress, size: BigInt(size), mmapOffset: 0n };
const parts = {
  descriptor: memory.allocate(descriptorTableSize(RING), 16).u8,
  available: memory.allocate(availableRingSize(RING), 16).u8,
  used: memory.allocate(usedRingSize(RING), 16).u8,
};
const ring = { size: RING, indirect: true, eventIndex: true };
const driver = new SplitDriver({ ...ring, allocate: (length) => memory.allocate(length) }, parts);
let signals = 0;
const signal = () => {
  signals++;
};
const table = new GuestMemory([new MemoryRegion(region, fd)]);
const queue = new SplitQueue({ ...ring, index: 1, base: 0, signal }, table, parts);
const slots = Array.from({ length: BATCH }, () => memory.allocate(ROOM, PAGE));

/** What the daemon does when a kick comes. */
function serve() {
  queue.disableNotifications();
  queue.hold();
  for (let chain = queue.pop(); chain !== undefined; chain = queue.pop()) session.dispatch(chain);
  queue.publish();
  queue.enableNotifications();
}

/** Puts a request on the ring: header and arguments, pages of data to the file system or from it. */
function add(slot, request, { reply = 0, dataOut = 0, dataIn = 0 }) {
  const { address, u8 } = slots[slot];
  u8.set(request);
  const readable = [
    { address, length: 40 },
    { address: address + 40, length: request.length - 40 },
  ];
  if (dataOut > 0) readable.push({ address: address + DATA, length: dataOut });
  const writable = reply > 0 ? [{ address: address + PAGE, length: reply }] : [];
  if (dataIn > 0) writable.push({ address: address + DATA, length: dataIn });
  driver.add(readable, writable, slot);
}

const replyOf = (slot) => new DataView(slots[slot].u8.buffer, slots[slot].u8.byteOffset + PAGE, 200);

/** One turn: a batch of requests, of which only the serving is measured. */
function turn(measured) {
  driver.publish();
  driver.enableCalls();
  const amount = measured(serve);
  for (let used = driver.reap(); used !== undefined; used = driver.reap()) {
    if (used.length > 0 && replyOf(used.token).getInt32(4, true) !== 0) throw new Error('a request failed');
  }
  return amount;
}

/** A request and its reply, at once. */
function ask(opcode, nodeid, body, room) {
  add(0, fuse.encodeRequest(opcode, { unique: 2, nodeid }, body), room);
  turn((act) => act());
  return replyOf(0);
}

ask(fuse.FUSE_INIT, 0, fuse.encode(fuse.InitIn, { major: 7, minor: 38, flags: 0 }), { reply: 80 });
const nameOf = (name) => new TextEncoder().encode(`${name}\0`);
const entry = { reply: 16 + fuse.EntryOut.SIZE };
const nodeOf = (view) => Number(view.getBigUint64(16, true));
const tree = nodeOf(ask(fuse.FUSE_LOOKUP, 1, nameOf('tree'), entry));
const file = nodeOf(ask(fuse.FUSE_LOOKUP, tree, nameOf('file-0'), entry));
const opened = ask(fuse.FUSE_OPEN, file, fuse.encode(fuse.OpenIn, { flags: O_RDWR }), { reply: 32 });
const fh = Number(opened.getBigUint64(16, true));

/** @param make - the request of a slot */
const all = (room, make) => () => {
  for (let slot = 0; slot < BATCH; slot++) add(slot, make(slot), room);
};
const request = (opcode, nodeid, body) => fuse.encodeRequest(opcode, { unique: 2, nodeid }, body);
const lookups = Array.from({ length: BATCH }, (_, slot) =>
  request(fuse.FUSE_LOOKUP, tree, nameOf(`file-${slot}`)),
);
const getattr = request(fuse.FUSE_GETATTR, file, fuse.encode(fuse.GetattrIn, {}));
const read = request(fuse.FUSE_READ, file, fuse.encode(fuse.ReadIn, { fh, size: PAGE }));
const write = request(fuse.FUSE_WRITE, file, fuse.encode(fuse.WriteIn, { fh, size: PAGE }));
// The length in the header covers the data.
new DataView(write.buffer, write.byteOffset).setUint32(0, write.length + PAGE, true);
const nodes = new Array(BATCH).fill(0);
const forget = all({}, (slot) =>
  request(fuse.FUSE_FORGET, nodes[slot], fuse.encode(fuse.ForgetIn, { nlookup: 1 })),
);
const lookup = all(entry, (slot) => lookups[slot]);
const remember = () => {
  for (let slot = 0; slot < BATCH; slot++) nodes[slot] = nodeOf(replyOf(slot));
};

/** Kinds of requests in the order in which they alternate; `after` is done behind a turn. */
const kinds = {
  GETATTR: { fill: all({ reply: 16 + fuse.AttrOut.SIZE }, () => getattr) },
  READ: { fill: all({ reply: 16, dataIn: PAGE }, () => read) },
  WRITE: { fill: all({ reply: 24, dataOut: PAGE }, () => write) },
  'LOOKUP of a file just forgotten': { fill: lookup, after: remember },
  'LOOKUP of a known file': { fill: lookup },
  'FORGET that leaves a file known': { fill: forget },
  'FORGET of the last lookup': { fill: forget },
  nothing: { fill: () => {} },
};

const heap = () => getHeapStatistics().used_heap_size;
/** Bytes that serving adds to the heap. */
function bytesOf(act) {
  const before = heap();
  act();
  return heap() - before;
}

/** By name of the native function. */
const counted = new Map();
function countCalls() {
  for (const [name, call] of Object.entries(raw)) {
    raw[name] = (...args) => {
      counted.set(name, (counted.get(name) ?? 0) + 1);
      return call(...args);
    };
  }
}

function turnOf({ fill, after }, measured) {
  fill();
  const amount = turn(measured);
  after?.();
  return amount;
}

if (unit === 'bytes') {
  const samples = Object.fromEntries(Object.keys(kinds).map((name) => [name, []]));
  for (let i = 0; i < WARM_UP + BATCHES; i++) {
    if (i % BETWEEN === 0) {
      globalThis.gc();
      // What is allocated first after a collection takes more.
      turnOf(kinds.nothing, bytesOf);
      turnOf(kinds.GETATTR, bytesOf);
    }
    for (const [name, kind] of Object.entries(kinds)) {
      const bytes = turnOf(kind, bytesOf);
      if (i >= WARM_UP) samples[name].push(bytes);
    }
  }
  // Of the middle half: now and then the engine compiles something, or notes down what it has seen.
  const middle = (values) => {
    const sorted = values.sort((a, b) => a - b).slice(BATCHES / 4, (BATCHES * 3) / 4);
    return sorted.reduce((sum, value) => sum + value, 0) / sorted.length;
  };
  const overhead = middle(samples['nothing']);
  const results = Object.entries(samples).map(([name, values]) => [
    name,
    (middle(values) - overhead) / BATCH,
  ]);
  console.log(JSON.stringify(Object.fromEntries(results)));
} else {
  countCalls();
  const count = (kind) => {
    counted.clear();
    signals = 0;
    turnOf(kind, (act) => act());
    const calls = [...counted]
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([call, times]) => [call, times / BATCH]);
    return { calls: Object.fromEntries(calls), signals };
  };
  const first = count(kinds['LOOKUP of a file just forgotten']);
  count(kinds['FORGET of the last lookup']);
  for (const kind of Object.values(kinds)) count(kind);
  const results = Object.entries(kinds).map(([name, kind]) => [name, count(kind)]);
  results.push(['first LOOKUP of a file', first]);
  console.log(JSON.stringify(Object.fromEntries(results)));
}
share[Symbol.dispose]();
