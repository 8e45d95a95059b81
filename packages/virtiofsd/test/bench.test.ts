/** The benchmarks still run, on as little as shows it. What they measure is not looked at. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const SUITE = fileURLToPath(new URL('../../../scripts/bench.mjs', import.meta.url));

it('the benchmarks of the daemon run to their end', async () => {
  const args = [SUITE, '--quick', 'peers', 'limit', 'queues', 'scale'];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  expect(stdout).toContain('| mixed:16 |');
  expect(stdout).toContain('| write1m:4 |');
  expect(stdout).toContain('| READDIRPLUS | 10,002 |');
});
