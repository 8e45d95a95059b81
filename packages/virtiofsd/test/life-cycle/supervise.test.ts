import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { spawn } from '@vfs/sys';
import { afterEach, describe, expect, it } from 'vitest';
import { type Supervised, type SupervisionOptions, supervise } from '../../src/life-cycle/supervise.js';
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
  return {
    exited: child.exited,
    ending: new Promise<void>(() => {}),
    signal: (name: NodeJS.Signals) => void child.kill(name),
  };
}

async function supervised(
  given: string | Supervised,
  options: Partial<SupervisionOptions> = {},
  ...signals: NodeJS.Signals[]
) {
  const log = new Log('info', (line) => lines.push(line.replace(/^\[\S+ /, '[').trimEnd())).module('daemon');
  const status = supervise(typeof given === 'string' ? await worker(given) : given, { log, ...options });
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

  it('that has done its work and does not exit is killed, too', async () => {
    const hanging = { ...(await worker(': >"$1"; while :; do sleep 0.01; done')), ending: Promise.resolve() };
    expect(await supervised(hanging, { orderly: 50 })).toBe(1);
    expect(lines).toEqual(['[ERROR daemon] the worker has not ended within 0.05 s: killing it']);
  });

  it('that exits once its work is done is not disturbed', async () => {
    const exiting = { ...(await worker(': >"$1"; sleep 0.2; exit 5')), ending: Promise.resolve() };
    expect(await supervised(exiting)).toBe(5);
    expect(lines).toEqual([]);
  });

  it('that SIGKILL does not end is left behind', async () => {
    const signals: string[] = [];
    const never = new Promise<never>(() => {});
    const immortal = { exited: never, ending: never, signal: (name: string) => void signals.push(name) };
    expect(await supervised(immortal, { orderly: 30, killed: 20 }, 'SIGTERM')).toBe(1);
    expect(signals).toEqual(['SIGTERM', 'SIGKILL']);
    expect(lines).toEqual([
      '[ERROR daemon] the worker has not ended within 0.03 s: killing it',
      expect.stringContaining('leaving it behind'),
    ]);
  });
});

it('signals mean again what they did, once the worker has ended', async () => {
  const before = ['SIGTERM', 'SIGINT', 'SIGHUP'].map((signal) => process.listenerCount(signal));
  await supervised('exit 0');
  expect(['SIGTERM', 'SIGINT', 'SIGHUP'].map((signal) => process.listenerCount(signal))).toEqual(before);
});
