import { constants, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errnoName } from '@vfs/sys';
import { expect, it } from 'vitest';
import { connect, overQueue, startDaemon } from '../support/daemon.js';
import { FuseClient } from '../support/fuse-client.js';
import { END, WRITE } from './support.js';

/** A guest in which one process waits for the lock of another. */
async function waiting() {
  const { daemon, directory, socket } = await startDaemon('--posix-lock');
  writeFileSync(join(directory, 'file'), '');
  const frontend = await connect(socket);
  const queue = await frontend.startQueue(1);
  const client = new FuseClient(overQueue(frontend, queue));
  await client.init();
  const { nodeid } = await client.lookup(1, 'file');
  const { fh } = await client.open(nodeid, constants.O_RDWR);
  const lock = (owner: number, wait: boolean) =>
    client.fuse.setlk(nodeid, { fh, owner, lk: { type: WRITE, start: 0, end: END } }, wait);
  await lock(1, false);
  const outcome = lock(2, true).then(
    () => '',
    (error) => errnoName(error.errno),
  );
  // Served after it, over the same queue.
  await client.getattr(nodeid);
  return { daemon, frontend, queue, outcome };
}

it('a guest can be stopped while it waits for its own lock', async () => {
  const { frontend, queue, outcome } = await waiting();
  await frontend.stopQueue(queue);
  expect(await outcome).toBe('EAGAIN');
});

it('the daemon can be ended while somebody waits for a lock', async () => {
  const { daemon, outcome } = await waiting();
  daemon.process.kill('SIGTERM');
  expect(await outcome).toBe('EAGAIN');
  expect((await daemon.ended).status).toBe(0);
});
