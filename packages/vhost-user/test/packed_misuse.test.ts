import { describe, expect, it } from 'vitest';
import {
  DescriptorFlag,
  Feature,
  type GuestBuffer,
  packedDescriptorLayout as layout,
  PackedFlag,
} from '../src/index.js';
import { reverse, rig, until } from './support.js';

const { NEXT, WRITE, INDIRECT } = DescriptorFlag;
const { AVAIL, USED } = PackedFlag;
const features = Feature.VERSION_1 | Feature.PROTOCOL_FEATURES | Feature.RING_PACKED | Feature.INDIRECT_DESC;

type Descriptor = [address: bigint | number, length: number, id: number, flags: number];

function write(table: { u8: Uint8Array }, descriptors: Descriptor[]): void {
  const view = new DataView(table.u8.buffer, table.u8.byteOffset, table.u8.length);
  // The first one last, as a driver does.
  for (const [i, [address, length, id, flags]] of [...descriptors.entries()].reverse()) {
    view.setBigUint64(i * layout.size + layout.addr, BigInt(address), true);
    view.setUint32(i * layout.size + layout.len, length, true);
    view.setUint16(i * layout.size + layout.id, id, true);
    view.setUint16(i * layout.size + layout.flags, flags, true);
  }
}

describe('a driver that breaks its packed ring stops that ring only', () => {
  const cases: [string, RegExp, (b: GuestBuffer) => Descriptor[]][] = [
    [
      'a chain without an end',
      /more than 4 descriptors/,
      (b) => new Array(4).fill([b.address, 4, 0, AVAIL | NEXT]),
    ],
    ['a buffer outside memory', /are not in guest memory/, () => [[0, 4, 0, AVAIL]]],
    [
      'readable after writable',
      /readable descriptor follows/,
      (b) => [
        [b.address, 4, 0, AVAIL | WRITE | NEXT],
        [b.address, 4, 0, AVAIL],
      ],
    ],
    [
      'an id in flight',
      /buffer 7 is made available while it is in flight/,
      (b) => [
        [b.address, 4, 7, AVAIL],
        [b.address, 4, 7, AVAIL],
      ],
    ],
    ['an odd indirect table', /indirect table of 17 bytes/, (b) => [[b.address, 17, 0, AVAIL | INDIRECT]]],
    ['an indirect table that continues', /continues/, (b) => [[b.address, 16, 0, AVAIL | INDIRECT | NEXT]]],
    [
      'a nested indirect table',
      /inside an indirect table/,
      (b) => {
        write(b, [[b.address, 16, 0, INDIRECT]]);
        return [[b.address, 16, 0, AVAIL | INDIRECT]];
      },
    ],
  ];
  for (const [name, cause, make] of cases) {
    it(name, async () => {
      using r = rig({ handle: (chain) => (chain.queueIndex === 0 ? undefined : reverse(chain)) });
      const frontend = await r.connect({ features });
      const queue = await frontend.startQueue(0, { size: 4, call: false });
      write(queue.parts.descriptor, make(frontend.memory.allocate(4096, 4096)));
      queue.kick();
      await queue.failed;
      expect(r.log.errors).toMatch(cause);
      const other = await frontend.startQueue(1, { size: 6 });
      const buffer = frontend.memory.allocate(4);
      expect(await other.submit([buffer], [buffer])).toBe(4);
    });
  }

  it('a ring that is made available again before anything was used', async () => {
    let held = 0;
    using r = rig({ handle: () => void held++ });
    const frontend = await r.connect({ features });
    const queue = await frontend.startQueue(0, { size: 4, call: false });
    const { address } = frontend.memory.allocate(4096, 4096);
    write(
      queue.parts.descriptor,
      [0, 1, 2, 3].map((id) => [address, 4, id, AVAIL]),
    );
    queue.kick();
    await until(() => held === 4);
    // The same descriptor, as one of the next round.
    write(queue.parts.descriptor, [[address, 4, 9, USED]]);
    queue.kick();
    await queue.failed;
    expect(r.log.errors).toMatch(/more than 4 descriptors are in flight/);
  });

  it('positions outside the ring are refused', async () => {
    using r = rig();
    const frontend = await r.connect({ features });
    await expect(
      frontend.startQueue(0, { size: 4 }).then((q) => frontend.resumeQueue(q, 4)),
    ).rejects.toThrow();
    await until(() => r.ended.length === 1);
  });
});
