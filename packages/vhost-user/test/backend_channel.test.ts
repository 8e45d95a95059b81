import { memfdCreate, OwnedFd } from '@vfs/sys';
import { describe, expect, it } from 'vitest';
import { type BackendChannel, BackendRequest, FrontendRequest, ProtocolFeature } from '../src/index.js';
import { openDescriptors, rig, settledDescriptors, until } from './support.js';

const B = BackendRequest;
const channelFeatures = ProtocolFeature.BACKEND_REQ | ProtocolFeature.BACKEND_SEND_FD;

describe('requests of the back-end', () => {
  it('reach the front-end with their descriptors, and are acknowledged', async () => {
    const channels: BackendChannel[] = [];
    using r = rig({ useChannel: (given) => void channels.push(given) });
    const before = await settledDescriptors();
    const frontend = await r.connect({ protocolFeatures: ProtocolFeature.REPLY_ACK | channelFeatures });
    const seen: unknown[] = [];
    await frontend.serveBackend((request, descriptors) => {
      seen.push(request.request);
      if (request.request === B.SHMEM_MAP) {
        seen.push(request.body.length, descriptors.count);
        using file = new OwnedFd(descriptors.take()!);
        expect(file.fd).toBeGreaterThan(2);
        return 0n;
      }
      return request.request === B.CONFIG_CHANGE_MSG ? 0n : 5n;
    });
    await channels[0]!.call(B.CONFIG_CHANGE_MSG, undefined);
    using file = new OwnedFd(memfdCreate('shared'));
    const mapping = { shmid: 0, fdOffset: 0, shmOffset: 4096, length: 2n ** 40n, flags: 1 };
    await channels[0]!.call(B.SHMEM_MAP, mapping, [file.fd]);
    await expect(channels[0]!.call(B.SHMEM_UNMAP, mapping)).rejects.toMatchObject({ code: 'REFUSED' });
    expect(await channels[0]!.call(B.SHARED_OBJECT_LOOKUP, new Uint8Array(16))).toBe(5n);
    expect(seen).toEqual([
      B.CONFIG_CHANGE_MSG,
      B.SHMEM_MAP,
      2n ** 40n,
      1,
      B.SHMEM_UNMAP,
      B.SHARED_OBJECT_LOOKUP,
    ]);
    frontend.close();
    await until(() => r.ended.length === 1);
    await expect(channels[0]!.call(B.CONFIG_CHANGE_MSG, undefined)).rejects.toMatchObject({
      code: 'DISCONNECTED',
    });
    file.close();
    await until(() => openDescriptors() === before);
  });

  it('need no acknowledgement where none was negotiated', async () => {
    const channels: BackendChannel[] = [];
    using r = rig({ useChannel: (given) => void channels.push(given) });
    const frontend = await r.connect({ protocolFeatures: channelFeatures });
    let changes = 0;
    await frontend.serveBackend(() => BigInt(changes++));
    await until(() => channels.length === 1);
    await channels[0]!.call(B.CONFIG_CHANGE_MSG, undefined);
    await until(() => changes === 1);
  });

  it('cannot go to a file, which ends the connection and is closed', async () => {
    using r = rig({ useChannel: () => {} });
    const before = await settledDescriptors();
    const frontend = await r.connect({ protocolFeatures: ProtocolFeature.REPLY_ACK | channelFeatures });
    using file = new OwnedFd(memfdCreate('no socket'));
    await expect(
      frontend.call(FrontendRequest.SET_BACKEND_REQ_FD, undefined, [file.fd]),
    ).rejects.toMatchObject({ code: 'REFUSED' });
    await until(() => r.ended.length === 1);
    expect(r.ended[0]).toMatchObject({ code: 'BAD_DESCRIPTORS' });
    frontend.close();
    file.close();
    await until(() => openDescriptors() === before);
  });

  it('are offered only for a device that has any', async () => {
    using r = rig();
    const frontend = await r.connect({ protocolFeatures: channelFeatures });
    expect(frontend.protocolFeatures).toBe(0n);
  });
});
