import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BIN, BIN_AS_NOBODY, run } from '../support/daemon.js';
import { end, isMounted, mounted, places, program } from './support.js';

/** Runs the command, which has to end with one line. */
async function refused(
  status: number,
  args: readonly string[],
  command?: readonly string[],
): Promise<string> {
  const result = await run(['mount', ...args], command);
  expect([result.status, result.stdout]).toEqual([status, '']);
  return oneLine(result.stderr);
}

/** What is printed of a failure, but for what the log says of no harm. */
function oneLine(stderr: string): string {
  const line = stderr.replace(/^\[\S+ INFO [^\n]*\n/gm, '');
  expect(line).toMatch(/^virtiofsd: [^\n]+\n$/);
  return line;
}

/** Runs the command in a mount namespace of its own, in which something was done before. */
async function refusedAfter(preparation: string, ...args: string[]): Promise<string> {
  const script = `${preparation}\nexec "${process.execPath}" "${BIN}" mount "$@"`;
  const { status, stderr } = await program(
    'unshare',
    ...['--mount', '--propagation', 'slave', 'sh', '-ec', script, 'sh', ...args],
  );
  expect(status).toBe(1);
  return oneLine(stderr);
}

describe('the command line', () => {
  it('has help', async () => {
    const { status, stdout, stderr } = await run(['mount', '--help']);
    expect([status, stderr]).toEqual([0, '']);
    for (const part of ['[dir]', '<mountpoint>', '--log-level', '--fusermount', '--allow-other']) {
      expect(stdout).toContain(part);
    }
    expect((await run(['--help'])).stdout).toContain('virtiofsd mount [DIR] MOUNTPOINT');
  });

  it.each([
    [['/tmp'], "missing required argument 'mountpoint'"],
    [['/tmp', ''], 'an argument is empty'],
    [['a', 'b', 'c'], 'too many arguments'],
    [['--unknown', 'a', 'b'], "unknown option '--unknown'"],
    [['--log-level', 'loud', 'a', 'b'], "--log-level 'loud': use one of"],
  ])('%j: one line, status 2', async (args, message) => {
    const line = await refused(2, args);
    expect(line).toContain(message);
    expect(line).toContain('see virtiofsd mount --help');
  });
});

describe('a mountpoint that cannot be used', () => {
  it('does not exist', async () => {
    const { directory, mountpoint } = await places();
    expect(await refused(1, [directory, join(mountpoint, 'none')])).toContain('create the directory');
  });

  it('is a file, a link to one, or below one', async () => {
    const { directory, mountpoint } = await places();
    const file = join(mountpoint, 'file');
    const link = join(mountpoint, 'link');
    await writeFile(file, '');
    await symlink('file', link);
    expect(await refused(1, [directory, file])).toContain('is not a directory');
    expect(await refused(1, [directory, link])).toContain('is not a directory');
    expect(await refused(1, [directory, join(file, 'x')])).toContain('not a directory');
  });

  it('lies in the folder itself', async () => {
    const { directory } = await places();
    const inside = join(directory, 'inside');
    await mkdir(inside);
    expect(await refused(1, [directory, inside])).toContain('would contain itself');
    expect(isMounted(inside)).toBe(false);
  });

  it('is in use by another one, which is not disturbed', async () => {
    const mount = await mounted();
    const line = await refused(1, [mount.directory, mount.mountpoint]);
    expect(line).toContain('is in use by another virtiofsd: unmount it first');
    await writeFile(join(mount.mountpoint, 'file'), '');
    expect((await end(mount)).status).toBe(0);
  });

  it('may be the folder itself', async () => {
    const { directory } = await places();
    await writeFile(join(directory, 'file'), '');
    const { status, stderr } = await program(
      'sh',
      '-c',
      `"${process.execPath}" "${BIN}" mount "$1" "$1" & for i in $(seq 100); do
         grep -q "$1 .*fuse.virtiofsd" /proc/self/mountinfo && break; sleep 0.1; done
       ls "$1" >&2; umount "$1"; wait $!`,
      'sh',
      directory,
    );
    expect(status).toBe(0);
    expect(stderr).toMatch(/^file$/m);
  });

  it('is out of reach', async () => {
    const { directory, mountpoint } = await places();
    await chmod(mountpoint, 0o700);
    await chmod(directory, 0o755);
    await chmod(join(directory, '..'), 0o755);
    const line = await refused(1, [directory, join(mountpoint, 'x')], [BIN_AS_NOBODY]);
    expect(line).toContain('is not accessible for this user');
  });

  it('has a dead mount of another program', async () => {
    const { directory, mountpoint } = await places();
    // A device that is mounted and closed at once.
    await program(
      'sh',
      '-c',
      'exec 9<>/dev/fuse; mount -i -t fuse -o fd=9,rootmode=40000,user_id=0,group_id=0 x "$1"',
      'sh',
      mountpoint,
    );
    expect(isMounted(mountpoint)).toBe(true);
    const line = await refused(1, [directory, mountpoint]);
    expect(line).toContain('has a dead mount of another program (fuse): unmount it');
  });
});

describe('a folder that cannot be served', () => {
  it('does not exist', async () => {
    const { directory, mountpoint } = await places();
    expect(await refused(1, [join(directory, 'none'), mountpoint])).toContain('does not exist');
    expect(isMounted(mountpoint)).toBe(false);
  });
});

describe('a system that cannot mount', () => {
  it.each(['root', 'fusermount'])('has no /dev/fuse, to be mounted by %s', async (who) => {
    const { directory, mountpoint } = await places();
    const options = who === 'root' ? [] : ['--fusermount'];
    const line = await refusedAfter('mount -t tmpfs none /dev', ...options, directory, mountpoint);
    expect(line).toContain(
      'cannot open /dev/fuse: it does not exist; load the kernel module (modprobe fuse)',
    );
  });

  it('does not let even root open /dev/fuse', async () => {
    const { directory, mountpoint } = await places();
    // A mount that allows no devices has the same effect.
    const line = await refusedAfter(
      'mount -t tmpfs -o nodev none /dev; mknod /dev/fuse c 10 229',
      directory,
      mountpoint,
    );
    expect(line).toContain('cannot open /dev/fuse: permission denied');
  });

  it('does not let users other than root open /dev/fuse', async () => {
    const { directory, mountpoint } = await places();
    const line = await refusedAfter(
      `chmod 755 "${directory}" "${mountpoint}" "${join(directory, '..')}"
       mount -t tmpfs none /dev; mknod -m 600 /dev/fuse c 10 229
       exec "${process.execPath}" "${BIN_AS_NOBODY}" mount "$@"`,
      directory,
      mountpoint,
    );
    expect(line).toContain('cannot open /dev/fuse: permission denied; run as root, or let this user');
  });

  it('has no fusermount3', async () => {
    const { directory, mountpoint } = await places();
    const line = await refusedAfter(
      'for f in $(which -a fusermount3); do mount --bind /dev/null "$f"; done',
      '--fusermount',
      directory,
      mountpoint,
    );
    expect(line).toContain('fusermount3, which mounts for users other than root, is not installed: install');
    expect(line).toContain('fuse3');
  });

  it('withholds the capability from root', async () => {
    const { directory, mountpoint } = await places();
    const line = await refused(1, [directory, mountpoint], ['setpriv', '--bounding-set=-sys_admin', BIN]);
    expect(line).toContain('CAP_SYS_ADMIN');
  });
});

describe('fusermount3', () => {
  it('says itself what it refuses', async () => {
    const { directory, mountpoint } = await places();
    // Where it is not set-user-ID root and root has not the capability, it is refused by the kernel.
    const line = await refused(
      1,
      ['--fusermount', directory, mountpoint],
      ['setpriv', '--bounding-set=-sys_admin', BIN],
    );
    expect(line).toMatch(/cannot mount at '.*': .*fusermount3: mount failed: Operation not permitted/);
    expect(isMounted(mountpoint)).toBe(false);
  });
});
