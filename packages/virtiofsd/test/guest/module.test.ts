/** File systems of the user's own, in a guest: the examples, both in one machine. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../../../../scripts/lib/cleanup.mjs';
import { startDaemon } from '../../../../scripts/lib/daemon.mjs';
import { Guest } from '../../../../scripts/lib/guest.mjs';
import { EXAMPLES } from '../module/support.js';

/** A daemon that serves a module. */
async function serve(socket: string, module: string, ...options: string[]) {
  const args = ['--module', module, ...options.flatMap((option) => ['--module-option', option])];
  const daemon = await startDaemon(null, socket, { args });
  onTestFinished(async () => {
    daemon.kill('SIGKILL');
    await daemon.ended;
  });
  return daemon;
}

test('the examples for memory and tar are mounted by a guest, and a program works from one to the other', async () => {
  const { path, remove } = temporaryFolder();
  onTestFinished(remove);
  const tree = join(path, 'tree');
  mkdirSync(join(tree, 'folder'), { recursive: true });
  writeFileSync(join(tree, 'folder/file'), 'x'.repeat(200_000));
  writeFileSync(join(tree, 'script'), '#!/bin/sh\necho it runs\n', { mode: 0o755 });
  symlinkSync('folder/file', join(tree, 'link'));
  execFileSync('tar', ['-czf', join(path, 'archive.tar.gz'), '-C', tree, '.']);

  const sockets = { memory: join(path, 'memory'), tar: join(path, 'tar') };
  const memory = await serve(sockets.memory, EXAMPLES.memory);
  const tar = await serve(sockets.tar, EXAMPLES.tar, `file=${join(path, 'archive.tar.gz')}`);
  const guest = await Guest.boot(inject('guestImage'), sockets.memory, {
    daemon: memory,
    devices: [
      ...['-chardev', `socket,id=tar,path=${sockets.tar}`],
      ...['-device', 'vhost-user-fs-pci,chardev=tar,tag=tar'],
    ],
  });
  onTestFinished(() => guest.kill());
  const seen = await guest.check(
    `set -e
    mkdir /tar
    mount -t virtiofs tar /tar
    cp -a /tar/. /mnt/copy
    cmp /tar/folder/file /mnt/copy/link
    /mnt/copy/script
    ! touch /tar/new 2>/dev/null
    mv /mnt/copy/folder /mnt/moved
    rm /mnt/moved/file
    ls /mnt /mnt/moved /mnt/copy
    umount /tar
    umount /mnt`,
    { timeout: 300 },
  );
  expect(seen).toBe('it runs\n/mnt:\ncopy\nmoved\n\n/mnt/copy:\nlink\nscript\n\n/mnt/moved:\n');
  await guest.powerOff();
  expect(await memory.ended).toEqual({ status: 0, signal: null });
  expect(await tar.ended).toEqual({ status: 0, signal: null });
});
