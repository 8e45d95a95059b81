import { constants, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { clientOf, connect, Running, run, startDaemon, workerOf } from '../support/daemon.js';
import { after, temporaryDirectory } from '../support/fixture.js';
import { ask, metricsAt } from './scrape.js';

/** A daemon with its defaults, and metrics at a socket. */
async function observed(...args: string[]) {
  const place = join(temporaryDirectory(), 'metrics');
  return { place, ...(await startDaemon('--metrics-socket', place, ...args)) };
}

it('the metrics count what the guest asks for, from within the sandbox', async () => {
  const { place, directory, socket } = await observed('--keep-alive');
  writeFileSync(join(directory, 'file'), 'hello');
  const before = await metricsAt(place);
  expect(before.value('virtiofsd_connected')).toBe(0);
  expect(before.value('virtiofsd_requests_total', { opcode: 'LOOKUP' })).toBeUndefined();

  const frontend = await connect(socket);
  const client = await clientOf(frontend);
  const { nodeid } = await client.lookup(1, 'file');
  await expect(client.lookup(1, 'absent')).rejects.toThrow();
  await expect(client.lookup(1, 'absent')).rejects.toThrow();
  const { fh } = await client.open(nodeid, constants.O_RDWR);
  await client.read(nodeid, fh, 0, 100);
  await client.write(nodeid, fh, 0, 'abc');

  const metrics = await metricsAt(place);
  const requests = (opcode: string) => metrics.value('virtiofsd_requests_total', { opcode });
  expect(requests('INIT')).toBe(1);
  expect(requests('LOOKUP')).toBe(3);
  expect(requests('READ')).toBe(1);
  expect(metrics.value('virtiofsd_request_errors_total', { opcode: 'LOOKUP', errno: 'ENOENT' })).toBe(2);
  expect(metrics.value('virtiofsd_request_duration_seconds_count', { opcode: 'LOOKUP' })).toBe(3);
  expect(metrics.value('virtiofsd_request_duration_seconds_sum', { opcode: 'LOOKUP' })).toBeGreaterThan(0);
  expect(metrics.value('virtiofsd_read_bytes_total')).toBe(5);
  expect(metrics.value('virtiofsd_written_bytes_total')).toBe(3);
  expect(metrics.value('virtiofsd_connected')).toBe(1);
  expect(metrics.value('virtiofsd_connections_total')).toBe(1);
  expect(metrics.value('virtiofsd_nodes')).toBe(2);
  expect(metrics.value('virtiofsd_handles')).toBe(1);
  expect(metrics.value('virtiofsd_descriptors')).toBeGreaterThanOrEqual(1);
  expect(metrics.value('virtiofsd_worker_answering')).toBe(1);
  expect(metrics.value('virtiofsd_resident_memory_bytes')).toBeGreaterThan(1 << 20);
  expect(metrics.value('virtiofsd_heap_bytes')).toBeGreaterThan(1 << 20);
  expect(metrics.value('virtiofsd_slow_requests_total')).toBe(0);
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  expect(metrics.value('virtiofsd_build_info', { version, node: process.versions.node })).toBe(1);

  frontend.close();
  while ((await metricsAt(place)).value('virtiofsd_connected') === 1) await setTimeout(10);
  const after = await metricsAt(place);
  expect(after.value('virtiofsd_requests_total', { opcode: 'LOOKUP' })).toBe(3);
  expect(after.value('virtiofsd_nodes')).toBe(1);
});

it('only the metrics are there, and they can only be read', async () => {
  const { place } = await observed();
  const { status, headers, text } = await ask(place);
  expect(status).toBe(200);
  expect(headers['content-type']).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
  expect(headers['content-length']).toBe(String(Buffer.byteLength(text)));
  expect(await ask(place, { path: '/metrics?name[]=x' })).toMatchObject({ status: 200 });
  expect(await ask(place, { method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
  expect(await ask(place, { path: '/' })).toMatchObject({ status: 404 });
  expect(await ask(place, { method: 'POST' })).toMatchObject({ status: 405 });
  expect(statSync(place).mode & 0o777).toBe(0o600);
});

it('the metrics tell of a worker that does not answer', async () => {
  const { place, daemon } = await observed();
  const worker = workerOf(daemon.process.pid!);
  process.kill(worker, 'SIGSTOP');
  try {
    const metrics = await metricsAt(place);
    expect(metrics.value('virtiofsd_worker_answering')).toBe(0);
    expect(metrics.value('virtiofsd_nodes')).toBe(1);
  } finally {
    process.kill(worker, 'SIGCONT');
  }
  while ((await metricsAt(place)).value('virtiofsd_worker_answering') !== 1) await setTimeout(10);
});

it('metrics are published at a port too, which the log tells', async () => {
  const { daemon } = await startDaemon('--metrics', '0');
  const [, port] = /metrics at http:\/\/127\.0\.0\.1:(\d+)\/metrics/.exec(daemon.stderr)!;
  expect((await metricsAt(Number(port))).value('virtiofsd_connected')).toBe(0);
});

it('a socket of metrics that is left over is replaced; it goes with the daemon', async () => {
  const { place, daemon } = await observed();
  daemon.process.kill('SIGKILL');
  await daemon.ended;
  expect(statSync(place).isSocket()).toBe(true);
  const socket = join(temporaryDirectory(), 'socket');
  const next = new Running([
    '--shared-dir',
    temporaryDirectory(),
    '--socket-path',
    socket,
    '--metrics-socket',
    place,
  ]);
  await next.logged('waiting for a connection');
  await metricsAt(place);
  next.process.kill('SIGTERM');
  await next.ended;
  expect(() => statSync(place)).toThrow(/ENOENT/);
});

it('places at which metrics cannot be published are refused with the reason', async () => {
  const folder = temporaryDirectory();
  writeFileSync(join(folder, 'file'), '');
  const busy = createServer().listen(0, '127.0.0.1');
  after(() => busy.close());
  await new Promise((resolve) => busy.once('listening', resolve));
  const { port } = busy.address() as { port: number };
  const socket = join(folder, 'socket');
  const start = (...args: string[]) => run(['--shared-dir', folder, '--socket-path', socket, ...args]);
  const refused = async (status: number, message: string, ...args: string[]) => {
    const ended = await start(...args);
    expect(ended.stderr).toContain(message);
    expect(ended.status).toBe(status);
  };
  await refused(1, 'exists and is not a socket', '--metrics-socket', join(folder, 'file'));
  await refused(1, 'does not exist: create it', '--metrics-socket', join(folder, 'absent', 'm'));
  await refused(1, 'EADDRINUSE): choose another --metrics', '--metrics', `127.0.0.1:${port}`);
  await refused(2, 'are the same: give two paths', '--metrics-socket', socket);
  await refused(2, 'give HOST:PORT', '--metrics', 'localhost');
  await refused(2, 'names are not looked up', '--metrics', 'example.org:80');
  mkdirSync(join(folder, 'directory'));
  await refused(1, 'exists and is not a socket', '--metrics-socket', join(folder, 'directory'));
});
