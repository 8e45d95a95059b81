import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { FATTR_MTIME, FATTR_SIZE, FUSE_LK_FLOCK } from '@vfs/fuse-proto';
import { F_WRLCK } from '@vfs/sys';
import { describe, expect, it } from 'vitest';
import { clientOf, connect, startDaemon, workerOf } from '../support/daemon.js';
import { sharedDirectory } from '../support/fixture.js';
import { sample } from '../support/sampler.js';
import { contentOf, GatedFolder } from './support.js';

const O_RDWR = 2;

/** A guest that has both files open, in front of a share with so many threads. */
async function guest(threadPoolSize: number) {
  const folder = await GatedFolder.mount();
  const fixture = await sharedDirectory({
    memory: 'segments',
    share: { directory: folder.path, threadPoolSize, descriptorBudget: 100 },
  });
  const { client, share } = fixture;
  const open = async (name: string) => {
    const { nodeid } = await client.lookup(1, name);
    return { node: nodeid, fh: (await client.open(nodeid, O_RDWR)).fh };
  };
  return { ...fixture, folder, share, client, slow: await open('slow'), fast: await open('fast') };
}

type Guest = Awaited<ReturnType<typeof guest>>;

/** Everything that does not have to wait for the slow file is served. */
async function expectService({ client, fast, slow }: Guest): Promise<void> {
  expect((await client.lookup(1, 'fast')).nodeid).toBe(fast.node);
  expect((await client.getattr(slow.node)).size).toBe(1 << 20);
  await client.statfs(1);
  await client.forget(fast.node);
}

/** Descriptors of this process on the files of the folder. */
function descriptors({ folder }: Guest): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(`${folder.path}/`);
    } catch {
      return false;
    }
  }).length;
}

function poolThreads(pid: number | 'self' = 'self'): number {
  return readdirSync(`/proc/${pid}/task`).filter((tid) => {
    try {
      return readFileSync(`/proc/${pid}/task/${tid}/comm`, 'utf8') === 'vfs-sys\n';
    } catch {
      return false;
    }
  }).length;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await setImmediate();
}

describe('with a thread pool', () => {
  it('a sync that takes long delays nobody else, whatever waits for the same thread', async () => {
    const it = await guest(1);
    await it.folder.hold('fsync');
    let done = 0;
    const syncs = [0, 1].map((datasync) =>
      it.client.fsync(it.slow.node, it.slow.fh, datasync).then(() => done++),
    );
    await it.folder.held('fsync');
    await expectService(it);
    expect(done).toBe(0);
    it.folder.release();
    await Promise.all(syncs);
    expect(it.share.pool!.outstanding).toBe(0);
  });

  it('a read that takes long delays no other read', async () => {
    const it = await guest(2);
    await it.folder.hold('read');
    const reading = it.client.read(it.slow.node, it.slow.fh, 4096, 100_000);
    await it.folder.held('read');
    const other = await it.client.read(it.fast.node, it.fast.fh, 1, 1 << 20);
    expect(other.equals(contentOf('fast').subarray(1))).toBe(true);
    await expectService(it);
    it.folder.release();
    expect((await reading).equals(contentOf('slow').subarray(4096, 104_096))).toBe(true);
  });

  it('neither does a write, nor a close', async () => {
    const it = await guest(2);
    await it.folder.hold('write');
    const data = Buffer.alloc(300_000, 'new');
    const writing = it.client.write(it.slow.node, it.slow.fh, 1000, data);
    await it.folder.held('write');
    await it.client.write(it.fast.node, it.fast.fh, 0, 'quick');
    await expectService(it);
    it.folder.release();
    expect(await writing).toBe(data.length);
    const read = await it.client.read(it.slow.node, it.slow.fh, 1000, data.length);
    expect(read.equals(data)).toBe(true);
    await it.folder.hold('flush');
    const flushing = it.client.flush(it.slow.node, it.slow.fh);
    await it.folder.held('flush');
    await expectService(it);
    await it.client.release(it.slow.node, it.slow.fh);
    await it.folder.held('flush', 2);
    await expectService(it);
    it.folder.release();
    await flushing;
    await until(() => it.share.pool!.outstanding === 0);
  });

  it.each(['by handle', 'by node'])('neither does a truncation %s', async (how) => {
    const it = await guest(1);
    await it.folder.hold('truncate');
    const size = 1 << 20;
    const truncating =
      how === 'by handle'
        ? it.client.truncate(it.slow.node, it.slow.fh, size)
        : it.client.setattr(it.slow.node, { valid: FATTR_SIZE | FATTR_MTIME, size, mtime: 1 });
    await it.folder.held('truncate');
    await expectService(it);
    it.folder.release();
    expect((await truncating).size).toBe(size);
    expect(it.share.pins.size).toBe(0);
  });

  it('a file stays open for a call that works on it, whatever the guest closes and forgets', async () => {
    const it = await guest(1);
    const open = descriptors(it);
    const { left } = it.share.budget;
    await it.folder.hold('read');
    const reading = it.client.read(it.slow.node, it.slow.fh, 0, 4096);
    await it.folder.held('read');
    await it.client.release(it.slow.node, it.slow.fh);
    await it.client.forget(it.slow.node);
    await expect(it.client.read(it.slow.node, it.slow.fh, 0, 1)).rejects.toThrow('EBADF');
    it.folder.release();
    expect((await reading).equals(contentOf('slow').subarray(0, 4096))).toBe(true);
    // What has the descriptors of nodes open is not the guest's to say.
    await until(() => descriptors(it) < open);
    expect(it.share.budget.left).toBeGreaterThan(left);
    expect(it.share.pins.size).toBe(0);
  });

  it('the session can end meanwhile, and the next one begins with nothing', async () => {
    const it = await guest(1);
    await it.folder.hold('read');
    const reading = it.client.read(it.slow.node, it.slow.fh, 0, 4096);
    await it.folder.held('read');
    await it.client.destroy();
    await it.client.init();
    it.folder.release();
    await expect(reading).rejects.toThrow('ENOTCONN');
    expect(it.share.handles.size).toBe(0);
    expect(it.share.pins.size).toBe(0);
    await until(() => descriptors(it) === 0);
  });

  it('locks of a machine that has gone are free for the next one', async () => {
    const folder = await GatedFolder.mount();
    const share = { directory: folder.path, threadPoolSize: 1, posixLock: true, flock: true };
    const { client } = await sharedDirectory({ memory: 'segments', share });
    const lockBoth = async () => {
      const { nodeid } = await client.lookup(1, 'slow');
      const { fh } = await client.open(nodeid, O_RDWR);
      const lk = { type: F_WRLCK, start: 0, end: 2n ** 63n - 1n, pid: 1 };
      await client.fuse.setlk(nodeid, { fh, owner: 1, lk });
      await client.fuse.setlk(nodeid, { fh, owner: 1, lk, lk_flags: FUSE_LK_FLOCK });
      return { nodeid, fh };
    };
    const { nodeid, fh } = await lockBoth();
    await folder.hold('fsync');
    const syncing = client.fsync(nodeid, fh);
    await folder.held('fsync');
    await client.destroy();
    await client.init();
    await lockBoth();
    folder.release();
    await expect(syncing).rejects.toThrow('ENOTCONN');
  });

  it('the share can be given up meanwhile, and no thread or descriptor is left in the end', async () => {
    await until(() => poolThreads() === 0);
    const it = await guest(2);
    await it.folder.hold('fsync');
    const sync = it.client.fsync(it.slow.node, it.slow.fh);
    await it.folder.held('fsync');
    expect(poolThreads()).toBe(2);
    it.share[Symbol.dispose]();
    it.folder.release();
    await sync;
    await until(() => poolThreads() === 0 && descriptors(it) === 0);
  });
});

