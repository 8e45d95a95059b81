import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { BIN, clientOf, connect, Running, startDaemon, workerOf } from '../support/daemon.js';
import { temporaryDirectory } from '../support/fixture.js';

function gone(pid: number): boolean {
  try {
    return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch (error) {
    expect((error as NodeJS.ErrnoException).code).toMatch(/^(ENOENT|ESRCH)$/);
    return true;
  }
}

/** Sends SIGTERM to a process, unless it is gone. */
function signaled(pid: number): boolean {
  if (gone(pid)) return false;
  try {
    return process.kill(pid, 'SIGTERM');
  } catch (error) {
    // It went between the two.
    expect((error as NodeJS.ErrnoException).code).toBe('ESRCH');
    return false;
  }
}

describe.each([['none'], ['namespace']])('with --sandbox=%s', (sandbox) => {
  it('a worker that is killed is reported, and leaves no socket and no pid file', async () => {
    const { daemon, socket } = await startDaemon(`--sandbox=${sandbox}`);
    await (await clientOf(await connect(socket))).getattr(1);
    process.kill(workerOf(daemon.process.pid!), 'SIGKILL');
    const { status, stderr } = await daemon.ended;
    expect([status, stderr]).toEqual([137, expect.stringContaining('the worker was ended by SIGKILL')]);
    expect([existsSync(socket), existsSync(`${socket}.pid`)]).toEqual([false, false]);
  });

  it('a worker ends with the outer process, and the next daemon takes the place', async () => {
    const { daemon, directory, socket } = await startDaemon(`--sandbox=${sandbox}`);
    await (await clientOf(await connect(socket))).getattr(1);
    const worker = workerOf(daemon.process.pid!);
    daemon.process.kill('SIGKILL');
    await daemon.ended;
    await expect.poll(() => gone(worker), { timeout: 20_000 }).toBe(true);
    const args = ['--shared-dir', directory, '--socket-path', socket, `--sandbox=${sandbox}`];
    const next = new Running(args, [BIN]);
    await next.logged('waiting for a connection');
    await (await clientOf(await connect(socket))).getattr(1);
    next.process.kill('SIGTERM');
    expect((await next.ended).status).toBe(0);
  });

  it('a signal to both processes, as service managers and terminals send it, is one wish to end in order', async () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const { daemon, socket } = await startDaemon(`--sandbox=${sandbox}`);
      await (await clientOf(await connect(socket))).getattr(1);
      const worker = workerOf(daemon.process.pid!);
      process.kill(worker, signal);
      daemon.process.kill(signal);
      const { status, stderr } = await daemon.ended;
      expect(status).toBe(0);
      expect(stderr).not.toMatch(/WARN|ERROR/);
    }
  });
});

it('signals that come again while a process cleans up do not end it before it has', async () => {
  for (const target of ['worker', 'outer'] as const) {
    const { daemon, socket } = await startDaemon();
    await (await clientOf(await connect(socket))).getattr(1);
    const outer = daemon.process.pid!;
    const pid = target === 'outer' ? outer : workerOf(outer);
    while (signaled(pid)) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    const { status, stderr } = await daemon.ended;
    // To the outer process a repetition means: at once.
    expect([0, target === 'outer' ? 1 : 0]).toContain(status);
    expect(stderr).not.toContain('was ended by');
    expect([existsSync(socket), existsSync(`${socket}.pid`)]).toEqual([false, false]);
  }
});

it('a signal while the daemon starts ends it, and leaves nothing', async () => {
  // In time for it or not: what it leaves is the same.
  for (let delay = 0; delay < 5; delay++) {
    const folder = temporaryDirectory();
    const daemon = new Running(['--shared-dir', temporaryDirectory(), '--socket-path', `${folder}/s`]);
    while (readdirSync(folder).length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    for (let i = 0; i < delay * 5; i++) await new Promise((resolve) => setTimeout(resolve, 1));
    daemon.process.kill('SIGTERM');
    const { status } = await daemon.ended;
    expect([status, readdirSync(folder)]).toEqual([0, []]);
  }
});
