/**
 * What it costs to see requests: GETATTR of a file through a Session and the pass-through file system, 32 in a turn of the event loop, with
 * nobody looking, with metrics, with a log of slow requests, and with a recording.
 *
 *     npm run bench                        (needs a build; prints nanoseconds per request)
 *     npm run bench -- 4000 metrics        (so many rounds, of nothing and metrics alone, as in a daemon that has only those)
 *
 * The ways take turns of a millisecond or less, so that what else goes on in the machine hits all of them alike; the figure of a
 * way is the median of its turns, and the difference the median of the differences between neighbors.
 */
import { mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fuse from '@vfs/fuse-proto';
import { MonotonicClock } from '@vfs/sys';
import * as virtiofsd from '../dist/index.js';

const ROUNDS = Number(process.argv[2] ?? 4000);
const TURN = 32;
const TURNS = 8;

const directory = mkdtempSync(join(tmpdir(), 'virtiofsd-bench-'));
writeFileSync(join(directory, 'file'), '');
const log = new virtiofsd.Log('off').module('bench');
const file = virtiofsd.Cells.file();
const cells = new virtiofsd.Cells(file);
const metrics = new virtiofsd.MetricsRecorder(cells.values);
const slow = new virtiofsd.SlowRequests(1000, log);
const trace = new virtiofsd.TraceWriter(openSync('/dev/null', 'w'), {
  data: 0,
  limit: Number.MAX_SAFE_INTEGER,
  description: {},
  log,
});

const WAYS = {
  nothing: undefined,
  metrics: { metrics },
  slow: { slow },
  trace: { trace },
};

/** A session in which a file is known, and an exchange that asks for its attributes. */
async function prepare(audience) {
  const share = new virtiofsd.Share({ directory, log });
  const observer = audience && new virtiofsd.RequestObserver(audience);
  const session = new fuse.Session(new virtiofsd.PassthroughFileSystem(share), { observer });
  const client = new fuse.FuseClient(fuse.connect(session));
  await client.init();
  const { nodeid } = await client.lookup(1, 'file');
  const body = fuse.encode(fuse.GetattrIn, {});
  const request = fuse.encodeRequest(fuse.FUSE_GETATTR, { unique: 2, nodeid }, body);
  const exchange = {
    readable: new fuse.ByteSegments(request),
    writable: new fuse.ByteSegments(new Uint8Array(120)),
    complete() {},
  };
  return { share, session, exchange };
}

async function turns({ session, exchange }) {
  const start = MonotonicClock.now();
  for (let turn = 0; turn < TURNS; turn++) {
    for (let i = 0; i < TURN; i++) session.dispatch(exchange);
    await undefined;
  }
  return (MonotonicClock.now() - start) / (TURN * TURNS);
}

function clock() {
  const start = MonotonicClock.now();
  for (let i = 0; i < TURN * TURNS; i++) MonotonicClock.now();
  return (MonotonicClock.now() - start) / (TURN * TURNS);
}

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

const ways = [];
const wanted = process.argv.slice(3);
for (const [name, audience] of Object.entries(WAYS)) {
  if (wanted.length > 0 && name !== 'nothing' && !wanted.includes(name)) continue;
  ways.push({ name, ...(await prepare(audience)) });
}
for (let i = 0; i < 200; i++) for (const way of ways) await turns(way);
const times = Object.fromEntries(ways.map(({ name }) => [name, []]));
const reading = [];
for (let round = 0; round < ROUNDS; round++) {
  for (const way of ways) times[way.name].push(await turns(way));
  reading.push(clock());
}
console.log('                  ns/request   more than with nothing');
for (const { name } of ways) {
  const more = median(times[name].map((time, i) => time - times.nothing[i]));
  console.log(
    `${name.padEnd(18)}${median(times[name]).toFixed(0).padStart(10)}${more.toFixed(0).padStart(10)} ns`,
  );
}
console.log(`reading the clock ${median(reading).toFixed(0).padStart(10)}`);
for (const { share } of ways) share[Symbol.dispose]();
rmSync(directory, { recursive: true });
