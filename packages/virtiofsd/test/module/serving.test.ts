/** `virtiofsd --module`: the process that serves, and how it is confined. */
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readThreads } from '@vfs/sys';
import { expect, it } from 'vitest';
import { command } from '../isolation/support.js';
import { clientOf, connect, Running, run, startDaemon, workerOf } from '../support/daemon.js';
import { temporaryDirectory } from '../support/fixture.js';
import { EXAMPLES, writeModule } from './support.js';

async function startModule(path: string, args: readonly string[] = [], program?: readonly string[]) {
  const socket = join(temporaryDirectory(), 'socket');
  const daemon = new Running(['--module', path, '--socket-path', socket, ...args], program);
  await daemon.logged('waiting for a connection');
  return { daemon, socket };
}

const emptyFolders = () => readdirSync(tmpdir()).filter((name) => name.startsWith('virtiofsd-empty-'));

it('a file system in memory is served by a process that has nothing of the host', async () => {
  const before = emptyFolders();
  const { daemon, socket } = await startModule(EXAMPLES.memory, ['--module-option', 'capacity=65536']);
  const worker = workerOf(daemon.process.pid!);
  const threads = readThreads(worker);
  expect(threads.length).toBeGreaterThan(3);
  for (const { permitted, effective, bounding, noNewPrivs, seccomp } of threads) {
    expect([permitted.mask, effective.mask, noNewPrivs, seccomp]).toEqual([0, 0, true, 2]);
    expect(bounding.mask).toBe(0);
  }
  // An empty folder, which is gone already.
  expect(readdirSync(`/proc/${worker}/root`)).toEqual([]);
  expect(emptyFolders()).toEqual(before);
  expect(readFileSync(`/proc/${worker}/mountinfo`, 'utf8').trim().split('\n')).toHaveLength(1);

  const client = await clientOf(await connect(socket));
  const { nodeid, fh } = await client.create(1, 'file', 2);
  await client.write(nodeid, fh, 0, 'content');
  expect((await client.read(nodeid, fh, 0, 100)).toString()).toBe('content');
  expect(await client.write(nodeid, fh, 0, 'x'.repeat(70_000))).toBe(65_536);
  await expect(client.write(nodeid, fh, 65_536, 'x')).rejects.toThrow('ENOSPC');
  daemon.process.kill('SIGTERM');
  expect(await daemon.ended).toMatchObject({ status: 0 });
});

it('a layer is asked in the place of the folder, and reaches it', async () => {
  const { daemon, directory, socket } = await startDaemon('--module', EXAMPLES.audit);
  writeFileSync(join(directory, 'file'), 'content');
  const client = await clientOf(await connect(socket));
  await client.rename(1, 'file', 1, 'other');
  await client.unlink(1, 'other');
  await expect(client.unlink(1, 'other')).rejects.toThrow('ENOENT');
  expect(readdirSync(directory)).toEqual([]);
  await daemon.logged('module] unlink other by user 0, process 0: error 2');
  expect(daemon.stderr).toContain('module] rename file to other by user 0, process 0: done');
});

it('once it is confined a module imports nothing more: what lies at its paths is the guest’s', async () => {
  const path = writeModule(`
    import { createRequire } from 'node:module';
    const require = createRequire(import.meta.url);
    const attempts = [
      () => import('./other.mjs'),
      () => import('node:zlib'),
      () => require('./other.cjs'),
    ];
    export function createFileSystem({ log }) {
      return {
        async init() {
          for (const attempt of attempts) {
            try { await attempt(); log.info('it was loaded'); }
            catch (error) { log.info('refused: ' + error.message); }
          }
          return 0;
        },
      };
    }`);
  const { daemon, socket } = await startModule(path);
  await clientOf(await connect(socket));
  await daemon.logged('refused: ./other.cjs cannot be loaded any more');
  expect(daemon.stderr.match(/refused|it was loaded/g)).toEqual(['refused', 'it was loaded', 'refused']);
  expect(daemon.stderr).toContain(
    './other.mjs cannot be loaded any more: import it at the top of the module',
  );
});

it('what a module does wrong in a request ends with the request; the start fails with one line', async () => {
  const broken = writeModule(
    `export const createFileSystem = () => ({ getattr() { throw new Error('a defect'); } });`,
  );
  const { daemon, socket } = await startModule(broken);
  const client = await clientOf(await connect(socket));
  await expect(client.getattr(1)).rejects.toThrow('EIO');
  await daemon.logged('a defect');

  const args = ['--socket-path', join(temporaryDirectory(), 'socket')];
  const before = emptyFolders();
  const unknown = await run(['--module', EXAMPLES.memory, '--module-option', 'size=1', ...args]);
  expect(unknown).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("there is no option 'size': use capacity=BYTES"),
  });
  expect(emptyFolders()).toEqual(before);
  const missing = await run(['--module', '/nowhere.mjs', ...args]);
  expect(missing).toMatchObject({
    status: 1,
    stderr: "virtiofsd: the module '/nowhere.mjs' does not exist: correct --module\n",
  });
});

it('TypeScript is loaded where Node can, and otherwise it is said how to get there', async () => {
  const path = writeModule(
    'export const createFileSystem = ({ options }: { options: object }) => ({ statfs: () => -Object.keys(options).length });',
    'module.ts',
  );
  if ('typescript' in process.features && process.features.typescript) {
    const { socket } = await startModule(path, ['--module-option', 'a=1']);
    const client = await clientOf(await connect(socket));
    await expect(client.statfs(1)).rejects.toThrow('EPERM');
  } else {
    const { status, stderr } = await run(['--module', path, '--socket-path', join(dirname(path), 'socket')]);
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(/^virtiofsd: .* is not JavaScript, .*npx esbuild .*\n$/),
    ]);
  }
});

it.runIf(process.getuid!() === 0)('a user without privilege serves a module likewise', async () => {
  const program = command('nobody')!;
  const module = join(dirname(program[1]!), 'module.mjs');
  writeFileSync(
    module,
    'export const createFileSystem = () => ({ statfs: (_c, _n, reply) => ((reply.bfree = 7), 0) });',
  );
  const folder = temporaryDirectory();
  chmodSync(folder, 0o777);
  const socket = join(folder, 'socket');
  const daemon = new Running(['--module', module, '--socket-path', socket], program);
  await daemon.logged('waiting for a connection');
  const client = await clientOf(await connect(socket));
  expect((await client.statfs(1)).bfree).toBe(7);
  for (const { effective, seccomp } of readThreads(workerOf(daemon.process.pid!))) {
    expect([effective.mask, seccomp]).toEqual([0, 2]);
  }
});
