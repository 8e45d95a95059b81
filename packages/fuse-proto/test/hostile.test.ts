/** Whatever bytes a peer sends: no exception, no reading outside, one completion, a reply that parses. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as fuse from '../src/index.js';
import { operations } from '../src/operations/table.js';
import { concat, init } from './support.js';

/** Segments that fail the test when they are used outside of their bounds. */
class Guarded implements fuse.Segments {
  readonly bytes: Uint8Array;
  readonly faults: string[];

  constructor(bytes: Uint8Array, faults: string[]) {
    this.bytes = bytes;
    this.faults = faults;
  }

  get byteLength(): number {
    return this.bytes.length;
  }

  copyOut(position: number, target: Uint8Array, targetOffset: number, length: number): void {
    this.#check(position, length, target, targetOffset);
    target.set(this.bytes.subarray(position, position + length), targetOffset);
  }

  copyIn(position: number, source: Uint8Array, sourceOffset: number, length: number): void {
    this.#check(position, length, source, sourceOffset);
    this.bytes.set(source.subarray(sourceOffset, sourceOffset + length), position);
  }

  #check(position: number, length: number, other: Uint8Array, offset: number): void {
    const fits = position + length <= this.bytes.length && offset + length <= other.length;
    if (!fits || position < 0 || length < 0 || offset < 0) this.faults.push(`${position}+${length}`);
  }
}

/** Uses everything that it is given, as far as it goes, and answers now or later. */
function everything(later: boolean): fuse.FileSystem {
  const answer = (value: number): fuse.Outcome => (later ? Promise.resolve(value) : value);
  const touch = (...values: unknown[]) => {
    for (const value of values) {
      if (value instanceof fuse.BytesIn) value.copy();
      if (value instanceof fuse.View) value.toObject();
    }
  };
  const list = (reply: fuse.DirentList | fuse.DirentPlusList) => {
    while (reply.addEntry(2n ** 64n - 1n, 1, 4, `n${reply.count}`)) if (reply.count > 100) break;
    return answer(0);
  };
  const fs: Record<string, unknown> = {
    forget: () => {},
    init: undefined,
    destroy: () => {},
    read: (_: fuse.Context, _n: number, _i: fuse.ReadIn, sink: fuse.DataRange) => {
      sink.copyFrom(new Uint8Array(Math.min(sink.length, 5000)).fill(0xaa));
      return answer(Math.min(sink.length, 5000));
    },
    write: (_: fuse.Context, _n: number, _i: fuse.WriteIn, source: fuse.DataRange) => {
      source.copyTo(new Uint8Array(source.length));
      return answer(source.length);
    },
    notify_reply: (_: fuse.Context, _n: number, _i: fuse.NotifyRetrieveIn, data: fuse.DataRange) => {
      data.copyTo(new Uint8Array(data.length));
      return answer(0);
    },
    readdir: (_: fuse.Context, _n: number, _i: fuse.ReadIn, reply: fuse.DirentList) => list(reply),
    readdirplus: (_: fuse.Context, _n: number, _i: fuse.ReadIn, reply: fuse.DirentPlusList) => list(reply),
    copy_file_range: (_: fuse.Context, _n: number, input: fuse.CopyFileRangeIn) => answer(Number(input.len)),
  };
  for (const method of new Set(operations.map((operation) => operation?.method))) {
    if (method === undefined || fs[method] !== undefined) continue;
    fs[method] = (...values: unknown[]) => {
      touch(...values);
      for (const value of values) if (value instanceof fuse.BytesOut) value.set(new Uint8Array(40));
      return answer(0);
    };
  }
  return fs;
}

/** Requests that are right up to some point, which is where the interesting mistakes are. */
const opcode = fc.oneof(fc.integer({ min: 1, max: 54 }), fc.nat({ max: 0xffff_ffff }));
const half = fc.oneof(fc.nat({ max: 300 }), fc.nat({ max: 0xffff_ffff }));
const words = fc
  .array(half, { maxLength: 30 })
  .map((values) => new Uint8Array(Uint32Array.from(values).buffer));
