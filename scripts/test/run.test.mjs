// @ts-check
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../lib/cleanup.mjs';
import { output, run, which } from '../lib/run.mjs';
import { supervise, within } from '../lib/supervise.mjs';

test('a command that fails is an error with its status', async () => {
  await expect(run('sh', ['-c', 'exit 7'])).rejects.toMatchObject({ name: 'CommandError', status: 7 });
});

test('a command that is not there is an error', async () => {
  await expect(run('no-such-command-here', [])).rejects.toMatchObject({ name: 'CommandError', status: null });
  expect(output('no-such-command-here', [])).toBeNull();
  expect(which('no-such-command-here')).toBeNull();
});

test('a command that takes too long is ended with everything it started', async () => {
  const folder = temporaryFolder();
  const file = join(folder.path, 'pid');
  await expect(run('sh', ['-c', `sleep 1000 & echo $! >${file}; wait`], { timeout: 1 })).rejects.toThrow(
    'not done',
  );
  const pid = readFileSync(file, 'utf8').trim();
  // Ended, and maybe not yet collected by its new parent.
  expect(
    output('sh', ['-c', `grep -q '^State:.*[ZX]' /proc/${pid}/status 2>/dev/null || ! test -e /proc/${pid}`]),
  ).not.toBeNull();
  folder.remove();
});

test('a supervised process keeps what it printed and how it ended', async () => {
  const child = supervise('sh', ['-c', 'echo out; echo err >&2; exit 3']);
  expect(await child.ended).toEqual({ status: 3, signal: null });
  expect(child.text().split('\n').sort()).toEqual(['', 'err', 'out']);
  expect(child.ending()).toEqual({ status: 3, signal: null });
});

test('waiting has an end', async () => {
  await expect(within(new Promise(() => {}), 0.01, () => 'too late')).rejects.toThrow('too late');
  await expect(within(Promise.resolve(5), 10, () => 'too late')).resolves.toBe(5);
});
