// @ts-check
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import * as zlib from 'node:zlib';
import { MissingError } from './system-packages.mjs';

/**
 * A kernel module, ready to be inserted.
 * @typedef {{ name: string, data: Buffer }} KernelModule
 */

/**
 * Finds the modules that a kernel needs for something, in the order in which to insert them. What is built into the kernel
 * is left out. A kernel package that was only unpacked has no modules.dep yet, so what a module needs is read from the
 * module itself.
 * @param {string} folder its /lib/modules/RELEASE
 * @param {readonly string[]} names as `modprobe` knows them
 * @returns {KernelModule[]}
 */
export function loadModules(folder, names) {
  const builtIn = new Set(builtInModules(folder));
  const files = moduleFiles(folder);
  /** @type {Map<string, KernelModule>} */
  const result = new Map();
  /** @param {string} name */
  const add = (name) => {
    if (result.has(name) || builtIn.has(name)) return;
    const file = files.get(name);
    if (file === undefined) throw new MissingError(`the kernel of ${folder} has no module ${name}`);
    const data = unpack(file);
    for (const need of needsOf(data)) add(need);
    result.set(name, { name, data });
  };
  for (const name of names) add(moduleName(name));
  return [...result.values()];
}

/**
 * `kernel/fs/fuse/virtiofs.ko.xz` is known as `virtiofs`, and `-` in a file name counts as `_`.
 * @param {string} path
 */
function moduleName(path) {
  return basename(path)
    .replace(/\.ko(\.\w+)?$/, '')
    .replaceAll('-', '_');
}

/** @param {string} folder */
function builtInModules(folder) {
  const list = join(folder, 'modules.builtin');
  return existsSync(list) ? readFileSync(list, 'utf8').split('\n').filter(Boolean).map(moduleName) : [];
}

/**
 * @param {string} folder
 * @returns {Map<string, string>} paths by the names of the modules
 */
function moduleFiles(folder) {
  if (!existsSync(folder)) throw new MissingError(`${folder} is missing`);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return new Map(
    files.filter((file) => /\.ko(\.\w+)?$/.test(file)).map((file) => [moduleName(file), join(folder, file)]),
  );
}

/**
 * The modules that must be there before this one: `depends=a,b` among the NUL-terminated strings of its .modinfo section.
 * @param {Buffer} data
 * @returns {string[]}
 */
function needsOf(data) {
  const key = Buffer.from('\0depends=');
  const start = data.indexOf(key);
  if (start < 0) return [];
  const end = data.indexOf(0, start + key.length);
  return data
    .toString('latin1', start + key.length, end)
    .split(',')
    .filter(Boolean)
    .map(moduleName);
}

/**
 * Reads a module file, unpacked: the small guest has no way to do that.
 * @param {string} path
 * @returns {Buffer}
 */
function unpack(path) {
  const data = readFileSync(path);
  if (path.endsWith('.gz')) return zlib.gunzipSync(data);
  if (path.endsWith('.xz')) return filter(['xz -dc', 'busybox xzcat'], data, path);
  if (path.endsWith('.zst'))
    return 'zstdDecompressSync' in zlib ? zstd(data) : filter(['zstd -dc'], data, path);
  return data;
}

/**
 * @param {Buffer} data
 * @returns {Buffer}
 */
function zstd(data) {
  // Node has it since 22.15; the type declarations are those of Node 20.
  const { zstdDecompressSync } = /** @type {{ zstdDecompressSync(data: Buffer): Buffer }} */ (
    /** @type {unknown} */ (zlib)
  );
  return zstdDecompressSync(data);
}

/**
 * @param {readonly string[]} commands the first that can do it does it
 * @param {Buffer} data
 * @param {string} path
 * @returns {Buffer}
 */
function filter(commands, data, path) {
  for (const line of commands) {
    const [command = '', ...args] = line.split(' ');
    const { status, stdout } = spawnSync(command, args, { input: data, maxBuffer: 1 << 28 });
    if (status === 0) return stdout;
  }
  throw new MissingError(`${path} could not be unpacked: please install ${commands[0]?.split(' ')[0]}`);
}
