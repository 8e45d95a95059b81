import { existsSync } from 'node:fs';
import { O_RDWR } from '@vfs/sys';
import { describe, expect, it } from 'vitest';
import { clientOf, connect, startDaemon, workerOf } from '../support/daemon.js';
import { GatedFolder } from '../thread-pool/support.js';

/** A daemon of which one request waits for a file system that does not answer. */
async function hanging(...args: string[]) {
  const folder = await GatedFolder.mount();
  const { daemon, socket } = await startDaemon('--shared-dir', folder.path, ...args);
  const exited = new Promise<number | null>((resolve) => daemon.process.once('exit', resolve));
  const worker = workerOf(daemon.process.pid!);
  const frontend = await connect(socket);
  const client = await clientOf(frontend);
  const { nodeid } = await client.lookup(1, 'slow');
  const { fh } = await client.open(nodeid, O_RDWR);
  await folder.hold('fsync');
  client.fsync(nodeid, fh).catch(() => {});
  await folder.held('fsync');
  const expectEnd = async (status: number) => {
    expect(await exited).toBe(status);
    expect([existsSync(socket), existsSync(`${socket}.pid`)]).toEqual([false, false]);
    // It was not the file system that let the daemon go.
    expect(existsSync(`/proc/${worker}`)).toBe(true);
    expect(daemon.stderr).toContain('leaving it behind');
    folder.release();
    await expect.poll(() => existsSync(`/proc/${worker}`), { timeout: 20_000 }).toBe(false);
  };
  return { daemon, frontend, client, folder, expectEnd };
}

describe('a request that waits for a file system which never answers', () => {
  it('stops no other one with a pool, and not the end at SIGHUP', async () => {
    const { daemon, client, expectEnd } = await hanging('--thread-pool-size', '2');
    const fast = await client.lookup(1, 'fast');
    const { fh } = await client.open(fast.nodeid, O_RDWR);
    expect((await client.read(fast.nodeid, fh, 0, 4)).toString()).toBe('fast');
    await client.fsync(fast.nodeid, fh);
    daemon.process.kill('SIGHUP');
    await expectEnd(1);
  });

  it('stops all others without a pool, but not the end at SIGHUP', async () => {
    const { daemon, expectEnd } = await hanging();
    daemon.process.kill('SIGHUP');
    await expectEnd(1);
  });

  it('does not stop the end at SIGTERM after its deadline', async () => {
    const { daemon, expectEnd } = await hanging('--thread-pool-size', '1');
    daemon.process.kill('SIGTERM');
    await expectEnd(1);
    expect(daemon.stderr).toContain('requests are still in flight after 10 s');
  });

  it('does not stop the end when the machine has gone', async () => {
    const { frontend, expectEnd } = await hanging('--thread-pool-size', '1');
    frontend.close();
    await expectEnd(1);
  });
});
