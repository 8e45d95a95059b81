import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { CapabilitySet, MNT_DETACH, MS_SHARED, mount, readThreads, umount2 } from '@vfs/sys';
import { describe, expect, test } from 'vitest';
import { clientOf, connect, run } from '../support/daemon.js';
import { after } from '../support/fixture.js';
import { command, descriptorsOf, places, startServed, until } from './support.js';

const isRoot = process.getuid!() === 0;
/** CHOWN, DAC_OVERRIDE, DAC_READ_SEARCH, FOWNER, FSETID, SETGID, SETUID, MKNOD, SETFCAP. */
const USUAL = 0x8800_00df;
const SANDBOXES = ['namespace', 'chroot', 'none'] as const;

/** What every thread of a worker has: capabilities of all kinds, and what cannot be taken back. */
function privilegeOf(pid: number): unknown[] {
  const threads = readThreads(pid).map((thread) => ({
    permitted: thread.permitted.mask,
    effective: thread.effective.mask,
    bounding: thread.bounding.mask,
    ambient: thread.ambient.mask,
    noNewPrivs: thread.noNewPrivs,
    seccomp: thread.seccomp,
  }));
  expect(threads.length).toBeGreaterThan(3);
  return [...new Map(threads.map((thread) => [JSON.stringify(thread), thread])).values()];
}

function confined(mask: number, ambient = 0) {
  return [{ permitted: mask, effective: mask, bounding: 0, ambient, noNewPrivs: true, seccomp: 2 }];
}

