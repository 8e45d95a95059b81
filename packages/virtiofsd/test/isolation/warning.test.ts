import { expect, test } from 'vitest';
import { clientOf, connect } from '../support/daemon.js';
import { commandWithWorker, startServed } from './support.js';

test('a warning of Node in the worker goes to the log, and ends nothing', async () => {
  const { daemon, worker, socket } = await startServed(
    commandWithWorker(`onOrder(() => process.emitWarning('something is odd', 'OddWarning'));`),
    [],
  );
  const client = await clientOf(await connect(socket));
  process.kill(worker, 'SIGUSR2');
  await daemon.logged('WARN isolation] OddWarning: something is odd');
  expect((await client.lookup(1, 'file')).nodeid).not.toBe(0);
  daemon.process.kill('SIGTERM');
  expect((await daemon.ended).status).toBe(0);
});
