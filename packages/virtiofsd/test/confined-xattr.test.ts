import { chmodSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { getxattr } from '@vfs/sys';
import { expect, it } from 'vitest';
import { clientOf, connect, startDaemon } from './support/daemon.js';

const isRoot = process.geteuid!() === 0;

/** The confined daemon sees neither /proc nor anything else outside of the share. */
it('a confined daemon reaches the attributes of files of every type, and keeps to the umask of the guest', async () => {
  const { directory, socket } = await startDaemon('--posix-acl', '--xattrmap', ':map::user.virtiofs.:');
  chmodSync(directory, 0o755);
  writeFileSync(`${directory}/file`, '');
  symlinkSync('file', `${directory}/link`);
  const client = await clientOf(await connect(socket));
  const file = await client.walk('file');
  const link = await client.walk('link');
  // The long form, which has been agreed on: size, flags, more flags, padding.
  const request = Buffer.concat([
    Buffer.from([5, 0, 0, 0, ...new Array(12).fill(0)]),
    Buffer.from('user.a\0value'),
  ]);
  await client.call(21, file, [request]);
  expect(await client.getxattr(file, 'user.a')).toBe('value');
  expect(await client.listxattr(file)).toEqual(['user.a']);
  const stored = getxattr({ path: `${directory}/file` }, 'user.virtiofs.user.a');
  expect(Buffer.from(stored).toString()).toBe('value');
  await expect(client.call(21, link, [request])).rejects.toThrow('EPERM');
  expect(await client.listxattr(link)).toEqual([]);
  await client.removexattr(file, 'user.a');
  expect(await client.listxattr(file)).toEqual([]);
  await client.fuse.mkdir(1, 'directory', { mode: 0o777, umask: 0o027 });
  if (isRoot) expect(statSync(`${directory}/directory`).mode & 0o777).toBe(0o750);
});
