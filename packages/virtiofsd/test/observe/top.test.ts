import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { figuresOf, quantile } from '../../src/top/figures.js';
import { readMetrics } from '../../src/top/read-metrics.js';
import { BIN, clientOf, connect, Running, run, startDaemon } from '../support/daemon.js';
import { after, temporaryDirectory } from '../support/fixture.js';

async function observed() {
  const place = join(temporaryDirectory(), 'metrics');
  const { socket, daemon } = await startDaemon('--metrics-socket', place);
  const client = await clientOf(await connect(socket));
  await client.getattr(1);
  return { place, client, daemon };
}

it('top --once shows what has happened since the start', async () => {
  const { place } = await observed();
  const { stdout, status } = await run(['top', '--socket', place, '--once']);
  expect(status).toBe(0);
  expect(stdout).toContain(`virtiofsd at ${place}: connected, up 00:00:`);
  expect(stdout).toMatch(/^GETATTR +\S+ +0 +\S+ (µs|ms) +\S+ (µs|ms)$/m);
  expect(stdout).not.toContain('\x1b');
  const json = JSON.parse((await run(['top', '--socket', place, '--once', '--json'])).stdout);
  expect(json).toMatchObject({
    connected: true,
    answering: true,
    nodes: 1,
    total: { requests: 2, errors: 0 },
  });
});

it('top that is no terminal prints lines, until the daemon is gone', async () => {
  const { place, daemon } = await observed();
  const top = new Running(['top', '--socket', place, '--interval', '0.1']);
  const lines = new Promise<string>((resolve) =>
    top.process.stdout!.once('data', (text) => resolve(String(text))),
  );
  expect(await lines).toMatch(/^\S+Z requests_per_second=0\.0 errors=0 .* nodes=1 handles=0 answering=1\n/);
  daemon.process.kill('SIGTERM');
  const { stderr, status } = await top.ended;
  expect(stderr).toMatch(/^virtiofsd: no metrics at /);
  expect(status).toBe(1);
});

it('top on a terminal draws a screen, and leaves it as it was', async () => {
  const { place } = await observed();
  const command = `stty cols 100 rows 30; ${BIN} top --socket ${place} --interval 0.1`;
  const output = execFileSync('script', ['-qec', command, '/dev/null'], {
    input: 'q',
    encoding: 'utf8',
    env: { ...process.env, TERM: 'xterm' },
  });
  expect(output).toContain('\x1b[?1049h');
  expect(output).toContain('\x1b[Hvirtiofsd at ');
  expect(output.trimEnd().endsWith('\x1b[?25h\x1b[?1049l')).toBe(true);
});

it('top says what is wrong with the place', async () => {
  const place = join(temporaryDirectory(), 'place');
  const other = createServer((_request, response) => response.end('hello\n')).listen(place);
  after(() => other.close());
  await new Promise((resolve) => other.once('listening', resolve));
  const top = (...args: string[]) => run(['top', ...args]);
  expect((await top('--socket', `${place}-absent`)).stderr).toContain('(ENOENT): is a daemon running');
  expect((await top('--socket', place)).stderr).toContain('is no virtiofsd: the metrics end too early');
  expect(await top('--once')).toMatchObject({ status: 2 });
  expect(await top('--socket', place, '--interval', '0')).toMatchObject({ status: 2 });
});

it('figures are of the time between two readings, and begin anew with a new daemon', () => {
  const at = (start: number, uptime: number, lookups: number) =>
    readMetrics(
      [
        `virtiofsd_start_time_seconds ${start}`,
        `virtiofsd_uptime_seconds ${uptime}`,
        `virtiofsd_requests_total{opcode="LOOKUP"} ${lookups}`,
        `virtiofsd_request_duration_seconds_bucket{opcode="LOOKUP",le="0.001"} ${lookups / 2}`,
        `virtiofsd_request_duration_seconds_bucket{opcode="LOOKUP",le="+Inf"} ${lookups}`,
        '# EOF',
      ].join('\n'),
    );
  expect(figuresOf(at(1, 12, 300), at(1, 10, 100)).total).toMatchObject({ requests: 200, perSecond: 100 });
  expect(figuresOf(at(5, 2, 30), at(1, 10, 100)).total).toMatchObject({ requests: 30, perSecond: 15 });
  expect(figuresOf(at(1, 12, 100), at(1, 10, 100)).opcodes).toEqual([]);
});

it('quantiles lie where the histogram has them', () => {
  const counts: [number, number][] = [
    [0.001, 0],
    [0.002, 50],
    [0.004, 100],
    [Number.POSITIVE_INFINITY, 100],
  ];
  expect(quantile(counts, 0.5)).toBeCloseTo(2000);
  expect(quantile(counts, 0.25)).toBeCloseTo(1500);
  expect(quantile(counts, 1)).toBeCloseTo(4000);
  expect(quantile([[Number.POSITIVE_INFINITY, 3]], 0.5)).toBe(0);
  expect(quantile([], 0.5)).toBeUndefined();
});
