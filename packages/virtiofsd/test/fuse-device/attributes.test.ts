import { execFileSync } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AT_FDCWD, AT_SYMLINK_NOFOLLOW, STATX_BTIME, statx } from '@vfs/sys';
import { describe, expect, it } from 'vitest';
import { mounted, shell } from './support.js';

function lsattr(path: string): string {
  return execFileSync('lsattr', ['-d', path], { encoding: 'utf8' }).split(' ')[0]!;
}

describe('attributes beyond those of stat(2), on a mount', () => {
  it('are changed by chattr, and shown by lsattr, on files and directories', async () => {
    const { directory, mountpoint } = await mounted();
    await writeFile(join(directory, 'file'), '');
    await mkdir(join(directory, 'dir'));
    for (const name of ['file', 'dir']) {
      await shell('chattr +d +A "$1"', join(mountpoint, name));
      expect(lsattr(join(directory, name))).toMatch(/d.*A|A.*d/);
      expect((await shell('lsattr -d "$1"', join(mountpoint, name))).split(' ')[0]).toBe(
        lsattr(join(directory, name)),
      );
      await shell('chattr -A "$1"', join(mountpoint, name));
      expect(lsattr(join(directory, name))).not.toContain('A');
    }
  });

  it('are changed by their owner, not by other users', async () => {
    const { directory, mountpoint } = await mounted();
    const path = join(mountpoint, 'file');
    await shell('chmod 755 "$(dirname "$1")" "$1"; echo > "$2"; chown 1234 "$2"', directory, path);
    const as = (uid: number, change: string) =>
      shell('setpriv --reuid "$1" --regid "$1" --clear-groups chattr "$2" "$3"', String(uid), change, path);
    await as(1234, '+d');
    expect(lsattr(join(directory, 'file'))).toContain('d');
    await expect(as(4321, '-d')).rejects.toThrow(/not permitted/);
    await expect(as(1234, '+a')).rejects.toThrow(/not permitted/);
    expect(lsattr(join(directory, 'file'))).toMatch(/^[^a]*d[^a]*$/);
  });

  it('tell the time of birth, as the host has it', async () => {
    const { directory, mountpoint } = await mounted();
    await writeFile(join(directory, 'file'), '');
    await symlink('file', join(directory, 'link'));
    for (const name of ['file', 'link', '.']) {
      // Not by a synchronous call: it is the command that answers, but the kernel may want something of this process, too.
      const born = await shell('stat -c %w "$1"', join(mountpoint, name));
      expect(born).toMatch(/^\d{4}-/);
      expect(born).toBe(await shell('stat -c %w "$1"', join(directory, name)));
    }
    expect(statx(AT_FDCWD, join(directory, 'link'), AT_SYMLINK_NOFOLLOW).stx_mask & STATX_BTIME).not.toBe(0);
  });
});