describe.runIf(isRoot)('as root', () => {
  test.each(SANDBOXES)(
    '--sandbox=%s: every thread has the usual capabilities and no others',
    async (sandbox) => {
      const { worker, socket, directory } = await startServed('self', ['--sandbox', sandbox]);
      expect(privilegeOf(worker)).toEqual(confined(USUAL));
      const client = await clientOf(await connect(socket));
      const { nodeid } = await client.lookup(1, 'file');
      expect(nodeid).not.toBe(0);
      await client.mkdir(1, 'made', 0o755);
      expect(statSync(join(directory, 'made')).isDirectory()).toBe(true);
      // Threads that came with the work, too.
      expect(privilegeOf(worker)).toEqual(confined(USUAL));
    },
  );

  test('--modcaps and --inode-file-handles=never change what is kept; a thread pool has no more', async () => {
    const { worker } = await startServed('self', [
      '--modcaps=+sys_admin:-mknod',
      '--inode-file-handles=never',
      '--thread-pool-size=2',
    ]);
    const expected = CapabilitySet.fromMask(USUAL).with('sys_admin').without('mknod', 'dac_read_search');
    expect(privilegeOf(worker)).toEqual(confined(expected.mask as number));
    expect(readThreads(worker).filter(({ name }) => name === 'vfs-sys').length).toBe(2);
  });

  test.each(SANDBOXES)('--sandbox=%s: no descriptor but those of the daemon', async (sandbox) => {
    const { worker, directory, socket } = await startServed('self', ['--sandbox', sandbox]);
    const fds = descriptorsOf(worker);
    const own = /^(anon_inode:\[(eventpoll|eventfd)\]|pipe:\[\d+\]|socket:\[\d+\]|\/dev\/null)$/;
    const others = [...fds].filter(([, what]) => !own.test(what));
    const inside = sandbox === 'namespace' ? '/' : directory;
    // The first is that of /proc/self/fd, a mount of its own; the share is open as a node and as a mount of file handles.
    expect(new Set(others.map(([, what]) => what))).toEqual(new Set(['/', inside, `${socket}.pid`]));
    expect(others.length).toBeLessThanOrEqual(4);
    expect(fds.get(0)).toBe('/dev/null');
    expect(fds.get(1)).toBe('/dev/null');
  });

  test.each(SANDBOXES)('--sandbox=%s: from /proc/self/fd there is no way up', async (sandbox) => {
    const { worker } = await startServed('self', ['--sandbox', sandbox]);
    const names = readdirSync(`/proc/${worker}/fd/6/..`);
    expect(names.every((name) => /^\d+$/.test(name))).toBe(true);
  });

  test('--sandbox=namespace: there is nothing but the share, and one mount', async () => {
    const { worker, directory } = await startServed('self', []);
    const root = `/proc/${worker}/root`;
    expect(readdirSync(root)).toEqual(['file']);
    expect(readdirSync(`/proc/${worker}/cwd`)).toEqual(['file']);
    const mounts = readFileSync(`/proc/${worker}/mountinfo`, 'utf8').trim().split('\n');
    expect(mounts.length).toBe(1);
    expect(mounts[0]!.split(' ')[4]).toBe('/');
    expect(statSync(root).ino).toBe(statSync(directory).ino);
    for (const kind of ['mnt', 'pid', 'net', 'ipc']) {
      expect(readlinkSync(`/proc/${worker}/ns/${kind}`)).not.toBe(readlinkSync(`/proc/self/ns/${kind}`));
    }
    expect(readFileSync(`/proc/${worker}/net/dev`, 'utf8')).not.toMatch(/eth|ens|enp/);
  });

  test('--sandbox=namespace: devices and programs of the share are of no use to the worker, and what the guest sees is the same', async () => {
    const { directory, socket } = places();
    mkdirSync(join(directory, 'sub'));
    mount(join(directory, 'sub'), { source: 'none', fstype: 'tmpfs' });
    after(() => umount2(join(directory, 'sub'), MNT_DETACH));
    writeFileSync(join(directory, 'program'), '', { mode: 0o755 });
    const { worker } = await startServed('self', [], { directory, socket });
    const mounts = readFileSync(`/proc/${worker}/mountinfo`, 'utf8').trim().split('\n');
    const flags = mounts.map((line) => new Set(line.split(' ')[5]!.split(',')));
    expect(flags.length).toBe(2);
    for (const each of flags) {
      expect(each.has('nodev')).toBe(true);
      expect(each.has('nosuid')).toBe(true);
      expect(each.has('noexec')).toBe(false);
    }
    const client = await clientOf(await connect(socket));
    const { nodeid } = await client.lookup(1, 'program');
    await client.fuse.access(nodeid, 1);
    await client.mknod(1, 'null', 0o020_666, 0x103);
    const device = statSync(join(directory, 'null'));
    expect([device.isCharacterDevice(), device.rdev]).toEqual([true, 0x103]);
  });

  test('--sandbox=chroot: the root is the share', async () => {
    const { worker, directory } = await startServed('self', ['--sandbox=chroot']);
    expect(readlinkSync(`/proc/${worker}/root`)).toBe(directory);
    expect(readlinkSync(`/proc/${worker}/cwd`)).toBe(directory);
  });

  test('what the host mounts in the share later appears, and goes', async () => {
    const { directory, socket } = places();
    const parent = dirname(directory);
    mount(parent, { source: 'none', fstype: 'tmpfs' });
    after(() => umount2(parent, MNT_DETACH));
    mount(parent, { flags: MS_SHARED });
    mkdirSync(join(directory, 'sub'), { recursive: true });
    const { worker } = await startServed('self', [], { directory, socket });
    const inside = `/proc/${worker}/root/sub`;
    expect(readdirSync(inside)).toEqual([]);
    mount(join(directory, 'sub'), { source: 'none', fstype: 'tmpfs' });
    writeFileSync(join(directory, 'sub', 'late'), '');
    expect(readdirSync(inside)).toEqual(['late']);
    umount2(join(directory, 'sub'));
    expect(readdirSync(inside)).toEqual([]);
  });

  test('the worker ends with the process that has started it', async () => {
    const { daemon, worker } = await startServed('self', []);
    daemon.process.kill('SIGKILL');
    await daemon.ended;
    await until('the worker is gone', () => !existsSync(`/proc/${worker}`));
  });

  test('a worker that is killed ends the daemon with a failure, and no socket is left', async () => {
    const { daemon, worker, socket } = await startServed('self', []);
    process.kill(worker, 'SIGKILL');
    const { status } = await daemon.ended;
    expect(status).not.toBe(0);
    expect(existsSync(socket)).toBe(false);
  });

  test('SIGUSR1 opens no debugger', async () => {
    const { daemon, worker, socket } = await startServed('self', []);
    process.kill(worker, 'SIGUSR1');
    daemon.process.kill('SIGUSR1');
    await clientOf(await connect(socket));
    daemon.process.kill('SIGTERM');
    const { status, stderr } = await daemon.ended;
    expect(status).toBe(0);
    expect(stderr).not.toContain('Debugger');
  });

  test.each(SANDBOXES)(
    '--sandbox=%s: a symbolic link stands for its folder, and .. for what is above that',
    async (sandbox) => {
      const { directory, socket } = places();
      const root = dirname(directory);
      mkdirSync(join(directory, 'deep'));
      symlinkSync(directory, join(root, 'link'));
      symlinkSync(join(directory, 'deep'), join(root, 'to-deep'));
      for (const name of ['link', 'to-deep/..']) {
        const { daemon } = await startServed('self', ['--sandbox', sandbox], {
          directory: `${root}/${name}`,
          socket,
        });
        const client = await clientOf(await connect(socket));
        expect((await client.lookup(1, 'file')).nodeid).not.toBe(0);
        daemon.process.kill('SIGTERM');
        expect((await daemon.ended).status).toBe(0);
      }
    },
  );

  test('--uid-map is refused, and so are maps without a namespace', async () => {
    const { directory, socket } = places();
    const base = ['--shared-dir', directory, '--socket-path', socket];
    const asRoot = await run([...base, '--uid-map=:0:100000:10:']);
    expect(asRoot).toMatchObject({ status: 1 });
    expect(asRoot.stderr).toContain('for users other than root');
    const none = await run([...base, '--gid-map=:0:100000:10:', '--sandbox=none']);
    expect(none).toMatchObject({ status: 1 });
    expect(none.stderr).toContain('--sandbox=none makes none');
  });
});

