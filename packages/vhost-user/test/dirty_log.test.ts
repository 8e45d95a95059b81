import { eventfd, eventfdRead, ftruncate, MappedMemory, memfdCreate, OwnedFd } from '@vfs/sys';
import { describe, expect, it } from 'vitest';
import { Feature, FrontendRequest, ProtocolFeature } from '../src/index.js';
import { rig, until } from './support.js';

const F = FrontendRequest;
const PAGE = 4096;

describe('dirty logging', () => {
  it('marks the pages of buffers and of the used ring, and nothing else', async () => {
    using r = rig();
    const log = { offset: 100, size: 64 * 1024 };
    const frontend = await r.connect({
      memory: [{ size: 4 * 2 ** 20, guestAddress: 2 ** 30 }],
      features: Feature.VERSION_1 | Feature.PROTOCOL_FEATURES | Feature.EVENT_IDX,
      protocolFeatures: ProtocolFeature.REPLY_ACK | ProtocolFeature.LOG_SHMFD,
    });
    const queue = await frontend.startQueue(0);
    const [question, answer] = [frontend.memory.allocate(16), frontend.memory.allocate(3 * PAGE, PAGE)];
    await queue.submit([question], [answer]);

    using file = new OwnedFd(memfdCreate('log'));
    ftruncate(file, log.offset + log.size);
    using mapping = MappedMemory.map(file, log.offset + log.size);
    using event = new OwnedFd(eventfd());
    const bits = mapping.windows[0]!.u8;
    const dirty = () => {
      const pages: number[] = [];
      for (let byte = 0; byte < log.size; byte++) {
        for (let bit = 0; bit < 8; bit++) {
          if ((bits[log.offset + byte]! & (1 << bit)) !== 0) pages.push((byte * 8 + bit) * PAGE);
        }
      }
      bits.fill(0);
      return pages;
    };

    await frontend.call(F.SET_LOG_BASE, { logSize: log.size, logOffset: log.offset }, [file.fd]);
    await frontend.call(F.SET_LOG_FD, undefined, [event.fd]);
    expect(dirty()).toEqual([]);
    await frontend.call(F.SET_FEATURES, frontend.features | Feature.LOG_ALL);
    // The used ring is logged where the front-end says, here beside the memory.
    const usedLog = 2 ** 30 - 8 * PAGE;
    const address = { ...queue.vringAddress, flags: 1, log: usedLog };
    await frontend.call(F.SET_VRING_ADDR, address);
    dirty();

    // 16 bytes read, so 16 bytes written: over the edge of a page.
    const crossing = { address: answer.address + PAGE - 8, length: 64 };
    expect(await queue.submit([question], [crossing])).toBe(16);
    await until(() => eventfdRead(event) !== undefined);
    expect(dirty()).toEqual([usedLog, answer.address, answer.address + PAGE]);

    await frontend.call(F.SET_FEATURES, frontend.features);
    expect(await queue.submit([question], [answer])).toBe(16);
    expect(dirty()).toEqual([usedLog]);
    await frontend.call(F.SET_VRING_ADDR, queue.vringAddress);
    dirty();
    expect(await queue.submit([question], [answer])).toBe(16);
    expect(dirty()).toEqual([]);
  });

  it('tells the same descriptor about another log, as when memory was added', async () => {
    using r = rig();
    const frontend = await r.connect({
      memory: [{ size: 2 ** 20, guestAddress: 0 }],
      features: Feature.VERSION_1 | Feature.PROTOCOL_FEATURES | Feature.LOG_ALL,
      protocolFeatures: ProtocolFeature.REPLY_ACK | ProtocolFeature.LOG_SHMFD,
    });
    const queue = await frontend.startQueue(0);
    using file = new OwnedFd(memfdCreate('log'));
    ftruncate(file, 2 * PAGE);
    using event = new OwnedFd(eventfd());
    await frontend.call(F.SET_LOG_BASE, { logSize: PAGE, logOffset: 0 }, [file.fd]);
    await frontend.call(F.SET_LOG_FD, undefined, [event.fd]);
    await frontend.call(F.SET_LOG_BASE, { logSize: 2 * PAGE, logOffset: 0 }, [file.fd]);
    const buffer = frontend.memory.allocate(4);
    expect(await queue.submit([buffer], [buffer])).toBe(4);
    await until(() => eventfdRead(event) !== undefined);
  });

  it('refuses logs that cannot be', async () => {
    for (const [logSize, logOffset] of [
      [0, 0],
      [PAGE + 1, 0],
      [2n ** 63n, 0],
    ] as const) {
      using r = rig();
      const frontend = await r.connect({ protocolFeatures: ProtocolFeature.LOG_SHMFD });
      using file = new OwnedFd(memfdCreate('log'));
      ftruncate(file, PAGE);
      await expect(frontend.call(F.SET_LOG_BASE, { logSize, logOffset }, [file.fd])).rejects.toMatchObject({
        code: 'DISCONNECTED',
      });
      await until(() => r.ended.length === 1);
      expect(r.ended[0]?.message).toMatch(/dirty log/);
    }
    using r = rig();
    const frontend = await r.connect();
    using event = new OwnedFd(eventfd());
    await expect(frontend.call(F.SET_LOG_FD, undefined, [event.fd])).rejects.toMatchObject({
      code: 'REFUSED',
    });
  });
});
