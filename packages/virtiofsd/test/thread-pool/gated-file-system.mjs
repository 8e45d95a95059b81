// @ts-check
/**
 * A file system with two files, mounted at the directory of the first argument by a process of its own, whose requests can be held. On
 * standard input a line `hold fsync` (or read, write, flush, truncate) has requests of that kind about the file `slow` wait, each
 * reported as `held fsync`; `release` lets them go on.
 */
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { FOPEN_DIRECT_IO } from '@vfs/fuse-proto';
import { ENOENT } from '@vfs/sys';
import { mountFileSystem } from '../../dist/index.js';

/** A test that goes wrong must not leave processes behind that cannot be killed. */
const LONGEST_HOLD = 60_000;
const SIZE = 1 << 20;
const ROOT = 1;
const NAMES = ['slow', 'fast'];

const contents = NAMES.map((name) => Buffer.alloc(SIZE, `${name}: `));
const holding = new Set();
let release = () => {};
let released = Promise.resolve();

/** @param {string} line */
const say = (line) => process.stdout.write(`${line}\n`);

/** @param {number} id @param {string} kind @param {() => number} act */
function gated(id, kind, act) {
  if (NAMES[id - 2] !== 'slow' || !holding.has(kind)) return act();
  say(`held ${kind}`);
  return Promise.race([released, setTimeout(LONGEST_HOLD, undefined, { ref: false })]).then(act);
}

/** @param {import('@vfs/fuse-proto').Attr} attr @param {number} id */
function describe(attr, id) {
  attr.ino = id;
  attr.mode = id === ROOT ? 0o40755 : 0o100644;
  attr.nlink = 1;
  attr.size = id === ROOT ? 0 : SIZE;
  attr.blksize = 4096;
}

/** @type {import('@vfs/fuse-proto').FileSystem} */
const fs = {
  lookup(_context, _parent, name, reply) {
    const index = NAMES.indexOf(name.toString());
    if (index < 0) return -ENOENT;
    reply.nodeid = index + 2;
    describe(reply.attr, index + 2);
    return 0;
  },
  getattr(_context, id, _input, reply) {
    describe(reply.attr, id);
    return 0;
  },
  setattr: (_context, id, _input, reply) =>
    gated(id, 'truncate', () => {
      describe(reply.attr, id);
      return 0;
    }),
  open(_context, _id, _input, reply) {
    reply.open_flags = FOPEN_DIRECT_IO;
    return 0;
  },
  read(_context, id, input, sink) {
    const offset = Number(input.offset);
    const end = Math.min(offset + sink.length, SIZE);
    return gated(id, 'read', () => {
      sink.copyFrom(contents[id - 2].subarray(offset, end));
      return end - offset;
    });
  },
  write(_context, id, input, source) {
    return gated(id, 'write', () => {
      const bytes = contents[id - 2].subarray(Number(input.offset), Number(input.offset) + source.length);
      source.copyTo(bytes);
      return bytes.length;
    });
  },
  statfs(_context, _id, reply) {
    reply.namelen = 255;
    return 0;
  },
  flush: (_context, id) => gated(id, 'flush', () => 0),
  fsync: (_context, id) => gated(id, 'fsync', () => 0),
};

const [mountpoint] = process.argv.slice(2);
if (mountpoint === undefined) throw new Error('where?');
const mount = await mountFileSystem(fs, mountpoint);
say('mounted');
const lines = createInterface({ input: process.stdin });
for await (const line of lines) {
  const [command, kind] = line.split(' ');
  if (command === 'hold') {
    holding.add(kind);
    released = new Promise((resolve) => {
      release = resolve;
    });
    say(`holds ${kind}`);
  } else {
    holding.clear();
    release();
  }
}
release();
await mount.detach();
