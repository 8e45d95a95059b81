import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { after, temporaryDirectory } from '../support/fixture.js';
import { end, isMounted, mounted, mountLine, program, serve, shell } from './support.js';

const DIRTY_MAPPING = fileURLToPath(new URL('dirty-mapping.c', import.meta.url));

describe('the end of a mount', () => {
  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('comes with %s: unmounted, status 0', async (signal) => {
    const mount = await mounted();
    await writeFile(join(mount.mountpoint, 'file'), 'kept');
    const { status, stderr } = await end(mount, signal);
    expect(status).toBe(0);
    expect(stderr).not.toMatch(/ (WARN|ERROR) /);
    expect(isMounted(mount.mountpoint)).toBe(false);
    expect(await readdir(mount.mountpoint)).toEqual([]);
    expect(await readFile(join(mount.directory, 'file'), 'utf8')).toBe('kept');
  });

  it('comes with umount by hand: status 0', async () => {
    const mount = await mounted();
    await shell('umount "$1"', mount.mountpoint);
    const { status, stderr } = await mount.command.ended;
    expect(status).toBe(0);
    expect(stderr).not.toMatch(/ (WARN|ERROR) /);
  });

  it('comes with the last user after a lazy umount by hand: status 0', async () => {
    const mount = await mounted();
    await writeFile(join(mount.mountpoint, 'file'), 'in use');
    const file = await open(join(mount.mountpoint, 'file'), 'r+');
    await shell('umount -l "$1"', mount.mountpoint);
    await file.write(' and written');
    expect((await file.read({ position: 0 })).bytesRead).toBe(12);
    expect(mount.command.process.exitCode).toBeNull();
    await file.close();
    expect(await mount.command.ended).toMatchObject({ status: 0 });
  });

  it('waits for pages that only a mapping has written', async () => {
    const binary = join(temporaryDirectory(), 'dirty-mapping');
    execFileSync('cc', ['-o', binary, DIRTY_MAPPING]);
    const mount = await mounted();
    expect(await shell('"$1" "$2"', binary, join(mount.mountpoint, 'mapped'))).toBe('dirty\n');
    expect((await end(mount)).status).toBe(0);
    const bytes = await readFile(join(mount.directory, 'mapped'));
    expect(bytes.equals(Buffer.alloc(16 << 20, 'm'))).toBe(true);
  });

  it('is forced on users that stay: a warning, ENOTCONN for them, status 1', async () => {
    const mount = await mounted();
    const file = await open(join(mount.mountpoint, 'file'), 'w');
    const { status, stderr } = await end(mount);
    expect(status).toBe(1);
    expect(stderr).toMatch(/ WARN fuse\] .* is in use \(.*busy.*\): detaching it/);
    expect(isMounted(mount.mountpoint)).toBe(false);
    await expect(file.write('x')).rejects.toMatchObject({ code: 'ENOTCONN' });
    await file.close().catch(() => {});
  });

  it('does not wait at the second signal', async () => {
    const mount = await mounted();
    const file = await open(join(mount.mountpoint, 'file'), 'w');
    const start = Date.now();
    mount.command.process.kill('SIGINT');
    await mount.command.logged('unmounting');
    expect((await end(mount, 'SIGINT')).status).toBe(1);
    expect(Date.now() - start).toBeLessThan(1400);
    expect(isMounted(mount.mountpoint)).toBe(false);
    await file.close().catch(() => {});
  });

  it('comes although another mount namespace has a copy', async () => {
    const mount = await mounted();
    // Only of this mount: those of other tests must go when these are over.
    const script = 'mount --make-private "$1"; exec sleep 1000';
    const kept = join(mount.mountpoint, '..');
    const copy = spawn('unshare', ['--mount', '--propagation', 'slave', 'sh', '-ec', script, 'sh', kept]);
    after(() => copy.kill('SIGKILL'));
    await once(copy, 'spawn');
    await shell('until grep -q sleep "/proc/$1/comm"; do sleep 0.05; done', String(copy.pid));
    const { status, stderr } = await end(mount);
    expect(status).toBe(1);
    expect(stderr).toContain('not in other mount namespaces');
    expect(isMounted(mount.mountpoint)).toBe(false);
  });

  it('comes with an abort by the kernel: no dead mount is left, status 1', async () => {
    const mount = await mounted();
    const file = await open(join(mount.mountpoint, 'file'), 'w');
    expect((await program('umount', '-f', mount.mountpoint)).status).not.toBe(0);
    const { status, stderr } = await mount.command.ended;
    expect(status).toBe(1);
    expect(stderr).toContain('the kernel aborted the connection');
    expect(isMounted(mount.mountpoint)).toBe(false);
    await file.close().catch(() => {});
  });

  it('by kill -9 leaves a mount that is dead, which the next start replaces', async () => {
    const first = await mounted();
    // What the kernel remembers for a second does not hide that nobody is there.
    await stat(first.mountpoint);
    await end(first, 'SIGKILL');
    await expect(readdir(first.mountpoint)).rejects.toMatchObject({ code: 'ENOTCONN' });
    const second = await serve(first);
    expect(second.command.stderr).toContain('was left mounted by a process that is gone: unmounting it');
    await writeFile(join(second.mountpoint, 'alive'), '');
    expect((await end(second)).status).toBe(0);
    expect(isMounted(first.mountpoint)).toBe(false);
  });
});

describe('fusermount3', () => {
  it('mounts and unmounts, when told to', async () => {
    const mount = await mounted('--fusermount');
    expect(mountLine(mount.mountpoint)).toContain(`- fuse.virtiofsd ${mount.directory} rw,`);
    await writeFile(join(mount.mountpoint, 'file'), 'through');
    expect(await readFile(join(mount.directory, 'file'), 'utf8')).toBe('through');
    const { status, stderr } = await end(mount);
    expect([status, stderr]).toEqual([0, expect.not.stringMatching(/ (WARN|ERROR) /)]);
    expect(isMounted(mount.mountpoint)).toBe(false);
  });

  it('may unmount by hand: status 0', async () => {
    const mount = await mounted('--fusermount');
    expect((await program('fusermount3', '-u', mount.mountpoint)).status).toBe(0);
    expect((await mount.command.ended).status).toBe(0);
  });

  it('detaches from users that stay', async () => {
    const mount = await mounted('--fusermount');
    const file = await open(join(mount.mountpoint, 'file'), 'w');
    expect((await end(mount)).status).toBe(1);
    expect(isMounted(mount.mountpoint)).toBe(false);
    await file.close().catch(() => {});
  });
});
