import { describe, expect, it } from 'vitest';
import { type Chain, FrontendRequest, ProtocolFeature } from '../src/index.js';
import { reverse, rig, turn, until } from './support.js';

const F = FrontendRequest;
const P = ProtocolFeature;
const PAGE = 4096;

describe('RESET_DEVICE', () => {
  it('completes what is in flight, resets the device, and leaves it ready to be set up', async () => {
    const held: Chain[] = [];
    let resets = 0;
    using r = rig({ handle: (chain) => void held.push(chain), reset: () => void resets++ });
    const frontend = await r.connect({ protocolFeatures: P.REPLY_ACK | P.RESET_DEVICE });
    const queue = await frontend.startQueue(0);
    const buffer = frontend.memory.allocate(4);
    const request = queue.submit([buffer], [buffer]);
    await until(() => held.length === 1);
    const reset = frontend.call(F.RESET_DEVICE, undefined);
    await turn(10);
    expect(resets).toBe(0);
    reverse(held.pop()!);
    await reset;
    expect(resets).toBe(1);
    expect(await request).toBe(4);
    await frontend.call(F.SET_FEATURES, frontend.features);
    const another = await frontend.startQueue(0);
    const again = another.submit([buffer], [buffer]);
    await until(() => held.length === 1);
    reverse(held.pop()!);
    expect(await again).toBe(4);
  });
});

describe('memory slots', () => {
  it('are added and removed while rings run', async () => {
    using r = rig();
    const frontend = await r.connect({
      protocolFeatures: P.REPLY_ACK | P.CONFIGURE_MEM_SLOTS,
      memory: [{ size: 256 * PAGE }, { size: PAGE }, { size: PAGE }],
    });
    expect(await frontend.call(F.GET_MAX_MEM_SLOTS, undefined)).toBe(509n);
    const [first, second, third] = frontend.memory.regions;
    const describeRegion = ({ guestAddress, size, userAddress }: typeof first & object) => ({
      guestAddress,
      size,
      userAddress,
      mmapOffset: 0,
    });
    const queue = await frontend.startQueue(0);
    await frontend.call(F.REM_MEM_REG, describeRegion(second!));
    await frontend.call(F.REM_MEM_REG, describeRegion(third!), [third!.fd]);
    await frontend.call(F.ADD_MEM_REG, describeRegion(third!), [third!.fd]);
    const question = frontend.memory.at(third!.guestAddress, 4);
    const answer = frontend.memory.at(first!.guestAddress + 200 * PAGE, 4);
    question.u8.set([1, 2, 3, 4]);
    expect(await queue.submit([question], [answer])).toBe(4);
    expect([...answer.u8]).toEqual([4, 3, 2, 1]);
    // The second region is gone: whoever points to it stops its ring.
    void queue.submit([frontend.memory.at(second!.guestAddress, 4)], [answer]).catch(() => {});
    await queue.failed;
    expect(r.log.errors).toMatch(/are not in guest memory/);
    await expect(frontend.call(F.REM_MEM_REG, describeRegion(second!))).rejects.toMatchObject({
      code: 'REFUSED',
    });
    await until(() => r.ended.length === 1);
    expect(r.ended[0]?.message).toMatch(/no memory region/);
  });

  it('refuse what overlaps', async () => {
    using r = rig();
    const frontend = await r.connect({ protocolFeatures: P.REPLY_ACK | P.CONFIGURE_MEM_SLOTS });
    const { guestAddress, fd } = frontend.memory.regions[0]!;
    const region = { guestAddress, size: PAGE, userAddress: 0, mmapOffset: 0 };
    await expect(frontend.call(F.ADD_MEM_REG, region, [fd])).rejects.toMatchObject({ code: 'REFUSED' });
    await until(() => r.ended.length === 1);
    expect(r.ended[0]?.message).toMatch(/overlap/);
  });
});

describe('device status', () => {
  it('is kept, and tells about a ring that is out of order', async () => {
    using r = rig();
    const frontend = await r.connect({ protocolFeatures: P.REPLY_ACK | P.STATUS });
    await frontend.call(F.SET_STATUS, 0x0f);
    expect(await frontend.call(F.GET_STATUS, undefined)).toBe(0x0fn);
    const queue = await frontend.startQueue(0);
    void queue.submit([{ address: 0, length: 1 }], []).catch(() => {});
    await queue.failed;
    expect(await frontend.call(F.GET_STATUS, undefined)).toBe(0x4fn);
    await frontend.stopQueue(queue);
    expect(await frontend.call(F.GET_STATUS, undefined)).toBe(0x0fn);
    await expect(frontend.call(F.SET_STATUS, 0x100)).rejects.toMatchObject({ code: 'REFUSED' });
  });
});

describe('SET_CONFIG', () => {
  const write = (offset: number, bytes: number[], flags = 0) => ({
    offset,
    size: bytes.length,
    flags,
    payload: Uint8Array.from(bytes),
  });

  it('is the device to decide; a refusal does not end the connection', async () => {
    const config = new Uint8Array(8);
    using r = rig({
      config,
      writeConfig(offset, data, migration) {
        if (offset < 4 && !migration) return false;
        config.set(data, offset);
        return true;
      },
    });
    const frontend = await r.connect();
    await frontend.call(F.SET_CONFIG, write(4, [1, 2]));
    await frontend.call(F.SET_CONFIG, write(0, [9], 1));
    await expect(frontend.call(F.SET_CONFIG, write(0, [7]))).rejects.toMatchObject({ code: 'REFUSED' });
    await expect(frontend.call(F.SET_CONFIG, write(7, [7, 7]))).rejects.toMatchObject({ code: 'REFUSED' });
    expect([...(await frontend.getConfig(0, 8))]).toEqual([9, 0, 0, 0, 1, 2, 0, 0]);
    expect(r.ended).toEqual([]);
    await expect(frontend.call(F.SET_CONFIG, write(4, [7], 2))).rejects.toMatchObject({ code: 'REFUSED' });
    await until(() => r.ended.length === 1);
  });
});
