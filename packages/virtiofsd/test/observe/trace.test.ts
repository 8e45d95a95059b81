import {
  appendFileSync,
  cpSync,
  mkdirSync,
  openSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import * as fuse from '@vfs/fuse-proto';
import { Session } from '@vfs/fuse-proto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Log } from '../../src/log.js';
import { RequestObserver } from '../../src/observe/request-observer.js';
import { Entry, MAGIC } from '../../src/observe/trace/format.js';
import { TraceReader } from '../../src/observe/trace/reader.js';
import { TraceWriter } from '../../src/observe/trace/writer.js';
import { completeShare } from '../../src/options/complete.js';
import { PassthroughFileSystem } from '../../src/passthrough/file-system.js';
import { Share } from '../../src/passthrough/share.js';
import { FolderTarget } from '../../src/replay/folder-target.js';
import { play } from '../../src/replay/player.js';
import { Printer } from '../../src/replay/print.js';
import type { ReplayTarget } from '../../src/replay/target.js';
import { StartError } from '../../src/start-error.js';
import { after, temporaryDirectory } from '../support/fixture.js';
import { FuseClient } from '../support/fuse-client.js';

const silent = new Log('off');

/** A folder served in this process, every request of which is recorded. */
function recorded({ data = 0, limit = 1 << 30 } = {}) {
  const parent = temporaryDirectory();
  const directory = join(parent, 'share');
  mkdirSync(directory);
  const file = join(parent, 'trace');
  const lines: string[] = [];
  const log = new Log('info', (line) => lines.push(line));
  const writer = new TraceWriter(openSync(file, 'w'), {
    data,
    limit,
    description: { of: 'a test' },
    log: log.module('trace'),
  });
  const share = new Share({ directory, log: silent.module('test'), xattr: true });
  after(() => share[Symbol.dispose]());
  const session = new Session(new PassthroughFileSystem(share), {
    observer: new RequestObserver({ trace: writer }),
  });
  const client = new FuseClient(fuse.connect(session));
  /** Ends the recording. */
  const end = () => {
    writer[Symbol.dispose]();
    return file;
  };
  return { parent, directory, client, file, lines, writer, end };
}

/** Every message of a recording. */
function messagesOf(file: string) {
  using reader = new TraceReader(file);
  const records = [...reader.records()].map((each) => ({ ...each, message: Buffer.from(each.message) }));
  return { records, torn: reader.torn, description: reader.description };
}

async function replayed(file: string, directory: string, patience = 10_000) {
  using reader = new TraceReader(file);
  using target = new FolderTarget(directory, completeShare({ xattr: true }, true), silent);
  return await play(reader, target, { paced: false, patience });
}

/** Uses many operations: whatever the replay has to translate. */
async function session(client: FuseClient) {
  await client.init();
  const directory = await client.mkdir(1, 'directory');
  const { entry, open } = await client.fuse.create(directory.nodeid, 'file', { flags: 2, mode: 0o644 });
  await client.write(entry.nodeid, open.fh, 0, 'hello');
  await client.read(entry.nodeid, open.fh, 0, 100);
  await client.fuse.release(entry.nodeid, { fh: open.fh });
  await client.fuse.link(entry.nodeid, 1, 'link');
  await client.fuse.rename(directory.nodeid, 'file', 1, 'renamed');
  await expect(client.lookup(directory.nodeid, 'file')).rejects.toThrow('ENOENT');
  for (let i = 0; i < 50; i++) await client.fuse.mknod(directory.nodeid, `file${i}`, { mode: 0o100644 });
  const { fh } = await client.fuse.opendir(directory.nodeid);
  let offset: fuse.U64 = 0;
  for (;;) {
    const some = await client.fuse.readdirplus(directory.nodeid, { fh, offset, size: 1024 });
    if (some.length === 0) break;
    for (const { entry } of some) {
      if (entry.nodeid !== 0) await client.fuse.forget(entry.nodeid, 1);
    }
    offset = some.at(-1)!.off;
  }
  await client.fuse.releasedir(directory.nodeid, { fh });
  await client.fuse.batch_forget([{ nodeid: entry.nodeid, nlookup: 1 }]);
  await client.fuse.setxattr(1, 'user.name', Buffer.from('secret'));
  await client.fuse.getxattr(1, 'user.name', 100);
}

it('what was recorded comes out alike in another folder that is as the first one was', async () => {
  const { client, end, directory, parent } = recorded();
  writeFileSync(join(directory, 'there'), '');
  const copy = join(parent, 'copy');
  cpSync(directory, copy, { recursive: true });
  await session(client);
  const report = await replayed(end(), copy);
  expect(report.details).toEqual([]);
  expect(report).toMatchObject({ differences: 0, skipped: 0, torn: false, filled: 2 });
  expect(report.requests).toBeGreaterThan(100);
  expect(report.timings['MKNOD']!.requests).toBe(50);
  expect(readFileSync(join(copy, 'renamed'), 'latin1')).toBe('\0\0\0\0\0');
});

it('with its data, what was written is written again', async () => {
  const { client, end, parent } = recorded({ data: 100 });
  const copy = join(parent, 'copy');
  mkdirSync(copy);
  await session(client);
  const report = await replayed(end(), copy);
  expect(report).toMatchObject({ differences: 0, filled: 0 });
  expect(readFileSync(join(copy, 'renamed'), 'latin1')).toBe('hello');
});

it('data is not recorded unless asked for, names are', async () => {
  const { client, end } = recorded();
  await session(client);
  const bytes = readFileSync(end());
  expect(bytes.includes('hello')).toBe(false);
  expect(bytes.includes('secret')).toBe(false);
  expect(bytes.includes('renamed')).toBe(true);
  expect(bytes.includes('user.name')).toBe(true);
});

it('in a folder that is different the differences are told', async () => {
  const { client, end, parent } = recorded();
  const other = join(parent, 'other');
  mkdirSync(join(other, 'directory'), { recursive: true });
  await session(client);
  const report = await replayed(end(), other);
  expect(report.details[0]).toMatchObject({ opcode: 'MKDIR', recorded: 'success', replayed: 'EEXIST' });
  // What is about the directory that could not be made has nothing to be about.
  expect(report.skipped).toBeGreaterThan(50);
});

it('every message is there, whole and in order, and can be printed', async () => {
  const { client, end, directory } = recorded();
  writeFileSync(join(directory, 'a file\n'), '');
  await client.init();
  await client.lookup(1, 'a file\n');
  await client.getattr(1);
  const { records, description } = messagesOf(end());
  expect(description).toEqual({ of: 'a test' });
  expect(records.map(({ kind, cut }) => [kind, cut])).toEqual(
    ['request', 'reply', 'request', 'reply', 'request', 'reply'].map((kind) => [kind, false]),
  );
  expect(records.map(({ time }) => time)).toEqual(records.map(({ time }) => time).sort((a, b) => a - b));
  const printer = new Printer();
  const lines = records.map((record) => printer.line(record));
  expect(lines[2]).toMatch(/-> 4 LOOKUP node=1 "a file\\\\n"$/);
  expect(lines[3]).toMatch(/<- 4 LOOKUP nodeid=2 .* mode=0100666 .* in \d+\.\d µs$/);
});

it('a recording ends at its limit, and says so', async () => {
  const { client, end, lines, file } = recorded({ limit: 20_000 });
  await client.init();
  for (let i = 0; i < 1000; i++) await client.getattr(1);
  const { records } = messagesOf(end());
  expect(records.at(-1)!.kind).toBe('full');
  expect(readFileSync(file).length).toBeLessThanOrEqual(20_000);
  expect(lines.filter((line) => line.includes('has reached --trace-limit'))).toHaveLength(1);
});

it('a recording that cannot be written ends, and the requests go on', async () => {
  const lines: string[] = [];
  const log = new Log('info', (line) => lines.push(line));
  const full = openSync('/dev/full', 'w');
  const trace = new TraceWriter(full, { data: 0, limit: 1 << 30, description: {}, log: log.module('trace') });
  const observer = new RequestObserver({ trace });
  const client = new FuseClient(fuse.connect(new Session({ getattr: () => 0 }, { observer })));
  await client.init();
  await client.getattr(1);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('the recording ends here, it cannot be written: ENOSPC');
});

it('a recording that was torn off is used as far as it goes', async () => {
  const { client, end, parent } = recorded();
  await client.init();
  for (let i = 0; i < 10; i++) await client.getattr(1);
  const file = end();
  truncateSync(file, readFileSync(file).length - 5);
  expect(messagesOf(file)).toMatchObject({ torn: true });
  const copy = join(parent, 'copy');
  mkdirSync(copy);
  expect(await replayed(file, copy)).toMatchObject({ torn: true, requests: 11, differences: 0 });
});

it('records of kinds to come are passed over', async () => {
  const { client, end } = recorded();
  await client.init();
  const file = end();
  const unknown = Buffer.alloc(Entry.SIZE + 3);
  unknown.writeUInt32LE(unknown.length, Entry.size);
  unknown[Entry.kind] = 200;
  appendFileSync(file, unknown);
  expect(messagesOf(file)).toMatchObject({ torn: false });
  expect(messagesOf(file).records).toHaveLength(2);
});

it('an answer that does not come is a difference, and the replay goes on', async () => {
  const { client, end } = recorded();
  await client.init();
  await client.getattr(1);
  using reader = new TraceReader(end());
  const deaf: ReplayTarget = { send: () => {}, [Symbol.dispose]() {} };
  const report = await play(reader, deaf, { paced: false, patience: 1 });
  expect(report.details.map(({ replayed }) => replayed)).toEqual(['no answer in time', 'no answer in time']);
});

it('whatever the file is, it is read to its end or refused with the reason, and so is its replay', async () => {
  const { client, end, parent } = recorded();
  await client.init();
  await client.lookup(1, 'absent').catch(() => {});
  const whole = readFileSync(end());
  const file = join(parent, 'broken');
  const folder = join(parent, 'folder');
  mkdirSync(folder);
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(255), fc.boolean(), async (at, byte, cut) => {
      const broken = Buffer.from(whole);
      broken[at] = byte;
      writeFileSync(file, cut ? broken.subarray(0, at) : broken);
      try {
        await replayed(file, folder, 1);
        const printer = new Printer();
        for (const record of messagesOf(file).records) printer.line(record);
      } catch (error) {
        expect(error).toBeInstanceOf(StartError);
      }
    }),
    { numRuns: 150 },
  );
});

it.each([
  ['nothing', Buffer.alloc(0)],
  ['something else', Buffer.from('#!/bin/sh\n'.repeat(10))],
  ['only the beginning', MAGIC],
])('a file with %s in it is no recording', (_, bytes) => {
  const file = join(temporaryDirectory(), 'file');
  writeFileSync(file, bytes);
  expect(() => new TraceReader(file)).toThrow('it is no recording');
});
