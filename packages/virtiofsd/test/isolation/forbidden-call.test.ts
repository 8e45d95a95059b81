import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { clientOf, connect } from '../support/daemon.js';
import { commandWithWorker, startServed, until } from './support.js';

/** A worker that, when told, makes a system call that its filter does not allow, and says what came of it. */
const BROKEN_INTO = `
  const AF_UNIX = 1;
  onOrder(() => say('socket(2) gave ' + (raw.socket(AF_UNIX, 1, 0) >= 0 ? 'a descriptor' : 'an error')));`;

function startBrokenInto(mode: string) {
  return startServed(commandWithWorker(BROKEN_INTO), ['--seccomp', mode]);
}

describe('a system call that the filter does not allow', () => {
  test.each(['kill', 'trap'])('--seccomp=%s: is named, ends the daemon, and leaves no file', async (mode) => {
    const { daemon, worker, socket } = await startBrokenInto(mode);
    const client = await clientOf(await connect(socket));
    expect((await client.lookup(1, 'file')).nodeid).not.toBe(0);
    expect(existsSync(`${socket}.pid`)).toBe(true);
    process.kill(worker, 'SIGUSR2');
    const { status, stderr } = await daemon.ended;
    expect(stderr).toContain('made the system call socket,');
    expect(stderr).toContain('SIGSYS');
    expect(stderr).not.toContain('socket(2) gave');
    expect(status).toBe(159);
    for (const path of [socket, `${socket}.pid`, `/proc/${worker}`]) expect(existsSync(path)).toBe(false);
  });

  test('--seccomp=log: is made, and the daemon goes on', async () => {
    const { daemon, worker, socket } = await startBrokenInto('log');
    const client = await clientOf(await connect(socket));
    process.kill(worker, 'SIGUSR2');
    await daemon.logged('socket(2) gave a descriptor');
    expect((await client.lookup(1, 'file')).nodeid).not.toBe(0);
    daemon.process.kill('SIGTERM');
    expect((await daemon.ended).status).toBe(0);
  });

  test('--seccomp=none: is made', async () => {
    const { daemon, worker } = await startBrokenInto('none');
    process.kill(worker, 'SIGUSR2');
    await until('the call is made', () => daemon.stderr.includes('socket(2) gave a descriptor'));
    daemon.process.kill('SIGTERM');
    expect((await daemon.ended).status).toBe(0);
  });
});
