/** `virtiofsd mount --module`: file systems of the user's own, used by real programs. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { EXAMPLES } from '../module/support.js';
import { Running } from '../support/daemon.js';
import { end, mountLine, places, shell } from './support.js';

async function mountModule(path: string, args: readonly string[], folder?: string) {
  const { directory, mountpoint } = await places();
  const command = new Running([
    ...['mount', '--module', path, ...args],
    ...(folder === undefined ? [] : [folder]),
    mountpoint,
  ]);
  await command.logged('is mounted at');
  return { command, directory, mountpoint };
}

it('the file system in memory holds a tree, and has no setuid programs or devices', async () => {
  const mounted = await mountModule(EXAMPLES.memory, ['--module-option', 'capacity=1048576']);
  const { mountpoint } = mounted;
  expect(mountLine(mountpoint)).toMatch(/ rw,nosuid,nodev,/);
  const script = `cd "$1"; mkdir -p a/b; echo text >a/b/file; ln -s a/b/file link; cat link; ls -R`;
  expect(await shell(script, mountpoint)).toBe('text\n.:\na\nlink\n\n./a:\nb\n\n./a/b:\nfile\n');
  await expect(shell('head -c 2000000 /dev/zero >"$1/large"', mountpoint)).rejects.toThrow('No space left');
  expect(await end(mounted)).toMatchObject({ status: 0 });
});

it('a compressed tar archive is seen as tar would unpack it', async () => {
  const { directory } = await places();
  const script = `cd "$1"; mkdir -p tree/folder; echo text >tree/folder/file; ln tree/folder/file tree/hard
    ln -s folder/file tree/link; chmod 640 tree/hard; tar -czf archive.tar.gz -C tree .`;
  await shell(script, directory);
  const archive = join(directory, 'archive.tar.gz');
  const mounted = await mountModule(EXAMPLES.tar, ['--module-option', `file=${archive}`, '--readonly']);
  const list = (root: string) => shell('cd "$1"; find . -printf "%p %y %m %n %l\\n" | sort; cat link', root);
  // A directory of the archive has as many links as tar knows of.
  expect(await list(mounted.mountpoint)).toBe(await list(join(directory, 'tree')));
  await expect(shell('touch "$1/new"', mounted.mountpoint)).rejects.toThrow('Read-only file system');
  expect(await end(mounted)).toMatchObject({ status: 0 });
});

it('a layer is upon the folder that is named before the mountpoint', async () => {
  const { directory } = await places();
  const mounted = await mountModule(EXAMPLES.audit, [], directory);
  mkdirSync(join(directory, 'folder'));
  writeFileSync(join(directory, 'file'), '');
  await shell('cd "$1"; rm file; mv folder renamed', mounted.mountpoint);
  expect(readdirSync(directory)).toEqual(['renamed']);
  expect(mounted.command.stderr).toMatch(/unlink file by user \d+, process \d+: done/);
  expect(mounted.command.stderr).toMatch(/rename folder to renamed by user \d+, process \d+: done/);
  expect(await end(mounted)).toMatchObject({ status: 0 });
});