/** A daemon, as a process of its own, with the slow file open over a connection. */
async function daemonOn(folder: GatedFolder, ...args: string[]) {
  const { daemon, socket } = await startDaemon(
    '--shared-dir',
    folder.path,
    '--thread-pool-size',
    '2',
    ...args,
  );
  const frontend = await connect(socket);
  const client = await clientOf(frontend);
  const { nodeid } = await client.lookup(1, 'slow');
  const { fh } = await client.open(nodeid, O_RDWR);
  return { daemon, socket, frontend, client, node: nodeid, fh };
}

describe('a daemon with a thread pool', () => {
  it('survives the guest that goes while its memory is being read into', async () => {
    const folder = await GatedFolder.mount();
    const { daemon, frontend, client, node, fh } = await daemonOn(folder);
    await folder.hold('read');
    const reading = client.read(node, fh, 0, 1 << 20);
    reading.catch(() => {});
    await folder.held('read');
    frontend.close();
    await daemon.logged('disconnected');
    folder.release();
    const { status, stderr } = await daemon.ended;
    expect(stderr).not.toMatch(/ ERROR /);
    expect(status).toBe(0);
  });

  it('keeps the memory of a guest that has gone until the last call that uses it has returned, and serves the next one', async () => {
    const folder = await GatedFolder.mount();
    const { daemon, socket, frontend, client, node, fh } = await daemonOn(folder, '--keep-alive');
    const worker = workerOf(daemon.process.pid!);
    const ofOne = sample(worker).guestMappings;
    expect(ofOne).toBeGreaterThan(0);
    await folder.hold('read');
    client.read(node, fh, 0, 1 << 20).catch(() => {});
    await folder.held('read');
    frontend.close();
    const next = await clientOf(await connect(socket));
    const { nodeid } = await next.lookup(1, 'fast');
    const { fh: fast } = await next.open(nodeid, O_RDWR);
    expect((await next.read(nodeid, fast, 0, 1 << 20)).equals(contentOf('fast'))).toBe(true);
    expect(sample(worker).guestMappings).toBe(2 * ofOne);
    folder.release();
    await expect.poll(() => sample(worker).guestMappings, { timeout: 20_000 }).toBe(ofOne);
    expect((await next.read(nodeid, fast, 0, 1 << 20)).equals(contentOf('fast'))).toBe(true);
    expect(daemon.stderr).not.toMatch(/ ERROR /);
  });

  it('that is told to end finishes what it has begun', async () => {
    const folder = await GatedFolder.mount();
    const { daemon, client, node, fh } = await daemonOn(folder);
    await folder.hold('write');
    const writing = client.write(node, fh, 0, Buffer.alloc(1 << 20, 'last words'));
    await folder.held('write');
    daemon.process.kill('SIGTERM');
    await daemon.logged('finishing the requests in flight');
    folder.release();
    expect(await writing).toBe(1 << 20);
    expect((await daemon.ended).status).toBe(0);
    const { client: other, node: same, fh: handle } = await daemonOn(folder);
    expect((await other.read(same, handle, 0, 10)).toString()).toBe('last words');
  });
});
