import { readFileSync } from 'node:fs';
import { memfdCreate, raw } from '@vfs/sys';
import { describe, expect, it } from 'vitest';
import { type Chain, Frontend, FrontendChannel, FrontendRequest } from '../src/index.js';
import { rig, settledDescriptors, until } from './support.js';

/** Mappings of this process that a session makes: of memfds. */
function guestMappings(): number {
  return readFileSync('/proc/self/maps', 'utf8')
    .split('\n')
    .filter((line) => line.includes('memfd:guest')).length;
}

interface Figures {
  readonly descriptors: number;
  readonly mappings: number;
  readonly residentMiB: number;
}

/** What this process holds, once what was closed before is gone. */
async function figures(): Promise<Figures> {
  const descriptors = await settledDescriptors();
  const residentMiB = Math.round(process.memoryUsage.rss() / 2 ** 20);
  return { descriptors, mappings: guestMappings(), residentMiB };
}

/** Cycles per kind of session; the full 10,000 are a matter of minutes, of which most is spent in the kernel. */
const CYCLES = Number(process.env['VFS_LEAK_CYCLES'] ?? 300);
const TIMEOUT = 60_000 + 30 * CYCLES;

describe('connections leave nothing behind', () => {
  it(
    `over ${CYCLES} cycles of complete sessions, some cut off with requests in flight`,
    async () => {
      const held: Chain[] = [];
      let holding = false;
      using r = rig({
        handle(chain) {
          if (holding) held.push(chain);
          else chain.complete(0);
        },
      });
      const cycle = async (i: number) => {
        holding = i % 3 === 0;
        using frontend = await Frontend.connect(r.path, { memory: [{ size: 2 ** 20 }] });
        const queue = await frontend.startQueue(1, { size: 16 });
        const buffer = frontend.memory.allocate(8);
        const request = queue.submit([buffer], [buffer]);
        if (holding) {
          await until(() => held.length > 0);
          void request.catch(() => {});
        } else {
          await request;
          if (i % 3 === 1) await frontend.stopQueue(queue);
        }
        frontend.close();
        await until(() => r.ended.length > i);
        for (const chain of held.splice(0)) chain.complete(8);
      };
      for (let i = 0; i < 20; i++) await cycle(i);
      const before = await figures();
      for (let i = 20; i < CYCLES; i++) await cycle(i);
      const after = await figures();
      console.info(`${CYCLES} sessions:`, before, after);
      expect(after.descriptors).toBe(before.descriptors);
      expect(after.mappings).toBe(0);
      expect(r.log.errors).toBe('');
    },
    TIMEOUT,
  );

  it(
    `over ${CYCLES} cycles of broken messages with descriptors`,
    async () => {
      using r = rig();
      const cycle = async (i: number) => {
        using channel = await FrontendChannel.connect(r.path);
        const fds = [memfdCreate('test'), memfdCreate('test')];
        const request = [FrontendRequest.GET_FEATURES, FrontendRequest.SET_MEM_TABLE, 99][i % 3]!;
        channel.sendRaw(request, 0, new Uint8Array(8), fds);
        for (const fd of fds) raw.close(fd);
        await until(() => r.ended.length > i);
        expect(r.ended[i]).toBeDefined();
      };
      for (let i = 0; i < 5; i++) await cycle(i);
      const before = await figures();
      for (let i = 5; i < CYCLES; i++) await cycle(i);
      const after = await figures();
      console.info(`${CYCLES} broken messages:`, before, after);
      expect(after.descriptors).toBe(before.descriptors);
    },
    TIMEOUT,
  );
});
