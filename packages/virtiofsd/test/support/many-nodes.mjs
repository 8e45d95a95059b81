/**
 * A guest that looks at everything in a large tree while open files are limited to 1024, as after `ulimit -n 1024`:
 *
 *     node many-nodes.mjs DIRECTORY NODES [never|prefer|mandatory]
 *
 * Fills the directory, which must be empty, and says as JSON what it took.
 */
import { readdirSync } from 'node:fs';
import { BufferExchange, FuseClient, Session } from '@vfs/fuse-proto';
import { AT_FDCWD, MappedMemory, O_DIRECTORY, O_PATH, openat, RLIMIT_NOFILE, raw, setrlimit } from '@vfs/sys';
import { Log, PassthroughFileSystem, Share } from '@vfs/virtiofsd';

const LIMIT = 1024;
const BUDGET = 900;
const PER_DIRECTORY = 1000;

const [directory, count, inodeFileHandles = 'prefer'] = process.argv.slice(2);
const files = Number(count);
fill(directory, files);
setrlimit(RLIMIT_NOFILE, { soft: LIMIT, hard: LIMIT });

const log = new Log('error', (line) => process.stderr.write(`${line}\n`));
const share = new Share({
  directory,
  log: log.module('passthrough'),
  descriptorBudget: BUDGET,
  inodeFileHandles,
});
const session = new Session(new PassthroughFileSystem(share), {
  log: log.module('fuse'),
});
const client = new FuseClient((request, room) => {
  const exchange = new BufferExchange(request, room);
  session.dispatch(exchange);
  return exchange.replied;
});
await client.init({ flags: 0xffff_ffff, flags2: 0xffff_ffff });

const encoder = new TextEncoder();
const before = memory();
const lookups = [];
let began = spent();
for (let at = 0; at < files; at += PER_DIRECTORY) {
  const { nodeid } = await client.lookup(1, encoder.encode(`d${at / PER_DIRECTORY}`));
  lookups.push(Number(nodeid));
  for (let i = at; i < Math.min(at + PER_DIRECTORY, files); i++) {
    lookups.push(Number((await client.lookup(nodeid, encoder.encode(`file-${i}`))).nodeid));
  }
}
const lookupTime = spent() - began;
const after = memory();

// In an order in which none is open when it is wanted.
began = spent();
let used = 0;
for (let first = 0; first < 97; first += 24) {
  for (let i = first; i < lookups.length; i += 97) {
    const { attr } = await client.getattr(lookups[i]);
    if (attr.nlink === 0) throw new Error('a file without names');
    used++;
  }
}
const useTime = spent() - began;
const open = readdirSync('/proc/self/fd').length;
const { size: nodes, closed, bytes } = share.nodes;

began = spent();
for (const id of lookups) await client.forget(id, 1);
const forgetTime = spent() - began;
console.log(
  JSON.stringify({
    nodes,
    closed,
    open,
    wayBackBytes: bytes,
    bytesPerNode: Math.round((after - before - lookups.length * 8) / lookups.length),
    lookupMicroseconds: round(lookupTime / lookups.length),
    useMicroseconds: round(useTime / used),
    forgetMicroseconds: round(forgetTime / lookups.length),
    left: { nodes: share.nodes.size, closed: share.nodes.closed, descriptors: share.budget.used },
  }),
);
share[Symbol.dispose]();

/** Microseconds of processor time: others may be busy, too. */
function spent() {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** Bytes of the heap and of the columns. */
function memory() {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function round(value) {
  return Math.round(value * 100) / 100;
}

function fill(path, number) {
  const names = MappedMemory.anonymous(4096);
  const { id, u8 } = names.windows[0];
  const place = (name) => (u8[Buffer.from(u8.buffer, u8.byteOffset).write(name)] = 0);
  const root = openat(AT_FDCWD, path, O_PATH | O_DIRECTORY);
  for (let at = 0; at < number; at += PER_DIRECTORY) {
    const name = `d${at / PER_DIRECTORY}`;
    place(name);
    raw.mkdirat(root, id, 0, 0o755);
    const child = openat(root, name, O_PATH | O_DIRECTORY);
    for (let i = at; i < Math.min(at + PER_DIRECTORY, number); i++) {
      place(`file-${i}`);
      const error = raw.mknodat(child, id, 0, 0o100644, 0, 0);
      if (error < 0) throw new Error(`cannot make file ${i}: errno ${-error}`);
    }
    raw.close(child);
  }
  raw.close(root);
  names.unmap();
}
