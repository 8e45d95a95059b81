import { chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { end, type Mounted, mounted, places, serve, shell } from './support.js';

/** Extended attributes and access control lists as the usual programs see them (Debian's packages attr and acl). */

const asNobody = 'setpriv --reuid 65534 --regid 65534 --clear-groups';

/** A mount that other users can reach. */
async function open(parent: string, ...args: string[]): Promise<Mounted> {
  const place = await places(parent);
  for (const path of [place.directory, place.mountpoint]) await chmod(path, 0o755);
  await shell('chmod 755 "$1/.."', place.directory);
  return serve(place, ...args);
}

async function finish(mount: Mounted): Promise<void> {
  const { status, stderr } = await end(mount);
  expect(stderr).not.toMatch(/ (WARN|ERROR) /);
  expect(status).toBe(0);
}

describe('setfattr and getfattr', () => {
  it('find no support without the option', async () => {
    const mount = await mounted();
    await shell('touch "$1/file"', mount.mountpoint);
    await expect(shell('setfattr -n user.a -v x "$1/file"', mount.mountpoint)).rejects.toThrow(
      'not supported',
    );
    await finish(mount);
  });

  it('see what is on the host, and the host sees what they set', async () => {
    const mount = await mounted('--xattr');
    const { directory, mountpoint } = mount;
    await shell('touch "$1/file"; setfattr -n user.host -v "from the host" "$1/file"', directory);
    await shell(
      'setfattr -n user.guest -v 0x00ff "$1/file"; setfattr -n trusted.a -v t "$1/file"',
      mountpoint,
    );
    const dump = 'cd "$1"; getfattr -d -m - -e hex file';
    expect(await shell(dump, mountpoint)).toBe(await shell(dump, directory));
    expect(await shell('getfattr -n user.host --only-values "$1/file"', mountpoint)).toBe('from the host');
    await shell('setfattr -x user.host "$1/file"', mountpoint);
    await expect(shell('getfattr -n user.host "$1/file"', directory)).rejects.toThrow('No such attribute');
    await finish(mount);
  });

  it('reach symbolic links and devices themselves', async () => {
    const mount = await mounted('--xattr');
    const { directory, mountpoint } = mount;
    await shell('cd "$1"; ln -s nowhere link; mknod null c 1 3; mkfifo fifo', mountpoint);
    await shell('cd "$1"; for f in link null fifo; do setfattr -h -n trusted.a -v $f $f; done', mountpoint);
    const dump = 'cd "$1"; getfattr -h -d -m - link null fifo';
    const values = (await shell(dump, mountpoint)).split('\n').filter((line) => line.includes('='));
    expect(values).toEqual(['trusted.a="link"', 'trusted.a="null"', 'trusted.a="fifo"']);
    expect(await shell(dump, mountpoint)).toBe(await shell(dump, directory));
    await finish(mount);
  });

  it('have names of their own with a map', async () => {
    const mount = await mounted('--xattrmap', ':map::user.virtiofs.:');
    const { directory, mountpoint } = mount;
    await shell('touch "$1/file"; setfattr -n user.host -v x "$1/file"', directory);
    await shell('setfattr -n trusted.guest -v y "$1/file"', mountpoint);
    const names = (output: string) => output.split('\n').filter((line) => line.includes('='));
    expect(names(await shell('getfattr -d -m - "$1/file" 2>&1', mountpoint))).toEqual(['trusted.guest="y"']);
    expect(names(await shell('getfattr -d -m - "$1/file" 2>&1', directory))).toEqual([
      'user.host="x"',
      'user.virtiofs.trusted.guest="y"',
    ]);
    await finish(mount);
  });
});

describe('setfacl and getfacl', () => {
  it.each([
    ['the temporary directory', tmpdir()],
    ['a tmpfs', '/dev/shm'],
  ])('agree with the host on %s', async (_, parent) => {
    const mount = await open(parent, '--posix-acl');
    const { directory, mountpoint } = mount;
    await shell('cd "$1"; mkdir dir; setfacl -m u:65534:rwx,d:u:65534:rw,d:g:100:r dir', mountpoint);
    await shell('cd "$1/dir"; umask 077; touch file; mkdir sub', mountpoint);
    const lists = 'cd "$1"; getfacl -R -n -p .';
    expect(await shell(lists, mountpoint)).toBe(await shell(lists, directory));
    expect(await shell('getfacl -n -c -p "$1/dir/file"', mountpoint)).toContain('user:65534:rw-');
    // The list counts: for who is named in it, and not longer than it is there.
    await shell(`${asNobody} touch "$1/dir/theirs"`, mountpoint);
    await shell('setfacl -b "$1/dir"', mountpoint);
    await expect(shell(`${asNobody} touch "$1/dir/more"`, mountpoint)).rejects.toThrow('Permission denied');
    await finish(mount);
  });

  it('find no support without the option, and no lists of the host', async () => {
    const mount = await mounted('--xattr');
    const { directory, mountpoint } = mount;
    await shell('touch "$1/file"; setfacl -m u:65534:rw "$1/file"', directory);
    await expect(shell('setfacl -m u:1:r "$1/file"', mountpoint)).rejects.toThrow('not supported');
    expect(await shell('getfacl -n -c -p "$1/file"', mountpoint)).not.toContain('65534');
    await finish(mount);
  });
});
