import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  landlockVersion,
  MNT_DETACH,
  MS_SHARED,
  mount,
  O_RDONLY,
  O_RDWR,
  O_TRUNC,
  O_WRONLY,
  RENAME_EXCHANGE,
  umount2,
} from '@vfs/sys';
import { describe, expect, test } from 'vitest';
import { clientOf, connect } from '../support/daemon.js';
import { after } from '../support/fixture.js';
import type { FuseClient } from '../support/fuse-client.js';
import { commandWithWorker, places, startServed } from './support.js';

const isRoot = process.getuid!() === 0;

/** A worker that, when told, tries to change things in the folder above the share, and says what it was told. */
function triesOutside(outside: string): readonly string[] {
  return commandWithWorker(`
    const memory = MappedMemory.anonymous(8192);
    const w = memory.windows[0].id;
    const place = (at, text) => (memory.windows[0].u8.set(Buffer.from(text + '\\0'), at), at);
    const file = place(0, ${JSON.stringify(join(outside, 'file'))});
    const made = place(4096, ${JSON.stringify(join(outside, 'made'))});
    const AT_FDCWD = -100;
    onOrder(() => say('tried: ' + JSON.stringify({
      read: raw.openat(AT_FDCWD, w, file, ${O_RDONLY}, 0) >= 0,
      write: raw.openat(AT_FDCWD, w, file, ${O_WRONLY}, 0) >= 0,
      truncate: raw.openat(AT_FDCWD, w, file, ${O_RDONLY | O_TRUNC}, 0) >= 0,
      mkdir: raw.mkdirat(AT_FDCWD, w, made, 0o755) === 0,
      unlink: raw.unlinkat(AT_FDCWD, w, file, 0) === 0,
    })));`);
}

/** What a worker with --sandbox=none can do outside of the share. */
async function reach(...args: string[]): Promise<unknown> {
  const { directory, socket } = places();
  const outside = dirname(directory);
  writeFileSync(join(outside, 'file'), 'content');
  const { daemon, worker } = await startServed(triesOutside(outside), ['--sandbox=none', ...args], {
    directory,
    socket,
  });
  process.kill(worker, 'SIGUSR2');
  await daemon.logged('tried:');
  return JSON.parse(/tried: (.*)\n/.exec(daemon.stderr)![1]!);
}

/** Every kind of change, below a folder of the guest. */
async function changeEverything(client: FuseClient, parent: number, path: string, devices: boolean) {
  const a = Number((await client.mkdir(parent, 'a')).nodeid);
  const b = Number((await client.mkdir(parent, 'b')).nodeid);
  const { nodeid, fh } = await client.create(a, 'file', O_RDWR);
  await client.write(nodeid, fh, 0, 'written');
  await client.truncate(nodeid, fh, 4);
  await client.fallocate(nodeid, fh, 0, 0, 8192);
  await client.fsync(nodeid, fh);
  await client.release(nodeid, fh);
  // Without a handle: the daemon opens it again by its descriptor.
  await client.setattr(nodeid, { valid: 1 << 3, size: 2 });
  await client.setattr(nodeid, { valid: 1, mode: 0o100_600 });
  await client.setxattr(nodeid, 'user.key', 'value');
  const again = await client.open(nodeid, O_WRONLY | O_TRUNC);
  await client.write(nodeid, again.fh, 0, 'again');
  await client.link(nodeid, b, 'linked');
  await client.rename(a, 'file', b, 'moved');
  await client.mknod(a, 'plain', 0o100_644);
  await client.mknod(a, 'fifo', 0o010_644);
  await client.mknod(a, 'socket', 0o140_644);
  if (devices) {
    await client.mknod(a, 'character', 0o020_644, 0x103);
    await client.mknod(a, 'block', 0o060_644, 0x700);
  }
  await client.symlink(a, 'symbolic', 'anywhere');
  await client.rename(a, 'plain', b, 'moved', RENAME_EXCHANGE);
  await client.mkdir(a, 'folder');
  await client.rename(a, 'folder', b, 'folder');
  const { entry, open } = await client.fuse.tmpfile(a, { flags: O_RDWR, mode: 0o644 });
  await client.write(entry.nodeid, open.fh, 0, 'temporary');
  await client.link(entry.nodeid, b, 'kept');
  expect(readFileSync(join(path, 'b/kept'), 'utf8')).toBe('temporary');
  // Gone by name, and still in use.
  await client.unlink(a, 'plain');
  await client.unlink(b, 'linked');
  const gone = await client.open(nodeid, O_WRONLY);
  await client.write(nodeid, gone.fh, 0, 'gone');
  // Moved by the host, within the share.
  renameSync(join(path, 'b/moved'), join(path, 'elsewhere'));
  await client.rmdir(b, 'folder');
}

describe.runIf(landlockVersion() >= 2)('Landlock', () => {
  test.runIf(isRoot)('with --sandbox=none nothing outside of the share can be changed', async () => {
    expect(await reach('--inode-file-handles=never')).toEqual({
      read: true,
      write: false,
      truncate: landlockVersion() < 3,
      mkdir: false,
      unlink: false,
    });
  });

  test.runIf(isRoot)('is left out for a worker that opens file handles', async () => {
    expect(await reach('--inode-file-handles=prefer')).toMatchObject({ write: true, mkdir: true });
  });

  test.runIf(isRoot).each(['namespace', 'chroot', 'none'])(
    '--sandbox=%s: everything can be done in the share, and in what is mounted there before and later',
    async (sandbox) => {
      const { directory, socket } = places();
      const parent = dirname(directory);
      mount(parent, { source: 'none', fstype: 'tmpfs' });
      after(() => umount2(parent, MNT_DETACH));
      mount(parent, { flags: MS_SHARED });
      for (const name of ['share', 'share/before', 'share/later', 'share/plain'])
        mkdirSync(join(parent, name));
      mount(join(directory, 'before'), { source: 'none', fstype: 'tmpfs' });
      const args = ['--sandbox', sandbox, '--inode-file-handles=never', '--xattr'];
      const { socket: at } = await startServed('self', args, { directory, socket });
      mount(join(directory, 'later'), { source: 'none', fstype: 'tmpfs' });
      const client = await clientOf(await connect(at));
      for (const name of ['plain', 'before', 'later']) {
        const { nodeid } = await client.lookup(1, name);
        await changeEverything(client, Number(nodeid), join(directory, name), true);
      }
      await client.fuse.rename(1, 'plain', 1, 'renamed', 0);
      expect(statSync(join(directory, 'renamed')).isDirectory()).toBe(true);
    },
  );

  test.each(['namespace', 'none'])(
    '--sandbox=%s: a plain user can do everything in the share',
    async (sandbox) => {
      const { directory, socket } = await startServed('nobody', ['--sandbox', sandbox, '--xattr']);
      const client = await clientOf(await connect(socket));
      if (isRoot) Object.assign(client, { uid: 65_534, gid: 65_534 });
      await changeEverything(client, 1, directory, false);
    },
  );
});
