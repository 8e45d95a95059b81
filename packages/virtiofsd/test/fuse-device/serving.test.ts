import { randomBytes } from 'node:crypto';
import {
  appendFile,
  link,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  unlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checksum, end, type Mounted, mounted, mountLine, shell } from './support.js';

/** Ends the command, which must not have complained. */
async function finish(mount: Mounted): Promise<void> {
  const { status, stderr } = await end(mount);
  expect(stderr).not.toMatch(/ (WARN|ERROR) /);
  expect(status).toBe(0);
}

/** Drops a file from the page cache, so that it is read anew. */
async function forgetPages(path: string): Promise<void> {
  await shell('dd if="$1" iflag=nocache count=0 2>/dev/null', path);
}

describe('a folder mounted on the host', () => {
  it('shows what it is in the list of mounts', async () => {
    const mount = await mounted();
    const line = mountLine(mount.mountpoint)!;
    expect(line).toContain(` - fuse.virtiofsd ${mount.directory} rw,`);
    for (const option of ['user_id=0', 'group_id=0', 'default_permissions', 'allow_other']) {
      expect(line).toContain(option);
    }
    await finish(mount);
  });

  it('has the entries of the folder, of every type', async () => {
    const mount = await mounted();
    const inside = join(mount.mountpoint, 'd');
    await writeFile(join(mount.directory, 'before'), 'here before\n', { mode: 0o640 });
    await mkdir(inside, { mode: 0o750 });
    await writeFile(join(inside, 'file'), 'text');
    await symlink('../before', join(inside, 'link'));
    await link(join(inside, 'file'), join(inside, 'second'));
    await shell('mkfifo "$1/fifo"; mknod "$1/device" c 1 3', inside);
    expect(await readFile(join(inside, 'link'), 'utf8')).toBe('here before\n');
    expect((await stat(join(mount.mountpoint, 'before'))).mode & 0o7777).toBe(0o640);
    expect((await readdir(inside)).sort()).toEqual(['device', 'fifo', 'file', 'link', 'second']);
    for (const name of await readdir(inside)) {
      const [seen, real] = await Promise.all([
        lstat(join(inside, name)),
        lstat(join(mount.directory, 'd', name)),
      ]);
      for (const key of ['mode', 'size', 'nlink', 'uid', 'gid', 'ino', 'mtimeMs', 'rdev'] as const) {
        expect([name, key, seen[key]]).toEqual([name, key, real[key]]);
      }
    }
    expect(await readlink(join(inside, 'link'))).toBe('../before');
    await finish(mount);
  });

  it('changes, renames and removes', async () => {
    const mount = await mounted();
    const at = (name: string) => join(mount.mountpoint, name);
    await writeFile(at('a'), 'one');
    await appendFile(at('a'), ' two');
    await rename(at('a'), at('b'));
    expect(await readFile(at('b'), 'utf8')).toBe('one two');
    await truncate(at('b'), 3);
    await utimes(at('b'), 1, 2_000_000_000);
    expect(await stat(at('b'))).toMatchObject({ size: 3, atimeMs: 1000, mtimeMs: 2_000_000_000_000 });
    await expect(stat(at('a'))).rejects.toMatchObject({ code: 'ENOENT' });
    await mkdir(at('d'));
    await expect(unlink(at('d'))).rejects.toMatchObject({ code: 'EISDIR' });
    await writeFile(at('d/x'), '');
    await expect(rm(at('d'), { recursive: true })).resolves.toBeUndefined();
    await unlink(at('b'));
    expect(await readdir(mount.directory)).toEqual([]);
    await finish(mount);
  });

  it('serves a file that was removed while it is open', async () => {
    const mount = await mounted();
    const path = join(mount.mountpoint, 'gone');
    const file = await open(path, 'w+');
    await file.write('still here');
    await unlink(path);
    expect((await file.stat()).nlink).toBe(0);
    expect((await file.read({ position: 0 })).buffer.toString('utf8', 0, 10)).toBe('still here');
    await file.close();
    await finish(mount);
  });

  it('lets the kernel check permissions', async () => {
    const mount = await mounted();
    await writeFile(join(mount.mountpoint, 'secret'), 'x', { mode: 0o600 });
    await writeFile(join(mount.mountpoint, 'public'), 'y', { mode: 0o644 });
    await shell('chmod 755 "$1/.." "$1" "$2"', mount.directory, mount.mountpoint);
    const asNobody = 'setpriv --reuid 65534 --regid 65534 --clear-groups';
    expect(await shell(`${asNobody} cat "$1/public"`, mount.mountpoint)).toBe('y');
    await expect(shell(`${asNobody} cat "$1/secret"`, mount.mountpoint)).rejects.toThrow('Permission denied');
    await shell('chmod 777 "$1"', mount.mountpoint);
    await shell(`${asNobody} sh -c 'umask 027; echo > "$1/theirs"' sh "$1"`, mount.mountpoint);
    expect(await stat(join(mount.directory, 'theirs'))).toMatchObject({
      uid: 65534,
      gid: 65534,
      mode: 0o100640,
    });
    await finish(mount);
  });
});

