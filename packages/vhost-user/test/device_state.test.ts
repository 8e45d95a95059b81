import { openSync } from 'node:fs';
import { AT_POSITION, MappedMemory, OwnedFd, raw, readvAt, writevAt } from '@vfs/sys';
import { describe, expect, it } from 'vitest';
import { FrontendRequest, ProtocolFeature } from '../src/index.js';
import { openDescriptors, reverse, rig, settledDescriptors, turn, until } from './support.js';

const F = FrontendRequest;
const protocolFeatures = ProtocolFeature.REPLY_ACK | ProtocolFeature.DEVICE_STATE;
const [SAVE, LOAD] = [0, 1];

function pipe(): [reader: OwnedFd, writer: OwnedFd] {
  using memory = MappedMemory.anonymous(8);
  const window = memory.windows[0]!;
  expect(raw.pipe2(window.id, 0, 0)).toBe(0);
  return [new OwnedFd(window.i32[0]!), new OwnedFd(window.i32[1]!)];
}

/** More than a pipe holds. */
const big = Uint8Array.from({ length: 300_000 }, (_, i) => i * 7);

describe('device state', () => {
  it('is saved through a pipe', async () => {
    using r = rig({ saveState: () => big, loadState: () => {} });
    const frontend = await r.connect({ protocolFeatures });
    const [reader, writer] = pipe();
    expect(await frontend.call(F.SET_DEVICE_STATE_FD, { direction: SAVE, phase: 0 }, [writer.fd])).toBe(
      0x100n,
    );
    writer.close();
    const chunks: Buffer[] = [];
    for (;;) {
      await turn(2);
      const chunk = Buffer.alloc(65536);
      const length = readvAt(reader, [chunk], AT_POSITION);
      if (length === 0) break;
      chunks.push(chunk.subarray(0, length));
    }
    reader.close();
    expect(Buffer.concat(chunks).equals(big)).toBe(true);
    expect(await frontend.call(F.CHECK_DEVICE_STATE, undefined)).toBe(0n);
    // The result is told once.
    expect(await frontend.call(F.CHECK_DEVICE_STATE, undefined)).toBe(1n);
  });

  it('is loaded through a pipe, and the device may refuse it', async () => {
    let loaded: Uint8Array | undefined;
    using r = rig({
      saveState: () => big,
      async loadState(state) {
        await turn(2);
        if (state.length < 3) throw new Error('too short');
        loaded = state;
      },
    });
    const frontend = await r.connect({ protocolFeatures });
    for (const state of [[1, 2, 3], [1]]) {
      const [reader, writer] = pipe();
      await frontend.call(F.SET_DEVICE_STATE_FD, { direction: LOAD, phase: 0 }, [reader.fd]);
      reader.close();
      await turn(5);
      writevAt(writer, [Uint8Array.from(state)], AT_POSITION);
      writer.close();
      const result = await frontend.call(F.CHECK_DEVICE_STATE, undefined);
      expect(result).toBe(state.length < 3 ? 1n : 0n);
    }
    expect([...loaded!]).toEqual([1, 2, 3]);
    expect(r.log.errors).toMatch(/not transferred: too short/);
  });

  it('is refused in another phase or direction, and while a ring runs', async () => {
    using r = rig({ saveState: () => big, loadState: () => {}, handle: reverse });
    const before = await settledDescriptors();
    const frontend = await r.connect({ protocolFeatures });
    const start = async (direction: number, phase: number) => {
      const [reader, writer] = pipe();
      const reply = await frontend.call(F.SET_DEVICE_STATE_FD, { direction, phase }, [writer.fd]);
      reader.close();
      writer.close();
      return reply;
    };
    expect(await start(SAVE, 1)).toBe(0x101n);
    expect(await start(2, 0)).toBe(0x101n);
    const queue = await frontend.startQueue(0);
    expect(await start(SAVE, 0)).toBe(0x101n);
    expect(r.log.errors).toMatch(/a ring is running/);
    await frontend.stopQueue(queue);
    expect(await start(SAVE, 0)).toBe(0x100n);
    frontend.close();
    await until(() => openDescriptors() === before);
  });

  it('transfers end with the connection', async () => {
    using r = rig({ saveState: () => big, loadState: () => {} });
    const before = await settledDescriptors();
    const frontend = await r.connect({ protocolFeatures });
    const [reader, writer] = pipe();
    await frontend.call(F.SET_DEVICE_STATE_FD, { direction: SAVE, phase: 0 }, [writer.fd]);
    await turn(5);
    frontend.close();
    writer.close();
    reader.close();
    await until(() => openDescriptors() === before);
  });

  it('transfers end with the connection while their result is waited for: nothing is loaded in part', async () => {
    let loads = 0;
    using r = rig({ saveState: () => big, loadState: () => void loads++ });
    const before = await settledDescriptors();
    const frontend = await r.connect({ protocolFeatures });
    const [reader, writer] = pipe();
    await frontend.call(F.SET_DEVICE_STATE_FD, { direction: LOAD, phase: 0 }, [reader.fd]);
    reader.close();
    const check = frontend.call(F.CHECK_DEVICE_STATE, undefined);
    const result = expect(check).rejects.toMatchObject({ code: 'DISCONNECTED' });
    writevAt(writer, [Uint8Array.of(1)], AT_POSITION);
    await turn(10);
    frontend.close();
    await result;
    await until(() => r.ended.length === 1);
    writer.close();
    await until(() => openDescriptors() === before);
    expect(loads).toBe(0);
  });

  it('a descriptor that cannot be read or written is closed', async () => {
    const O_PATH = 0x200000;
    using r = rig({ saveState: () => big, loadState: () => {} });
    const before = await settledDescriptors();
    const frontend = await r.connect({ protocolFeatures });
    const path = new OwnedFd(openSync('/', O_PATH));
    const start = frontend.call(F.SET_DEVICE_STATE_FD, { direction: LOAD, phase: 0 }, [path.fd]);
    await expect(start).rejects.toMatchObject({ code: 'DISCONNECTED' });
    path.close();
    frontend.close();
    expect(r.log.errors).toMatch(/EBADF/);
    await until(() => openDescriptors() === before);
  });
});
