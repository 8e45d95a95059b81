import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { NODE_OPTIONS } from '../isolation/worker-program.js';

/** Compiles the programs for later starts, each with the options of Node that it is started with: see `load.ts`. */
const load = join(__dirname, 'load.cjs');
for (const [program, options] of [
  ['cli', []],
  ['worker', NODE_OPTIONS],
] as const) {
  const { status } = spawnSync(process.execPath, [...options, load, '--compile', program], {
    stdio: 'inherit',
  });
  if (status !== 0) process.exitCode = 1;
}