describe('data', () => {
  it('arrives unchanged, whatever the sizes', async () => {
    const mount = await mounted();
    for (const size of [0, 1, 4095, 4096, 4097, 131_072, (1 << 20) - 1, (1 << 20) + 1, 5_000_001]) {
      const path = join(mount.mountpoint, `f${size}`);
      const bytes = randomBytes(size);
      await writeFile(path, bytes);
      expect((await readFile(join(mount.directory, `f${size}`))).equals(bytes)).toBe(true);
      await forgetPages(path);
      expect((await readFile(path)).equals(bytes)).toBe(true);
    }
    await finish(mount);
  });

  it('of a big file has the same checksum on both sides', async () => {
    const mount = await mounted();
    const [path, real] = [join(mount.mountpoint, 'big'), join(mount.directory, 'big')];
    await shell('head -c 300000000 /dev/urandom | tee "$1" | sha256sum | cut -d" " -f1 > "$1.sum"', path);
    const expected = (await readFile(`${path}.sum`, 'utf8')).trim();
    expect(await checksum(real)).toBe(expected);
    await forgetPages(path);
    expect(await checksum(path)).toBe(expected);
    await finish(mount);
  });

  it('lies beyond 4 GiB and is found there, with the hole before it', async () => {
    const mount = await mounted();
    const path = join(mount.mountpoint, 'sparse');
    const position = 2 ** 33 + 12_345;
    const file = await open(path, 'w+');
    await file.write(Buffer.from('far out'), 0, 7, position);
    const { size, blocks } = await stat(join(mount.directory, 'sparse'));
    expect(size).toBe(position + 7);
    expect(blocks).toBeLessThan(100);
    const { buffer } = await file.read(Buffer.alloc(9), 0, 9, position - 2);
    expect(buffer.toString('latin1')).toBe('\0\0far out');
    await file.close();
    await finish(mount);
  });

  it('goes past the page cache with O_DIRECT', async () => {
    const mount = await mounted();
    const path = join(mount.mountpoint, 'direct');
    await shell('dd if=/dev/urandom of="$1" bs=1M count=8 oflag=direct 2>/dev/null', path);
    const direct = await shell('dd if="$1" bs=1M iflag=direct 2>/dev/null | sha256sum', path);
    expect(direct.split(' ')[0]).toBe(await checksum(join(mount.directory, 'direct')));
    await finish(mount);
  });

  it('of many clients at once does not get mixed up', async () => {
    const mount = await mounted();
    await shell(
      `for i in 1 2 3 4 5 6 7 8; do (
         head -c 20000000 /dev/urandom > "$1/f$i"; cp "$1/f$i" "$1/g$i"; cmp "$1/f$i" "$1/g$i"
       ) & pids="$pids $!"; done; for pid in $pids; do wait $pid; done`,
      mount.mountpoint,
    );
    expect(await readdir(mount.directory)).toHaveLength(16);
    await finish(mount);
  });
});

describe('a directory with 10,000 entries', () => {
  it('is listed whole, once each, and removed', async () => {
    const mount = await mounted();
    const directory = join(mount.mountpoint, 'many');
    await shell('mkdir "$1"; cd "$1"; seq -f entry-%05g 10000 | xargs touch', directory);
    const names = await readdir(directory);
    expect(names).toHaveLength(10_000);
    expect(new Set(names).size).toBe(10_000);
    expect((await shell('ls -l "$1" | grep -c entry-', directory)).trim()).toBe('10000');
    await shell('rm -r "$1"', directory);
    expect(await readdir(mount.directory)).toEqual([]);
    await finish(mount);
  });
});
