import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import * as fuse from '@vfs/fuse-proto';
import { MS_NODEV, mount, umount2 } from '@vfs/sys';
import { describe, expect, it } from 'vitest';
import { Log } from '../../src/log.js';
import { PassthroughFileSystem } from '../../src/passthrough/file-system.js';
import { Share, type ShareOptions } from '../../src/passthrough/share.js';
import { after, temporaryDirectory } from '../support/fixture.js';
import { Random } from './random.js';
import { type Known, makeRequest } from './requests.js';

/** For longer runs: VFS_FUZZ_SEEDS=FIRST-LAST has other seeds, VFS_FUZZ_REQUESTS more requests of each. */
const [first = 1, last = first] = (process.env['VFS_FUZZ_SEEDS'] ?? '1-6').split('-').map(Number);
const SEEDS = Array.from({ length: last - first + 1 }, (_, i) => first + i);
const REQUESTS = Number(process.env['VFS_FUZZ_REQUESTS'] ?? 4000);
/** The only thing that is worth an error in the log: such a guest does use all it may. */
const EXPECTED = 'descriptors: it gets ENFILE until it closes files';

/** These are never answered. */
const SILENT: ReadonlySet<number> = new Set([
  fuse.FUSE_FORGET,
  fuse.FUSE_BATCH_FORGET,
  fuse.FUSE_INTERRUPT,
  fuse.FUSE_NOTIFY_REPLY,
]);

/** A small file system, that can be filled, with a shared folder and something beside it. */
function place(): { directory: string; outside: string } {
  const base = temporaryDirectory();
  mount(base, { source: 'tmpfs', fstype: 'tmpfs', flags: MS_NODEV, data: 'size=32m,nr_inodes=5000' });
  after(() => umount2(base, 2));
  const [directory, outside] = [join(base, 'share'), join(base, 'outside')];
  for (const path of [directory, outside, join(directory, 'dir')]) mkdirSync(path);
  writeFileSync(join(outside, 'secret'), 'secret');
  writeFileSync(join(directory, 'a'), 'content');
  symlinkSync('../outside', join(directory, 'escape'));
  symlinkSync('a', join(directory, 'link'));
  return { directory, outside };
}

function settingsOf(random: Random): Partial<ShareOptions> {
  return {
    cache: random.pick(['auto', 'always', 'never', 'metadata']),
    writeback: random.oneIn(2),
    xattr: random.oneIn(2),
    posixAcl: random.pick(['never', 'auto']),
    securityLabel: random.pick(['never', 'auto']),
    killprivV2: random.oneIn(2),
    posixLock: random.oneIn(2),
    flock: random.oneIn(2),
    allowDirectIo: random.oneIn(2),
    inodeFileHandles: random.pick(['never', 'prefer']),
    negativeTimeout: random.pick([0, 1]),
    threadPoolSize: random.pick([0, 0, 2]),
    descriptorBudget: random.pick([40, 4000]),
  };
}

/** What a reply tells. */
function learn(known: Known, bytes: Uint8Array, payload: Uint8Array): void {
  const header = fuse.decode(fuse.InHeader, bytes);
  const { opcode } = header;
  const enters = [fuse.FUSE_LOOKUP, fuse.FUSE_MKDIR, fuse.FUSE_MKNOD, fuse.FUSE_SYMLINK, fuse.FUSE_LINK];
  const creates = opcode === fuse.FUSE_CREATE || opcode === fuse.FUSE_TMPFILE;
  const node = creates || enters.includes(opcode) ? Number(fuse.decode(fuse.EntryOut, payload).nodeid) : 0;
  if (node > 1) known.nodes.push(node);
  const opened = creates ? payload.subarray(fuse.EntryOut.SIZE) : payload;
  if (creates || opcode === fuse.FUSE_OPEN || opcode === fuse.FUSE_OPENDIR) {
    const { fh } = fuse.decode(fuse.OpenOut, opened);
    known.handles.push({ node: creates ? node : Number(header.nodeid), fh });
  }
  while (known.nodes.length > 60) known.nodes.splice(1, 1);
  while (known.handles.length > 40) known.handles.shift();
}

function initialize(session: fuse.Session, random: Random): void {
  const flags = { flags: (random.u32() | 0x4000_0000) >>> 0, flags2: random.u32() };
  const all = { flags: 0xffff_ffff, flags2: 0xffff_ffff };
  const values = { major: 7, minor: 45, max_readahead: 65_536, ...(random.oneIn(2) ? all : flags) };
  session.dispatch(
    new fuse.BufferExchange(fuse.encodeRequest(fuse.FUSE_INIT, {}, fuse.encode(fuse.InitIn, values))),
  );
}

async function fuzz(seed: number): Promise<void> {
  const random = new Random(seed);
  const { directory, outside } = place();
  const lines: string[] = [];
  const log = new Log('error', (line) => lines.push(line));
  const before = readdirSync('/proc/self/fd').length;
  const settings = settingsOf(random);
  const share = new Share({ directory, log: log.module('passthrough'), ...settings });
  const session = new fuse.Session(new PassthroughFileSystem(share), { log: log.module('fuse') });
  const known: Known = { nodes: [1], handles: [], uniques: [] };
  const waiting = new Map<number, { bytes: Uint8Array; exchange: fuse.BufferExchange }>();
  initialize(session, random);

  const check = (bytes: Uint8Array, exchange: fuse.BufferExchange): void => {
    const { reply } = exchange;
    if (reply.length === 0) return;
    const { error, payload } = fuse.decodeReply(reply);
    if (error === 0) learn(known, bytes, payload);
  };
  for (let i = 1; i <= REQUESTS; i++) {
    if (random.oneIn(1500)) initialize(session, random);
    const { bytes, room } = makeRequest(random, known, i);
    const exchange = new fuse.BufferExchange(bytes, room);
    session.dispatch(exchange);
    if (exchange.done) {
      check(bytes, exchange);
      const opcode = bytes.length >= 40 ? new DataView(bytes.buffer).getUint32(4, true) : 0;
      if (SILENT.has(opcode))
        expect(exchange.reply.length, `a reply to request ${i}, opcode ${opcode}`).toBe(0);
      else if (room >= 16 && bytes.length >= 40 && opcode !== fuse.FUSE_DESTROY) {
        expect(exchange.reply.length, `no reply to request ${i}, opcode ${opcode}`).toBeGreaterThan(0);
      }
    } else {
      waiting.set(i, { bytes, exchange });
      known.uniques.push(i);
      if (known.uniques.length > 10) known.uniques.shift();
    }
    if (!random.oneIn(20)) continue;
    await setImmediate();
    for (const [unique, { bytes, exchange }] of waiting) {
      if (!exchange.done) continue;
      waiting.delete(unique);
      check(bytes, exchange);
    }
  }

  session.reset();
  while ([...waiting.values()].some(({ exchange }) => !exchange.done)) await setImmediate();
  expect([share.nodes.size, share.handles.size, share.locks.size, share.locks.queue.size]).toEqual([
    1, 0, 0, 0,
  ]);
  share[Symbol.dispose]();
  while (readdirSync('/proc/self/fd').length > before) await setImmediate();
  expect(lines.filter((line) => !line.includes(EXPECTED))).toEqual([]);
  expect(readdirSync(outside)).toEqual(['secret']);
  expect(readFileSync(join(outside, 'secret'), 'utf8')).toBe('secret');
}

describe('requests that somebody hostile, or chance, has made', () => {
  it.each(SEEDS)(
    'are all answered, escape nowhere and leave nothing behind (seed %i)',
    { timeout: 600_000 },
    fuzz,
  );
});
