// @ts-check
/**
 * Lets more machines come and vanish in the midst of their work than the tests do:
 *
 *     node packages/virtiofsd/test/life-cycle/reconnects.mjs [MACHINES]
 *
 * so many (10,000) in all, the first half without a pool of threads, the second with one. The packages must have been built.
 */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const machines = Number(process.argv[2] ?? 10_000);
if (!(machines >= 40)) {
  process.stderr.write('usage: reconnects.mjs [MACHINES], at least 40\n');
  process.exit(2);
}
const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
const test = ['test/life-cycle/keep-alive.test.ts', '-t', 'holds nothing'];
const args = [vitest, 'run', '--config', 'vitest.long.config.ts', ...test, '--reporter=verbose'];
const { status } = spawnSync(process.execPath, args, {
  cwd: join(import.meta.dirname, '../..'),
  env: { ...process.env, VFS_RECONNECTS: String(Math.ceil(machines / 2)) },
  stdio: 'inherit',
});
process.exit(status ?? 1);
