// @ts-check
/** Each package as strangers get it: from its tarball, by npm, into an empty project. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../lib/cleanup.mjs';
import { asCommonJs, asCommonJsTypeScript, packAll, readme, withPrebuild } from './packages.mjs';
import { typeErrors } from './types.mjs';

const execute = promisify(execFile);
const { path: top, remove } = temporaryFolder();

/** What each package takes of the others. @type {Readonly<Record<string, readonly string[]>>} */
const NEEDS = {
  '@vfs/fuse-proto': [],
  '@vfs/sys': [],
  '@vfs/vhost-user': ['@vfs/sys'],
  '@vfs/virtiofsd': ['@vfs/fuse-proto', '@vfs/sys', '@vfs/vhost-user'],
};
const NAMES = Object.keys(NEEDS);

/** @type {Map<string, import('./packages.mjs').Packed>} */
const packed = new Map();
let prebuilt = '';

/** @param {string} name */
function packageNamed(name) {
  const found = packed.get(name);
  if (!found) throw new Error(`${name} was not packed`);
  return found;
}

/** @param {string} name */
const projectOf = (name) => join(top, name.replace('@vfs/', 'project-'));

/** Installs a package, and those of ours that it needs, into an empty project. @param {string} name */
async function install(name) {
  const folder = projectOf(name);
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
  const tarballs = [name, ...(NEEDS[name] ?? [])].map((each) =>
    each === '@vfs/sys' ? prebuilt : packageNamed(each).tarball,
  );
  await npm(folder, 'install', ...tarballs);
}

/**
 * npm as a user has it: without what this run has set for pnpm and the build.
 * @param {string} cwd
 * @param {readonly string[]} args
 */
async function npm(cwd, ...args) {
  const env = Object.fromEntries(Object.entries(process.env).filter(([key]) => !/^(npm_|pnpm_)/i.test(key)));
  await execute('npm', [...args, '--no-audit', '--no-fund', '--prefer-offline'], { cwd, env });
}