const name = fc.oneof(
  fc.stringMatching(/^[a-z./]{0,300}$/).map((text) => new TextEncoder().encode(`${text}\0`)),
  fc.uint8Array({ maxLength: 20 }),
);
const body = fc
  .tuple(words, fc.array(name, { maxLength: 3 }), fc.uint8Array({ maxLength: 400 }))
  .map(([fixed, names, rest]) => concat(fixed, ...names, rest));
const request = fc.oneof(
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }) },
  {
    weight: 8,
    arbitrary: fc
      .record({
        opcode,
        body,
        unique: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
        nodeid: half,
        lie: fc.option(half),
      })
      .map(({ opcode, body, unique, nodeid, lie }) =>
        concat(fuse.encode(fuse.InHeader, { len: lie ?? body.length + 40, opcode, unique, nodeid }), body),
      ),
  },
);
const room = fc.oneof(fc.nat({ max: 200 }), fc.nat({ max: 9000 }));
const ALL = { flags: 0x7fff_ffff, flags2: 0x7ff };

/** A good reply has the structure, or the records, of its operation. */
function checkPayload(opcode: number, payload: Uint8Array): void {
  const operation = operations[opcode];
  if (operation?.finish === undefined) expect(payload.length).toBe(operation?.output);
  if (opcode === fuse.FUSE_WRITE) expect(payload.length).toBe(fuse.WriteOut.SIZE);
  if (opcode === fuse.FUSE_READDIR) fuse.decodeDirents(payload);
  if (opcode === fuse.FUSE_READDIRPLUS) fuse.decodeDirentsPlus(payload);
}

async function attack(requests: readonly [Uint8Array, number][], later: boolean, flags: bigint) {
  const faults: string[] = [];
  const session = new fuse.Session(everything(later), { flags });
  init(session, ALL);
  const checks: (() => void)[] = [];
  for (const [bytes, size] of requests) {
    const writable = new Guarded(new Uint8Array(size).fill(0x55), faults);
    const lengths: number[] = [];
    session.dispatch({
      readable: new Guarded(bytes, faults),
      writable,
      complete: (n) => void lengths.push(n),
    });
    checks.push(() => {
      expect(lengths.length).toBe(1);
      const [length = 0] = lengths;
      expect(length).toBeLessThanOrEqual(size);
      if (length === 0) return;
      const header = new Uint8Array(40);
      header.set(bytes.subarray(0, 40));
      const reply = fuse.decodeReply(
        writable.bytes.slice(0, length),
        bytes.length < 40 ? undefined : fuse.decode(fuse.InHeader, header).unique,
      );
      if (reply.error !== 0)
        expect(writable.bytes.subarray(16).every((byte) => byte === 0x55 || later || byte === 0xaa)).toBe(
          true,
        );
      if (reply.error === 0) checkPayload(fuse.decode(fuse.InHeader, header).opcode, reply.payload);
    });
  }
  while (session.inFlight > 0) await new Promise((resolve) => setImmediate(resolve));
  for (const check of checks) check();
  expect(faults).toEqual([]);
}

test.each([
  ['at once', false, 0n],
  ['later', true, 0n],
  ['at once, with every flag agreed on', false, 2n ** 43n - 1n],
])('arbitrary requests, answered %s', async (_, later, flags) => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(request, room), { maxLength: 20 }), (requests) =>
      attack(requests, later, flags),
    ),
    { numRuns: 400 },
  );
});

test('every operation, cut off at every length', async () => {
  const requests: [Uint8Array, number][] = [];
  for (let opcode = 1; opcode <= 54; opcode++) {
    if (opcode === fuse.FUSE_DESTROY || opcode === fuse.FUSE_INIT) continue;
    const body = new Uint8Array(140).fill(0x61);
    for (let length = 0; length <= body.length; length += 3) {
      const header = fuse.encode(fuse.InHeader, { len: 40 + length, opcode, unique: opcode, nodeid: 1 });
      requests.push([concat(header, body.subarray(0, length)), 4096]);
    }
  }
  await attack(requests, false, 0n);
});
