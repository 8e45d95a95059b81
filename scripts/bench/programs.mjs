// @ts-check
import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheDir, root } from '../lib/root.mjs';
import { which } from '../lib/run.mjs';

const SOURCES = join(root, 'packages/virtiofsd/bench/guest');
const GUEST = ['request.c', 'ring.c', 'vhost.c', 'process.c', 'util.c'];
/** @type {Readonly<Record<string, readonly string[]>>} */
const PROGRAMS = {
  load: ['load.c', 'workload.c', ...GUEST],
  scale: ['scale.c', ...GUEST],
  floor: ['floor.c'],
  tree: ['tree.c'],
};
// The rings are memory of more than one type.
const FLAGS = ['-std=gnu17', '-D_GNU_SOURCE', '-O2', '-fno-strict-aliasing'];

/**
 * Compiles the programs that play the guest, and says where they are.
 * @returns {Promise<Record<'load' | 'scale' | 'floor' | 'tree', string>>}
 */
export async function buildPrograms() {
  const compiler = process.env['CC'] ?? 'cc';
  if (which(compiler) === null) throw new Error(`the benchmarks need a C compiler: ${compiler} is not there`);
  const folder = join(cacheDir, 'bench');
  mkdirSync(folder, { recursive: true });
  const paths = await Promise.all(
    Object.entries(PROGRAMS).map(async ([name, sources]) => {
      const path = join(folder, name);
      await promisify(execFile)(compiler, [
        ...FLAGS,
        '-o',
        path,
        ...sources.map((file) => join(SOURCES, file)),
      ]);
      return [name, path];
    }),
  );
  return Object.fromEntries(paths);
}
