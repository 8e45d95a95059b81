import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { O_CREAT, O_RDWR, OwnedFd, unixListen } from '@vfs/sys';
import { FrontendRequest, ProtocolFeature } from '@vfs/vhost-user';
import { describe, expect, it } from 'vitest';
import { Daemon, Log } from '../src/index.js';
import { clientOf, connect, overQueue, startDaemon } from './support/daemon.js';
import { after, temporaryDirectory } from './support/fixture.js';
import { FuseClient } from './support/fuse-client.js';

describe('a virtual machine', () => {
  it('works on the shared folder', async () => {
    const { directory, socket, daemon } = await startDaemon();
    const client = await clientOf(await connect(socket));

    const dir = await client.mkdir(1, 'dir');
    const data = Buffer.alloc(1 << 20, 'some text that repeats, but not in step with pages; ');
    const { nodeid, fh } = await client.create(dir.nodeid, 'file', O_RDWR | O_CREAT);
    expect(await client.write(nodeid, fh, 0, data)).toBe(data.length);
    expect(readFileSync(join(directory, 'dir', 'file')).equals(data)).toBe(true);
    expect((await client.read(nodeid, fh, 0, data.length)).equals(data)).toBe(true);
    expect((await client.read(nodeid, fh, 4095, 5000)).equals(data.subarray(4095, 9095))).toBe(true);
    await client.flush(nodeid, fh);
    await client.release(nodeid, fh);
    await client.rename(dir.nodeid, 'file', 1, 'moved');
    await client.rmdir(1, 'dir');
    await client.unlink(1, 'moved');
    await client.batchForget([nodeid, 1], [dir.nodeid, 1]);
    expect(readdirSync(directory)).toEqual([]);
    expect(daemon.stderr).not.toMatch(/WARN|ERROR/);
  });

  it('sends many requests at a time', async () => {
    const { directory, socket } = await startDaemon();
    const client = await clientOf(await connect(socket, { memory: [{ size: 1 << 29 }] }));
    await Promise.all(
      Array.from({ length: 100 }, async (_, i) => {
        const { nodeid, fh } = await client.create(1, `f${i}`, O_RDWR | O_CREAT);
        const text = `content of ${i} `.repeat(i * 10 + 1);
        await client.write(nodeid, fh, 0, text);
        expect((await client.read(nodeid, fh, 0, 65_536)).toString()).toBe(text);
        await client.release(nodeid, fh);
        await client.forget(nodeid);
      }),
    );
    expect(readdirSync(directory)).toHaveLength(100);
    expect(await client.list(1, 'readdirplus', 65_536)).toHaveLength(102);
  });

  it('finds the tag in the configuration space', async () => {
    const { socket } = await startDaemon('--tag', 'my share');
    const frontend = await connect(socket);
    const config = Buffer.from(await frontend.getConfig(0, 40));
    expect(config.subarray(0, 36).toString().replace(/\0+$/, '')).toBe('my share');
    expect(config.readUInt32LE(36)).toBe(1);
    expect(frontend.queueCount).toBe(2);
  });

  it('has as many request queues as it is to have, and is served on each', async () => {
    const { socket } = await startDaemon('--tag', 'queues', '--num-request-queues', '4');
    const frontend = await connect(socket);
    expect(frontend.queueCount).toBe(5);
    expect(Buffer.from(await frontend.getConfig(36, 4)).readUInt32LE()).toBe(4);
    const clients = await Promise.all(
      [1, 2, 3, 4].map(
        async (index) => new FuseClient(overQueue(frontend, await frontend.startQueue(index))),
      ),
    );
    await clients[0]!.init();
    const attributes = await Promise.all(clients.map((client) => client.getattr(1)));
    expect(new Set(attributes.map(({ ino }) => ino)).size).toBe(1);
  });

  it('is not offered a configuration space without a tag', async () => {
    const { socket } = await startDaemon();
    const frontend = await connect(socket);
    expect(frontend.protocolFeatures & ProtocolFeature.CONFIG).toBe(0n);
  });

  it('cannot disturb the daemon with requests that make no sense', async () => {
    const { socket, directory } = await startDaemon('--log-level', 'off');
    const frontend = await connect(socket);
    const requests = overQueue(frontend, await frontend.startQueue(1));
    let seed = 1;
    const random = (limit: number) => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      return (seed >>> 8) % limit;
    };
    for (let i = 0; i < 2000; i++) {
      const request = Buffer.alloc(random(200));
      for (let at = 0; at < request.length; at++) request[at] = random(4) === 0 ? random(256) : 0;
      if (request.length >= 40) {
        // Mostly a header that is taken for one, so that what follows it is looked at.
        if (random(4)) request.writeUInt32LE(request.length, 0);
        request.writeUInt32LE(random(56), 4);
        request.writeBigUInt64LE(BigInt(random(3)), 16);
      }
      await requests(request, random(3) ? 4096 : random(200));
    }
    // Another session, to have a client that knows what it does.
    const client = new FuseClient(requests);
    await client.init();
    writeFileSync(join(directory, 'file'), 'fine');
    const id = await client.walk('file');
    const { fh } = await client.open(id);
    expect((await client.read(id, fh, 0, 10)).toString()).toBe('fine');
  });
});

