import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { spawn } from '@vfs/sys';
import { afterEach, describe, expect, it } from 'vitest';
import { type SupervisionOptions, supervise } from '../../src/life-cycle/supervise.js';
import { Log } from '../../src/log.js';
import { after, temporaryDirectory } from '../support/fixture.js';

const lines: string[] = [];
afterEach(() => void lines.splice(0));

/** A worker that is a shell script, which says that it has begun by making the file $1. */
async function worker(script: string) {
  const begun = join(temporaryDirectory(), 'begun');
  const child = spawn({ file: '/bin/sh', args: ['-c', script, 'sh', begun] });
  after(() => child[Symbol.dispose]());
  if (script.includes('$1')) await expect.poll(() => existsSync(begun), { timeout: 20_000 }).toBe(true);
  return { exited: child.exited, signal: (name: NodeJS.Signals) => void child.kill(name) };
}

async function supervised(
  script: string,
  options: Partial<SupervisionOptions> = {},
  ...signals: NodeJS.Signals[]
) {
  const log = new Log('info', (line) => lines.push(line.replace(/^\[\S+ /, '[').trimEnd())).module('daemon');
  const status = supervise(await worker(script), { log, ...options });
  for (const signal of signals) process.emit(signal);
  return status;
}

describe('a worker', () => {
  it('that exits decides the status', async () => {
    expect(await supervised('exit 0')).toBe(0);
    expect(await supervised('exit 3')).toBe(3);
    expect(lines).toEqual([]);
  });

  it('that a signal ends is reported by its name, with the status that shells give it', async () => {
    expect(await supervised('kill -KILL $$')).toBe(137);
    expect(await supervised('ulimit -c 0; kill -SEGV $$')).toBe(139);
    expect(lines).toEqual([
      '[ERROR daemon] the worker was ended by SIGKILL',
      '[ERROR daemon] the worker was ended by SIGSEGV',
    ]);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('is told by SIGTERM of the first %s', async (signal) => {
    let stopping = 0;
    const script = 'trap "exit 7" TERM; : >"$1"; while :; do sleep 0.01; done';
    expect(await supervised(script, { stopping: () => stopping++ }, signal)).toBe(7);
    expect(stopping).toBe(1);
  });

  it('is told not to wait by a second signal, and by SIGHUP', async () => {
    const script = 'trap "" TERM; trap "exit 8" HUP; : >"$1"; while :; do sleep 0.01; done';
    expect(await supervised(script, {}, 'SIGTERM', 'SIGTERM')).toBe(8);
    expect(await supervised(script, {}, 'SIGHUP')).toBe(8);
  });

  it.each([
    ['SIGTERM', { orderly: 50 }],
    ['SIGHUP', { immediate: 50 }],
  ] as const)('that does not heed %s is killed, which is a failure', async (signal, times) => {
    const script = 'trap "" TERM HUP; : >"$1"; while :; do sleep 0.01; done';
    expect(await supervised(script, times, signal)).toBe(1);
    expect(lines).toEqual(['[ERROR daemon] the worker has not ended within 0.05 s: killing it']);
  });
});

it('signals mean again what they did, once the worker has ended', async () => {
  const before = ['SIGTERM', 'SIGINT', 'SIGHUP'].map((signal) => process.listenerCount(signal));
  await supervised('exit 0');
  expect(['SIGTERM', 'SIGINT', 'SIGHUP'].map((signal) => process.listenerCount(signal))).toEqual(before);
});
