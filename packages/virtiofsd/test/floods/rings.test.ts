/** A guest that asks for as much as it can at a time, of a daemon over its socket. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  BatchForgetIn,
  decode,
  decodeReply,
  EntryOut,
  encode,
  encodeRequest,
  ForgetIn,
  FUSE_BATCH_FORGET,
  FUSE_FORGET,
  FUSE_GETATTR,
  FUSE_INIT,
  FUSE_LOOKUP,
  FUSE_OPEN,
  FUSE_OPENDIR,
  FUSE_READ,
  FUSE_READDIRPLUS,
  GetattrIn,
  InitIn,
  OpenIn,
  OpenOut,
  ReadIn,
} from '@vfs/fuse-proto';
import type { DriverQueue, Frontend } from '@vfs/vhost-user';
import { describe, expect, it } from 'vitest';
import { connect, startDaemon, workerOf } from '../support/daemon.js';
import { GatedFolder } from '../thread-pool/support.js';

const RING = 1024;
const SLOTS = { size: RING };

/** One queue with as many requests on it as it takes, each with its own place in memory. */
class Flood {
  readonly #frontend: Frontend;
  readonly #queue: DriverQueue;
  answered = 0;

  constructor(frontend: Frontend, queue: DriverQueue) {
    this.#frontend = frontend;
    this.#queue = queue;
  }

  /** Makes a request: its payload, or −errno. Larger replies than `room` − 16 bytes are refused. */
  async ask(
    opcode: number,
    nodeid: number | bigint,
    parts: Uint8Array[],
    room = 256,
  ): Promise<Uint8Array | number> {
    const bytes = encodeRequest(opcode, { nodeid, unique: 2 }, ...parts);
    const question = this.#frontend.memory.allocate(bytes.length);
    const answer = this.#frontend.memory.allocate(Math.max(room, 16));
    question.u8.set(bytes);
    const length = await this.#queue.submit([question], room > 0 ? [answer] : []);
    this.answered++;
    if (length === 0) return 0;
    const { error, payload } = decodeReply(answer.u8.slice(0, length), 2);
    return error === 0 ? payload : error;
  }
}

async function guest(...args: string[]) {
  const { daemon, directory, socket } = await startDaemon('--num-request-queues=2', ...args);
  const frontend = await connect(socket, { memory: [{ size: 256 << 20 }] });
  const [priority, first, second] = await Promise.all(
    [0, 1, 2].map(async (index) => new Flood(frontend, await frontend.startQueue(index, SLOTS))),
  );
  const init = { major: 7, minor: 38, max_readahead: 65_536, flags: 0xffff_ffff };
  await first!.ask(FUSE_INIT, 0, [encode(InitIn, init)]);
  const worker = workerOf(daemon.process.pid!);
  return { daemon, directory, worker, priority: priority!, first: first!, second: second! };
}

const payloadOf = (reply: Uint8Array | number): Uint8Array => {
  if (typeof reply === 'number') throw new Error(`errno ${-reply}`);
  return reply;
};
const lookup = async (queue: Flood, name: string) =>
  decode(EntryOut, payloadOf(await queue.ask(FUSE_LOOKUP, 1, [Buffer.from(`${name}\0`)]))).nodeid;
const getattr = (queue: Flood, node: number | bigint = 1) =>
  queue.ask(FUSE_GETATTR, node, [encode(GetattrIn, {})]);

/** Bytes that a process has in memory, those that it shares with the guest left out. */
function ownMemory(pid: number): number {
  return Number(/^RssAnon:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) * 1024;
}

describe('a guest that fills its rings', () => {
  it('with the longest listings is served on its other rings before these are done', async () => {
    const { directory, priority, first, second } = await guest();
    mkdirSync(join(directory, 'many'));
    for (let i = 0; i < 2000; i++) writeFileSync(join(directory, 'many', `${i}`), '');
    const node = await lookup(first, 'many');
    const { fh } = decode(OpenOut, payloadOf(await first.ask(FUSE_OPENDIR, node, [encode(OpenIn, {})])));
    const size = 1 << 20;
    const asked = 60;
    const begun = first.answered;
    const lists = Array.from({ length: asked }, () =>
      first.ask(FUSE_READDIRPLUS, node, [encode(ReadIn, { fh, size })], size + 16),
    );
    const forgotten = priority.ask(FUSE_FORGET, 1, [encode(ForgetIn, { nlookup: 1 })], 0);
    await Promise.all([forgotten, getattr(second)]);
    expect(first.answered - begun).toBeLessThan(asked);
    for (const list of await Promise.all(lists)) expect(payloadOf(list).length).toBeGreaterThan(2000 * 150);
  });

  it('with nothing but FORGETs, of nodes that it does not have, loses nothing but these', async () => {
    const { directory, priority, first } = await guest();
    writeFileSync(join(directory, 'file'), '');
    const node = await lookup(first, 'file');
    const count = 60_000;
    const items = new Uint8Array(16 * count);
    const view = new DataView(items.buffer);
    for (let i = 0; i < count; i++) view.setBigUint64(16 * i, BigInt(i) * 4096n + 7n, true);
    for (let i = 0; i < count; i++) view.setBigUint64(16 * i + 8, 0xffff_ffff_ffff_ffffn, true);
    const storm = Array.from({ length: 100 }, () =>
      priority.ask(FUSE_BATCH_FORGET, 0, [encode(BatchForgetIn, { count }), items], 0),
    );
    expect(payloadOf(await getattr(first, node)).length).toBeGreaterThan(0);
    await Promise.all(storm);
    expect(payloadOf(await getattr(first, node)).length).toBeGreaterThan(0);
  });

  it('with requests that wait for a disk is served on its other rings, and costs no more than these requests', async () => {
    const folder = await GatedFolder.mount();
    const { worker, priority, first, second } = await guest(
      '--shared-dir',
      folder.path,
      '--thread-pool-size=2',
    );
    const node = await lookup(first, 'slow');
    const { fh } = decode(OpenOut, payloadOf(await first.ask(FUSE_OPEN, node, [encode(OpenIn, {})])));
    await folder.hold('read');
    const read = (offset: number) =>
      first.ask(FUSE_READ, node, [encode(ReadIn, { fh, offset, size: 64 })], 80);
    const before = ownMemory(worker);
    const waiting = [read(0)];
    await folder.held('read');
    for (let i = 1; i < RING / 2; i++) waiting.push(read(64 * i));
    for (let i = 0; i < 100; i++) {
      await priority.ask(FUSE_FORGET, 1, [encode(ForgetIn, { nlookup: 1 })], 0);
      expect(payloadOf(await getattr(second)).length).toBeGreaterThan(0);
    }
    // A slot, a chain and a promise for each.
    expect(ownMemory(worker) - before).toBeLessThan((RING / 2) * 65_536);
    folder.release();
    for (const reply of await Promise.all(waiting)) expect(payloadOf(reply)).toHaveLength(64);
  });
});
