import { describe, expect, it } from 'vitest';
import { connect, startDaemon } from '../support/daemon.js';
import { datagrams } from '../support/datagrams.js';

describe('a service manager', () => {
  it('is told when the daemon can be reached, and when it stops', async () => {
    const manager = datagrams();
    const { daemon, socket, directory } = await startDaemon({ env: { NOTIFY_SOCKET: manager.path } });
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
