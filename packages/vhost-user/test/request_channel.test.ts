import { MappedMemory, MSG_DONTWAIT, OwnedFd, raw, unixSocketPair } from '@vfs/sys';
import { describe, expect, it } from 'vitest';
import { FrontendChannel, FrontendRequest, MAX_BODY_SIZE } from '../src/index.js';

/** Takes everything that waits at the other end, descriptors too. */
function drain(fd: number): void {
  using memory = MappedMemory.anonymous(65536);
  const { id, view } = memory.windows[0]!;
  const fds = 32768;
  while (raw.recvmsg(fd, id, 0, fds, id, fds, 32, MSG_DONTWAIT) > 0) {
    const count = view.getInt32(fds, true);
    for (let i = 1; i <= count; i++) raw.close(view.getInt32(fds + 4 * i, true));
  }
}

describe('a channel whose peer does not read', () => {
  it('refuses a message with descriptors, and works again once there is room', () => {
    const [ours, theirs] = unixSocketPair();
    using peer = new OwnedFd(theirs);
    using channel = new FrontendChannel(ours);
    const send = () =>
      channel.sendRaw(FrontendRequest.SET_LOG_FD, 0, new Uint8Array(MAX_BODY_SIZE), [peer.fd]);
    let sent = 0;
    expect(() => {
      for (;;) {
        send();
        sent++;
      }
    }).toThrow(/EAGAIN/);
    expect(sent).toBeGreaterThan(1);
    drain(peer.fd);
    expect(send).not.toThrow();
    drain(peer.fd);
  });
});