/** Where the headers of Node are that the workspace has been built with, or would be. */
function nodeHeaders() {
  const built = join(packageNamed('@vfs/sys').source, 'build/config.gypi');
  if (existsSync(built))
    return JSON.parse(readFileSync(built, 'utf8').replace(/^#.*\n/gm, '')).variables.nodedir;
  return process.env['npm_config_nodedir'] ?? dirname(dirname(process.execPath));
}

beforeAll(async () => {
  for (const each of await packAll(top)) packed.set(each.name, each);
  prebuilt = withPrebuild(packageNamed('@vfs/sys'), top);
  await Promise.all(NAMES.map(install));
});
afterAll(remove);

test('there are no other packages', () => {
  expect([...packed.keys()].sort()).toEqual(NAMES);
});

describe.each(NAMES)('%s', (name) => {
  test('has in its tarball what it needs, and nothing else', () => {
    const { files, manifest } = packageNamed(name);
    for (const file of ['README.md', 'LICENSE', 'LICENSE-APACHE', 'LICENSE-BSD-3-Clause', 'CHANGELOG.md']) {
      expect(files).toContain(file);
    }
    const folders =
      { '@vfs/sys': 'dist|native', '@vfs/virtiofsd': 'bin|dist|examples|share' }[name] ?? 'dist';
    const expected = new RegExp(
      `^((${folders})/.*|package\\.json|README\\.md|LICENSE.*|CHANGELOG\\.md${name === '@vfs/sys' ? '|binding\\.gyp' : ''})$`,
    );
    expect(files.filter((file) => !expected.test(file))).toEqual([]);
    expect(files.filter((file) => /\.map$|\.test\.|\.log$|(^|\/)(test|src|bench)\//.test(file))).toEqual([]);
    expect(files.filter((file) => /\.(m|c)?ts$/.test(file) && !/\.d\.c?ts$/.test(file))).toEqual([]);
    // What the workspace writes in its own way is written out.
    expect(JSON.stringify(manifest)).not.toMatch(/workspace:|catalog:/);
    // Nothing runs when it is installed, but that the daemon has its programs compiled; and what comes of that is not in the tarball.
    const { preinstall, install, postinstall } = manifest.scripts ?? {};
    expect([preinstall, install]).toEqual([undefined, undefined]);
    if (name === '@vfs/virtiofsd') expect(postinstall).toContain('dist/compile.cjs');
    else expect(postinstall).toBeUndefined();
    expect(files.filter((file) => file.startsWith('dist/compiled'))).toEqual([]);
  });

  test('says for whom it is', () => {
    const { manifest } = packageNamed(name);
    expect(manifest).toMatchObject({
      license: 'BSD-3-Clause AND Apache-2.0',
      engines: { node: '>=20' },
      sideEffects: false,
      publishConfig: { access: 'public', provenance: true },
      description: expect.stringMatching(/^.{40,120}$/),
    });
    expect(manifest.keywords?.length).toBeGreaterThan(3);
    expect(manifest.os).toEqual(name === '@vfs/fuse-proto' ? undefined : ['linux']);
    const ours = Object.keys(manifest.dependencies ?? {}).filter((each) => each.startsWith('@vfs/'));
    expect(ours.sort()).toEqual(NEEDS[name]);
  });

  test('passes publint', async () => {
    const data = readFileSync(packageNamed(name).tarball);
    const tarball = data.buffer.slice(data.byteOffset, data.byteOffset + data.length);
    const { messages, pkg } = await publint({ pack: { tarball }, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });

  test('has types that are right for every way to import it', async () => {
    const data = readFileSync(packageNamed(name).tarball);
    const analysis = await checkPackage(createPackageFromTarballData(new Uint8Array(data)));
    expect(analysis).toMatchObject({ types: { kind: 'included' }, problems: [] });
  });

  test('does what its README shows, by import and by require', async () => {
    const { program, output } = readme(packageNamed(name));
    const files = { 'program.mjs': program, 'program.cjs': asCommonJs(program) };
    const runs = Object.entries(files).map(async ([file, text], index) => {
      // Each where it makes its files without meeting the other.
      const folder = join(projectOf(name), `run-${index}`);
      mkdirSync(folder);
      writeFileSync(join(folder, file), text);
      const { stdout, stderr } = await execute(process.execPath, [file], { cwd: folder });
      return { stdout, stderr };
    });
    expect(await Promise.all(runs)).toEqual([
      { stdout: output, stderr: '' },
      { stdout: output, stderr: '' },
    ]);
  });

  test('is understood by TypeScript, declarations and all, with node16 and bundler', () => {
    const { program, typeScript } = readme(packageNamed(name));
    const blocks = Object.fromEntries(typeScript.map((block, index) => [`block-${index}.mts`, block]));
    const files = { 'program.mts': program, 'script.cts': asCommonJsTypeScript(program), ...blocks };
    expect(typeErrors(projectOf(name), files)).toEqual([]);
  });
});

test('@vfs/sys without a binary for this platform has all that is needed to build one, and says how', async () => {
  const folder = join(top, 'from-source');
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  await npm(folder, 'install', packageNamed('@vfs/sys').tarball);
  const own = join(folder, 'node_modules/@vfs/sys');
  expect(existsSync(join(own, 'build'))).toBe(false);
  const loading = execute(process.execPath, ['-e', "require('@vfs/sys')"], { cwd: folder });
  await expect(loading).rejects.toThrow(`"npx node-gyp rebuild" in ${own}`);
  // Compiling takes long, and is what the build of the workspace does; here every file that it reads has to be there.
  const { targets } = JSON.parse(readFileSync(join(own, 'binding.gyp'), 'utf8'));
  const api = join(folder, 'node_modules/node-addon-api');
  const args = [
    '-MM',
    '-std=c++17',
    '-DNAPI_VERSION=9',
    '-I',
    join(nodeHeaders(), 'include/node'),
    '-I',
    api,
  ];
  const { stdout } = await execute('g++', [...args, ...targets[0].sources], { cwd: own });
  expect(stdout.match(/^\w+\.o:/gm)).toHaveLength(targets[0].sources.length);
});

test('@vfs/virtiofsd has a command that starts, checks and serves a module', async () => {
  const folder = projectOf('@vfs/virtiofsd');
  const command = join(folder, 'node_modules/.bin/virtiofsd');
  const { version } = packageNamed('@vfs/virtiofsd').manifest;
  expect((await execute(command, ['--version'])).stdout).toBe(`virtiofsd ${version}\n`);
  const [module = ''] = readme(packageNamed('@vfs/virtiofsd')).others;
  writeFileSync(join(folder, 'hello.mjs'), module);
  const { stdout } = await execute(
    command,
    ['check', '--json', '--sandbox=none', '--module', './hello.mjs', '--socket-path', join(folder, 'socket')],
    { cwd: folder },
  );
  const { findings } = JSON.parse(stdout);
  expect(findings).toContainEqual(
    expect.objectContaining({
      topic: 'sandbox none',
      verdict: 'ok',
      text: expect.stringContaining('chosen'),
    }),
  );
});