describe('as a plain user', () => {
  test('--sandbox=namespace: in a user namespace of its own ids, with no more than root has', async () => {
    const { worker, socket } = await startServed('nobody', []);
    expect(privilegeOf(worker)).toEqual(confined(USUAL, USUAL));
    const uid = isRoot ? 65534 : process.getuid!();
    expect(readFileSync(`/proc/${worker}/uid_map`, 'utf8').trim().split(/\s+/).map(Number)).toEqual([
      uid,
      uid,
      1,
    ]);
    expect(readlinkSync(`/proc/${worker}/ns/user`)).not.toBe(readlinkSync('/proc/self/ns/user'));
    const client = await clientOf(await connect(socket));
    expect((await client.lookup(1, 'file')).nodeid).not.toBe(0);
  });

  test('--sandbox=none: without any capability', async () => {
    const { worker } = await startServed('nobody', ['--sandbox=none']);
    const [threads, ...more] = privilegeOf(worker);
    expect(more).toEqual([]);
    expect(threads).toMatchObject({ permitted: 0, effective: 0, ambient: 0, noNewPrivs: true, seccomp: 2 });
  });

  test('--sandbox=chroot is refused, with what to choose instead', async () => {
    const { directory, socket } = places();
    const { status, stderr } = await run(
      ['--shared-dir', directory, '--socket-path', socket, '--sandbox=chroot'],
      command('nobody'),
    );
    expect(status).toBe(1);
    expect(stderr).toContain('choose --sandbox=namespace');
    expect(existsSync(socket)).toBe(false);
  });
});
