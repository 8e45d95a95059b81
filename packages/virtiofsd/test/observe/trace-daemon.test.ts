import { linkSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { clientOf, connect, run, startDaemon } from '../support/daemon.js';
import { temporaryDirectory } from '../support/fixture.js';

/** A recording of a daemon with its defaults, and what it served. */
async function recording() {
  const folder = temporaryDirectory();
  const file = join(folder, 'trace');
  const { daemon, socket } = await startDaemon('--trace', file);
  const frontend = await connect(socket);
  const client = await clientOf(frontend);
  const { entry, open } = await client.fuse.create(1, 'file', { flags: 2, mode: 0o600 });
  await client.write(entry.nodeid, open.fh, 0, 'some text');
  await client.read(entry.nodeid, open.fh, 0, 4096);
  await client.fuse.release(entry.nodeid, { fh: open.fh });
  await client.forget(entry.nodeid);
  frontend.close();
  expect((await daemon.ended).status).toBe(0);
  return { folder, file };
}

it('--trace records from within the sandbox, and replay makes the same requests again in a folder', async () => {
  const { folder, file } = await recording();
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const copy = join(folder, 'copy');
  mkdirSync(copy);
  const replay = await run(['replay', file, copy]);
  expect(replay.stderr).toBe('');
  expect(replay.stdout).toContain('6 requests, 0 differences');
  expect(replay.status).toBe(0);
  expect(readFileSync(join(copy, 'file')).length).toBe(9);
  const again = await run(['replay', file, copy, '--json', '--readonly']);
  expect(again.status).toBe(1);
  expect(JSON.parse(again.stdout).details[0]).toMatchObject({ opcode: 'CREATE', replayed: 'EROFS' });
  const print = await run(['replay', '--print', file]);
  expect(print.stdout).toMatch(/CREATE node=1 .*"file"/);
});

it('replay makes the requests of a recording at the socket of a daemon', async () => {
  const { file } = await recording();
  const { daemon, socket, directory } = await startDaemon();
  const replay = await run(['replay', file, '--socket', socket, '--paced']);
  expect(replay.stderr).toBe('');
  expect(replay.stdout).toContain('6 requests, 0 differences');
  expect(replay.status).toBe(0);
  expect((await daemon.ended).status).toBe(0);
  expect(readFileSync(join(directory, 'file')).length).toBe(9);
});

it('a recording never lies in the shared folder, nor takes the place of another file', async () => {
  const folder = temporaryDirectory();
  const shared = join(folder, 'shared');
  mkdirSync(join(shared, 'below'), { recursive: true });
  symlinkSync(join(shared, 'below'), join(folder, 'link'));
  writeFileSync(join(folder, 'file'), 'precious');
  writeFileSync(join(shared, 'inside'), '');
  linkSync(join(shared, 'inside'), join(folder, 'outside'));
  symlinkSync(join(shared, 'inside'), join(folder, 'symlink'));
  const refused = async (trace: string, message: string) => {
    const ended = await run([
      ...['--shared-dir', shared, '--socket-path', join(folder, 'socket'), '--trace', trace],
    ]);
    expect(ended.stderr).toContain(message);
    expect(ended.status).toBe(1);
  };
  await refused(join(shared, 'trace'), 'would lie in the shared folder');
  await refused(join(folder, 'link', 'trace'), 'would lie in the shared folder');
  await refused(join(folder, 'outside'), 'has other names');
  await refused(join(folder, 'symlink'), 'cannot be written (ELOOP)');
  await refused(join(folder, 'file'), 'exists, and is none');
  await refused('/dev/null', 'is not a regular file');
  await refused(join(folder, 'absent', 'trace'), 'cannot be used (ENOENT)');
  expect(readFileSync(join(folder, 'file'), 'latin1')).toBe('precious');
});

it('mistakes in the command line of replay are told', async () => {
  const usage = async (message: string, ...args: string[]) => {
    const ended = await run(['replay', ...args]);
    expect(ended.stderr).toContain(message);
    expect(ended.status).toBe(2);
  };
  await usage('one of them', 'file');
  await usage('one of them', 'file', 'dir', '--print');
  await usage('give the recording', '--print');
  const folder = temporaryDirectory();
  expect((await run(['replay', join(folder, 'absent'), folder])).stderr).toContain('cannot be read (ENOENT)');
});
