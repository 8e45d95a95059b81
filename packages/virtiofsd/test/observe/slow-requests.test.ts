import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { BufferExchange, connect as connected, type FileSystem, FuseClient, Session } from '@vfs/fuse-proto';
import { expect, it } from 'vitest';
import { Log } from '../../src/log.js';
import { RequestObserver } from '../../src/observe/request-observer.js';
import { SlowRequests } from '../../src/observe/slow-requests.js';
import { END, NONE, WRITE } from '../locks/support.js';
import { clientOf, connect, startDaemon } from '../support/daemon.js';
import { temporaryDirectory } from '../support/fixture.js';
import { metricsAt } from './scrape.js';

/** A session in which requests are slow that take at least so many milliseconds. */
function watched(fs: FileSystem, milliseconds: number) {
  const lines: string[] = [];
  const log = new Log('info', (line) => lines.push(line));
  const slow = new SlowRequests(milliseconds, log.module('slow'));
  const session = new Session(fs, { observer: new RequestObserver({ slow }) });
  return { lines, session, client: new FuseClient(connected(session)) };
}

it('a slow request is a line of the log, with what it was about and how it ended', async () => {
  // Whatever takes a nanosecond is slow.
  const { lines, client } = watched({ lookup: () => -2 }, 1e-6);
  await client.init();
  await expect(client.lookup(7, 'name')).rejects.toThrow();
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(/WARN slow] slow request: INIT of node 0 took \d+\.\d ms\n$/);
  expect(lines[1]).toMatch(/WARN slow] slow request: LOOKUP of node 7 took \d+\.\d ms, answered ENOENT\n$/);
});

it('a request that waits is as slow as its answer, and does not make others slow', async () => {
  const { lines, client, session } = watched(
    { statfs: () => setTimeout(20).then(() => 0), getattr: () => 0 },
    10,
  );
  await client.init();
  const late = client.statfs(1);
  session.dispatch(new BufferExchange(new Uint8Array(40)));
  await late;
  expect(lines.filter((line) => line.includes('STATFS'))).toHaveLength(1);
});

it('a storm of slow requests does not become a storm of lines', async () => {
  const { lines, client } = watched({ getattr: () => 0 }, 1e-6);
  await client.init();
  for (let i = 0; i < 1000; i++) await client.getattr(1);
  expect(lines.length).toBeLessThan(200);
});

it('--slow-request-ms has the daemon say that a lock took long, and count it', async () => {
  const place = join(temporaryDirectory(), 'metrics');
  const options = ['--posix-lock', '--slow-request-ms', '1', '--metrics-socket', place];
  const { daemon, directory, socket } = await startDaemon(...options);
  writeFileSync(join(directory, 'file'), '');
  const client = await clientOf(await connect(socket));
  const { nodeid } = await client.lookup(1, 'file');
  const { fh } = await client.open(nodeid, 2);
  const lock = (owner: number, type: number, wait: boolean) =>
    client.fuse.setlk(nodeid, { fh, owner, lk: { type, start: 0, end: END } }, wait);
  await lock(1, WRITE, false);
  const waiting = lock(2, WRITE, true);
  await client.getattr(nodeid);
  expect((await metricsAt(place)).value('virtiofsd_waiting_requests')).toBe(1);
  await setTimeout(5);
  await lock(1, NONE, false);
  await waiting;
  await daemon.logged(`slow request: SETLKW of node ${nodeid} took`);
  expect((await metricsAt(place)).value('virtiofsd_slow_requests_total')).toBeGreaterThanOrEqual(1);
});
