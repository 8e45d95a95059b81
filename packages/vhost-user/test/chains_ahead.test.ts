import { expect, it } from 'vitest';
import { type Chain, DriverMemory, type GuestMemory, type RingParts, SplitQueue } from '../src/index.js';
import { guestMemoryOf, Random, ringPartsIn } from './support.js';

const SIZE = 16;
const REGION = 2 ** 16;

/** Where the bytes of a list of segments lie, neighbors together. */
function ranges(chain: Chain, list: Chain['readable']): [number, number][] {
  const result: [number, number][] = [];
  for (let i = 0; i < list.count; i++) {
    const start = chain.addressOf(list.windowAt(i), list.offsetAt(i));
    const last = result.at(-1);
    if (last !== undefined && last[0] + last[1] === start) last[1] += list.lengthAt(i);
    else result.push([start, list.lengthAt(i)]);
  }
  return result;
}

/** Everything that a queue finds in a ring: its chains, and the error at which it ends, if it does. */
function everything(table: GuestMemory, parts: RingParts): unknown[] {
  const queue = new SplitQueue(
    { index: 0, size: SIZE, eventIndex: true, indirect: true, signal: () => {} },
    table,
    parts,
  );
  const found: unknown[] = [];
  const chains: Chain[] = [];
  try {
    for (let chain = queue.pop(); chain !== undefined; chain = queue.pop()) {
      chains.push(chain);
      const bytes = new Uint8Array(Math.min(chain.readable.byteLength, 300));
      chain.readable.copyOut(0, bytes, 0, bytes.length);
      found.push([
        chain.head,
        ranges(chain, chain.readable),
        ranges(chain, chain.writable),
        Buffer.from(bytes).toString('hex'),
      ]);
    }
  } catch (error) {
    found.push((error as { code: string }).code, (error as Error).message);
  }
  queue.close();
  for (const chain of chains) chain.complete(0);
  return found;
}

/** A descriptor that is likely to be ordinary, but may be anything. */
function describe(random: Random, words: Uint32Array, at: number, count: number, base: number): void {
  const odd = random.chance(4);
  const inRegion = base + random.below(REGION);
  words[at] = odd ? random.below(2 ** 31) : inRegion;
  words[at + 1] = odd && random.chance(30) ? random.below(2 ** 31) : 0;
  words[at + 2] = random.chance(5) ? random.below(REGION * 2) : random.below(400);
  const flags = random.chance(60) ? 1 : 0;
  const write = random.chance(40) ? 2 : 0;
  const indirect = random.chance(15) ? 4 : 0;
  if (indirect !== 0 && !odd) words[at + 2] = 16 * (1 + random.below(6));
  const next = random.chance(3) ? random.below(2 ** 16) : random.below(count);
  words[at + 3] = (flags & (indirect === 0 || odd ? 1 : 0)) | write | indirect | (next << 16);
}

it('chains that are laid out natively are those that are walked here, and what is refused is refused for the same reason', () => {
  let chains = 0;
  let refused = 0;
  for (let seed = 1; seed <= 1000; seed++) {
    const random = new Random(seed);
    // Two regions that adjoin, and one that does not.
    const memory = new DriverMemory([
      { size: REGION },
      { size: REGION },
      { size: REGION, guestAddress: 0x9000_0000 },
    ]);
    const table = guestMemoryOf(memory);
    const parts = ringPartsIn(memory, SIZE, table);
    const base = memory.regions[0]!.guestAddress;
    for (const region of memory.regions) {
      const bytes = memory.at(region.guestAddress, REGION).u8;
      if (region === memory.regions[0]) continue;
      for (let i = 0; i < bytes.length; i += 61) bytes[i] = i;
    }
    // Indirect tables are found wherever descriptors point to.
    const first = memory.at(base + 4096, REGION - 4096).u8;
    const anywhere = new Uint32Array(first.buffer, first.byteOffset, first.length >> 2);
    for (let i = 0; i + 4 <= 2048; i += 4) describe(random, anywhere, i, 6, base);
    const descriptors = new Uint32Array(parts.descriptor.buffer, parts.descriptor.byteOffset, SIZE * 4);
    for (let i = 0; i < SIZE; i++) {
      describe(random, descriptors, i * 4, SIZE, base);
      if ((descriptors[i * 4 + 3]! & 4) !== 0) descriptors[i * 4] = base + 4096 + 16 * random.below(500);
    }
    const available = new Uint16Array(parts.available.buffer, parts.available.byteOffset, SIZE + 2);
    const count = 1 + random.below(SIZE);
    const heads = Array.from({ length: SIZE }, (_, i) => i).sort(() => (random.chance(50) ? 1 : -1));
    for (let i = 0; i < count; i++) available[2 + i] = random.chance(2) ? random.below(2 ** 16) : heads[i]!;
    available[1] = random.chance(2) ? random.below(2 ** 16) : count;
    const { places: _, ...walked } = parts;
    const expected = everything(table, walked);
    expect(everything(table, parts), `seed ${seed}`).toEqual(expected);
    chains += expected.filter((one) => Array.isArray(one)).length;
    refused += expected.some((one) => typeof one === 'string') ? 1 : 0;
    table.release();
    memory[Symbol.dispose]();
  }
  // It would say nothing if hardly any were ordinary, or all were.
  expect(chains).toBeGreaterThan(1000);
  expect(refused).toBeGreaterThan(100);
});
