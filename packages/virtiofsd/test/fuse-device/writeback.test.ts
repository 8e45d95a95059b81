import { execFile } from 'node:child_process';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type ServedHere, servedHere, shell } from './support.js';

const run = promisify(execFile);

function at({ mountpoint }: ServedHere, name: string): string {
  return join(mountpoint, name);
}

describe('writes that the guest keeps back', () => {
  it('arrive, also through a file that is open for writing only', async () => {
    await using mount = await servedHere({ writeback: true });
    expect(mount.share.agreed.writeback).toBe(true);
    // Parts of pages that are there already: the kernel reads the rest.
    await shell('head -c 10000 /dev/zero | tr "\\0" a > "$1"', at(mount, 'file'));
    await shell('printf b | dd of="$1" bs=1 seek=5000 conv=notrunc,fsync 2>/dev/null', at(mount, 'file'));
    const expected = `${'a'.repeat(5000)}b${'a'.repeat(4999)}`;
    expect(await readFile(join(mount.directory, 'file'), 'latin1')).toBe(expected);
  });

  it('arrive in the order of appending, from two programs at once', async () => {
    await using mount = await servedHere({ writeback: true });
    await shell(
      'for i in $(seq 200); do echo a >> "$1"; done & for i in $(seq 200); do echo b >> "$1"; done; wait; sync "$1"',
      at(mount, 'log'),
    );
    const lines = (await readFile(join(mount.directory, 'log'), 'latin1')).split('\n');
    expect(lines.filter((line) => line === 'a')).toHaveLength(200);
    expect(lines.filter((line) => line === 'b')).toHaveLength(200);
  });

  it('show in the size that programs see before they arrive', async () => {
    await using mount = await servedHere({ writeback: true });
    await writeFile(at(mount, 'file'), 'x'.repeat(100_000));
    expect((await stat(at(mount, 'file'))).size).toBe(100_000);
  });
});

describe.runIf(process.geteuid!() === 0)('a file that can only be appended to', () => {
  it.each([false, true])('is appended to (writes kept back: %s)', async (writeback) => {
    await using mount = await servedHere({ writeback });
    const real = join(mount.directory, 'log');
    await writeFile(real, 'one\n');
    await run('chattr', ['+a', real]);
    try {
      await shell('echo two >> "$1"', at(mount, 'log'));
      expect(await readFile(real, 'latin1')).toBe('one\ntwo\n');
      await expect(shell('echo three > "$1"', at(mount, 'log'))).rejects.toThrow('not permitted');
    } finally {
      await run('chattr', ['-a', real]);
    }
  });
});

describe('a name that is not there', () => {
  it('is looked up again when it may not be remembered any more, and at once when it is made here', async () => {
    await using mount = await servedHere({ negativeTimeout: 0.2 });
    await expect(stat(at(mount, 'file'))).rejects.toMatchObject({ code: 'ENOENT' });
    await shell('echo here > "$1"', at(mount, 'file'));
    expect(await readFile(at(mount, 'file'), 'latin1')).toBe('here\n');
    await expect(stat(at(mount, 'other'))).rejects.toMatchObject({ code: 'ENOENT' });
    await writeFile(join(mount.directory, 'other'), 'text');
    await expect.poll(() => readFile(at(mount, 'other'), 'latin1').catch(() => '')).toBe('text');
  });

  it('is not looked up while it may be remembered', async () => {
    await using mount = await servedHere({ negativeTimeout: 3600 });
    await expect(stat(at(mount, 'file'))).rejects.toMatchObject({ code: 'ENOENT' });
    await writeFile(join(mount.directory, 'file'), 'text');
    await expect(stat(at(mount, 'file'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
