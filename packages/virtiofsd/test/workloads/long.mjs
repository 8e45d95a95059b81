// @ts-check
/**
 * Runs the workloads for longer than the tests do:
 *
 *     node packages/virtiofsd/test/workloads/long.mjs MINUTES [part of a test's name]
 *
 * Each workload is repeated for so many minutes. The packages must have been built.
 */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const [minutes, name] = process.argv.slice(2);
if (!(Number(minutes) > 0)) {
  process.stderr.write('usage: long.mjs MINUTES [part of a name]\n');
  process.exit(2);
}
const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
const args = [vitest, 'run', '--config', 'vitest.long.config.ts', 'test/workloads', '--reporter=verbose'];
const { status } = spawnSync(process.execPath, [...args, ...(name === undefined ? [] : ['-t', name])], {
  cwd: join(import.meta.dirname, '../..'),
  env: { ...process.env, VFS_WORKLOAD_MINUTES: minutes },
  stdio: 'inherit',
});
process.exit(status ?? 1);
