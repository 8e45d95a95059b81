import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { compileFunction } from 'node:vm';

/** The programs, bundles beside this file. */
export type Program = 'cli' | 'worker';

/** SHA-256 of each bundle, in hexadecimal: the build puts them in. What was compiled of another one is never run. */
declare const BUNDLES: Readonly<Record<Program, string>>;

/** A bundle as Node would wrap it. */
type Wrapped = (
  exports: unknown,
  require: NodeJS.Require,
  module: unknown,
  file: string,
  folder: string,
) => void;
const PARAMETERS = ['exports', 'require', 'module', '__filename', '__dirname'];

/**
 * Loads a program. Compiling it takes a good part of a start; where the installation has let {@link compile} do that before, with this very
 * version of Node and these options of it, what came of it is taken.
 *
 * @returns what the program exports
 */
export function load(program: Program): unknown {
  const cachedData = read(cacheOf(program));
  const { file, require } = bundleOf(program);
  if (cachedData === undefined) return require(file);
  const wrapped = compileFunction(readFileSync(file, 'utf8'), PARAMETERS, {
    filename: file,
    cachedData,
  }) as Wrapped;
  const module = { exports: {} };
  wrapped(module.exports, require, module, file, __dirname);
  return module.exports;
}

/** Compiles a program for later starts: of this version of Node, with the options that this process has. */
export function compile(program: Program): void {
  const { file } = bundleOf(program);
  const { cachedData } = compileFunction(readFileSync(file, 'utf8'), PARAMETERS, {
    filename: file,
    produceCachedData: true,
  }) as { cachedData?: Uint8Array };
  if (cachedData === undefined) return;
  const path = cacheOf(program);
  mkdirSync(join(path, '..'), { recursive: true });
  const unfinished = `${path}.${process.pid}`;
  writeFileSync(unfinished, cachedData);
  renameSync(unfinished, path);
}

function bundleOf(program: Program): { file: string; require: NodeJS.Require } {
  const file = join(__dirname, `${program}.cjs`);
  return { file, require: createRequire(file) };
}

function cacheOf(program: Program): string {
  const { version, arch } = process;
  return join(__dirname, 'compiled', `${program}-${BUNDLES[program].slice(0, 16)}-${version}-${arch}`);
}

function read(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

// A program of its own, too: `load.cjs worker` is a worker, `load.cjs --compile worker` prepares it.
if (require.main === module) {
  const [first, second] = process.argv.slice(2);
  if (first === '--compile') compile(second as Program);
  else load(first as Program);
}
