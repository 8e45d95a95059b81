import { join } from 'node:path';
import {
  check,
  close,
  MappedMemory,
  MSG_DONTWAIT,
  raw,
  receiveMessage,
  SOCK_DGRAM,
  SysError,
  unixSocket,
} from '@vfs/sys';
import { describe, expect, it } from 'vitest';
import { connect, startDaemon } from '../support/daemon.js';
import { after, temporaryDirectory } from '../support/fixture.js';

/** What a service manager hears. */
function serviceManager() {
  const path = join(temporaryDirectory(), 'notify');
  const fd = unixSocket({ type: SOCK_DGRAM });
  after(() => close(fd));
  const memory = MappedMemory.anonymous(256);
  after(() => memory.unmap());
  const window = memory.windows[0]!;
  window.u8.set(Buffer.from(path));
  check(raw.bindUnix(fd, window.id, 0, path.length), 'bind');
  return {
    env: { NOTIFY_SOCKET: path },
    heard(): string[] {
      const messages: string[] = [];
      for (;;) {
        try {
          messages.push(Buffer.from(receiveMessage(fd, 4096, 0, MSG_DONTWAIT).bytes).toString());
        } catch (error) {
          if (error instanceof SysError && error.code === 'EAGAIN') return messages;
          throw error;
        }
      }
    },
  };
}

describe('a service manager', () => {
  it('is told when the daemon can be reached, and when it stops', async () => {
    const manager = serviceManager();
    const { daemon, socket, directory } = await startDaemon({ env: manager.env });
    expect(manager.heard()).toEqual([`READY=1\nSTATUS=Sharing ${directory} at ${socket}`]);
    await connect(socket);
    daemon.process.kill('SIGTERM');
    expect((await daemon.ended).status).toBe(0);
    expect(manager.heard()).toEqual([expect.stringMatching(/^STOPPING=1\nSTATUS=/)]);
  });

  it('that is gone does not disturb the daemon', async () => {
    const { daemon } = await startDaemon({ env: { NOTIFY_SOCKET: '/nowhere/notify' } });
    expect(daemon.stderr).toContain('WARN daemon] the service manager cannot be told');
    daemon.process.kill('SIGTERM');
    expect((await daemon.ended).status).toBe(0);
  });
});
