import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, cpSync, openSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { NODE_OPTIONS } from '../../src/isolation/worker-program.js';
import { temporaryDirectory } from '../support/fixture.js';

const PACKAGE = fileURLToPath(new URL('../..', import.meta.url));

/** Prints whether what had been compiled before was taken, and what the program `cli` has to say of its version. */
const REPORT = `
  const vm = require('node:vm');
  const { compileFunction } = vm;
  vm.compileFunction = (...args) => {
    const made = compileFunction(...args);
    process.stdout.write(args[2].cachedData ? (made.cachedDataRejected ? 'rejected ' : 'taken ') : '');
    return made;
  };
  require(process.argv[1]).load('cli').main(['--version']);`;

/** An installation of its own, without anything compiled unless the scripts of the package were run. */
function install(prepared: boolean) {
  const folder = temporaryDirectory();
  for (const name of ['bin', 'dist', 'package.json'])
    cpSync(join(PACKAGE, name), join(folder, name), { recursive: true });
  symlinkSync(join(PACKAGE, 'node_modules'), join(folder, 'node_modules'));
  const compiled = join(folder, 'dist/compiled');
  rmSync(compiled, { recursive: true, force: true });
  if (prepared) execFileSync(process.execPath, [join(folder, 'dist/compile.cjs')]);
  const load = join(folder, 'dist/load.cjs');
  return {
    folder,
    compiled,
    run: () => execFileSync(process.execPath, ['-e', REPORT, load], { encoding: 'utf8' }).trim(),
  };
}

describe('a program', () => {
  it('starts from what was compiled at its installation', () => {
    const { compiled, run } = install(true);
    expect(readdirSync(compiled).map((name) => name.split('-')[0])).toEqual(['cli', 'worker']);
    expect(run()).toMatch(/^taken virtiofsd /);
  });

  it('starts without it', () => {
    expect(install(false).run()).toMatch(/^virtiofsd /);
  });

  it('loads what only some commands need, also when it was started from what was compiled', () => {
    const { folder } = install(true);
    const top = spawnSync(process.execPath, [join(folder, 'bin/virtiofsd.js'), 'top', '--socket', '/none'], {
      encoding: 'utf8',
    });
    expect(top.stderr).toMatch(/^virtiofsd: no metrics at \/none \(ENOENT\)/);
  });

  it('starts when it is damaged', () => {
    const { compiled, run } = install(true);
    for (const name of readdirSync(compiled)) writeFileSync(join(compiled, name), 'nothing of the kind');
    expect(run()).toMatch(/^rejected virtiofsd /);
  });
});

describe('a worker', () => {
  it('starts from what was compiled with the options of Node that it has', () => {
    const { compiled } = install(true);
    const load = join(compiled, '../load.cjs');
    // It is loaded, and ends before it does anything; descriptor 5 is where its orders would be.
    const report = REPORT.replace(
      /require\(process.*/,
      "require(process.argv[1]).load('worker'); process.exit(0)",
    );
    const nothing = openSync('/dev/null', 'r');
    const out = execFileSync(process.execPath, [...NODE_OPTIONS, '-e', report, load], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit', nothing, nothing, nothing],
    });
    closeSync(nothing);
    expect(out.trim()).toBe('taken');
  });
});