describe('the daemon', () => {
  it('lets nobody else connect, and ends with the connection, leaving no socket', async () => {
    const { daemon, socket, directory } = await startDaemon();
    expect(lstatSync(socket).mode & 0o777).toBe(0o700);
    const frontend = await connect(socket);
    const client = await clientOf(frontend);
    writeFileSync(join(directory, 'file'), '');
    await client.open(await client.walk('file'));
    frontend.close();
    const { status, stderr } = await daemon.ended;
    expect(status).toBe(0);
    expect(existsSync(socket)).toBe(false);
    for (const line of stderr.trimEnd().split('\n')) {
      expect(line).toMatch(/^\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z INFO [a-z-]+\] \S/);
    }
  });

  it.each([
    ['in order', 'SIGTERM', 0],
    ['in order', 'SIGINT', 0],
    ['at once', 'SIGHUP', 1],
  ] as const)('ends %s at %s, connected or not, leaving no socket', async (_, signal, status) => {
    for (const connected of [false, true]) {
      const { daemon, socket } = await startDaemon();
      if (connected) await (await clientOf(await connect(socket))).getattr(1);
      daemon.process.kill(signal);
      expect((await daemon.ended).status).toBe(status);
      expect(existsSync(socket)).toBe(false);
    }
  });

  it('ends with an error and says why when the front-end breaks the protocol', async () => {
    const { daemon, socket } = await startDaemon();
    const frontend = await connect(socket);
    await frontend.call(FrontendRequest.SET_VRING_NUM, { index: 77, num: 3 }).catch(() => undefined);
    const { status, stderr } = await daemon.ended;
    expect(status).toBe(1);
    expect(stderr).toMatch(/ERROR vhost-user\] .*queue 77/);
    expect(existsSync(socket)).toBe(false);
  });

  it('does not remove a socket that is another one by now', async () => {
    const { daemon, socket } = await startDaemon();
    unlinkSync(socket);
    writeFileSync(socket, 'somebody else’s');
    daemon.process.kill('SIGTERM');
    expect((await daemon.ended).status).toBe(0);
    expect(readFileSync(socket, 'utf8')).toBe('somebody else’s');
  });

  it('lets everything go when it ends', async () => {
    const sharedDir = temporaryDirectory();
    const socketPath = join(temporaryDirectory(), 'socket');
    mkdirSync(join(sharedDir, 'dir'));
    writeFileSync(join(sharedDir, 'dir', 'file'), '');
    const serve = async () => {
      using listener = new OwnedFd(unixListen(socketPath));
      const daemon = new Daemon({ sharedDir }, listener, new Log('off'));
      after(() => daemon.stop());
      const frontend = await connect(socketPath);
      const client = await clientOf(frontend);
      const file = await client.walk('dir', 'file');
      await client.open(file);
      await client.readdir(1, await client.opendir(1), 0, 64);
      frontend.close();
      expect(await daemon.ended).toBe('done');
      unlinkSync(socketPath);
      return readdirSync('/proc/self/fd').length;
    };
    const first = await serve();
    expect(await serve()).toBe(first);
    expect(await serve()).toBe(first);
  });
});
