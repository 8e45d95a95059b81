// @ts-check
import { execFile, execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { packages } from '../../lib/workspace.mjs';

const execute = promisify(execFile);

/**
 * A package as it is published.
 * @typedef {object} Packed
 * @property {string} name
 * @property {string} source its folder in the workspace
 * @property {string} tarball
 * @property {readonly string[]} files paths in the tarball, sorted, without the leading `package/`
 * @property {PackageJson} manifest as it is in the tarball
 */

/**
 * The parts of a package.json that are looked at.
 * @typedef {object} PackageJson
 * @property {string} name
 * @property {string} version
 * @property {Record<string, string>} [dependencies]
 * @property {Record<string, string>} [scripts]
 * @property {readonly string[]} [os]
 * @property {readonly string[]} [keywords]
 */

/**
 * Packs every package of the workspace with pnpm, as it would be for the registry.
 * @param {string} folder where the tarballs are put
 * @returns {Promise<Packed[]>} by name
 */
export function packAll(folder) {
  return Promise.all(
    packages().map(async ({ name, folder: source }) => {
      const { stdout } = await execute('pnpm', ['pack', '--json', '--pack-destination', folder], {
        cwd: source,
      });
      return describe(name, source, join(folder, basename(JSON.parse(stdout).filename)));
    }),
  );
}

/**
 * @param {string} name
 * @param {string} source
 * @param {string} tarball
 * @returns {Packed}
 */
function describe(name, source, tarball) {
  const list = execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' }).trim().split('\n');
  const manifest = execFileSync('tar', ['-xzOf', tarball, 'package/package.json'], { encoding: 'utf8' });
  const files = list.map((path) => path.replace(/^package\//, '')).sort();
  return { name, source, tarball, files, manifest: JSON.parse(manifest) };
}

/**
 * The package of the addon with a binary for this platform, as the release makes it: here the one that the workspace has built.
 * @param {Packed} sys
 * @param {string} folder
 * @returns {string} its tarball
 */
export function withPrebuild(sys, folder) {
  const place = join(folder, 'with-prebuild');
  mkdirSync(place);
  execFileSync('tar', ['-xzf', sys.tarball, '-C', place]);
  const prebuilds = join(place, `package/prebuilds/linux-${process.arch}`);
  mkdirSync(prebuilds, { recursive: true });
  const libc = 'glibcVersionRuntime' in header() ? 'glibc' : 'musl';
  copyFileSync(join(sys.source, 'build/Release/sys.node'), join(prebuilds, `@vfs+sys.${libc}.node`));
  const tarball = join(folder, 'with-prebuild.tgz');
  execFileSync('tar', ['-czf', tarball, '-C', place, 'package']);
  return tarball;
}

/** @returns {object} */
function header() {
  const report = /** @type {{ header: object }} */ (process.report.getReport());
  return report.header;
}

/**
 * The README of a package, in parts.
 * @param {Packed} packed
 */
export function readme({ source }) {
  const text = readFileSync(join(source, 'README.md'), 'utf8');
  /** @param {string} language */
  const blocks = (language) =>
    [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, block = '']) => block);
  // The program that prints something, and what it prints.
  const shown = /^```js\n((?:(?!^```).)*)^```\n\nprints\n\n```text\n(.*?)^```/ms.exec(text);
  if (shown === null) throw new Error(`the README of ${source} has no program with its output`);
  const [, program = '', output = ''] = shown;
  return {
    program,
    output,
    others: blocks('js').filter((block) => block !== program),
    typeScript: blocks('ts'),
  };
}

/**
 * A program as CommonJS: its imports as calls of require, the rest in a function that may wait.
 * @param {string} program
 */
export function asCommonJs(program) {
  const { imports, rest } = split(program);
  const requires = imports.map((line) => line.replace(/^import (.*) from (.*);$/, 'const $1 = require($2);'));
  return `${requires.join('\n')}\n(async () => {\n${rest}\n})();\n`;
}

/**
 * The same for a TypeScript file that is compiled to CommonJS.
 * @param {string} program
 */
export function asCommonJsTypeScript(program) {
  const { imports, rest } = split(program);
  return `${imports.join('\n')}\nexport async function main() {\n${rest}\n}\n`;
}

/** @param {string} program */
function split(program) {
  const imports = [...program.matchAll(/^import [^;]*;$/gm)].map(([line]) => line.replace(/\n\s*/g, ' '));
  return { imports, rest: program.replace(/^import [^;]*;$/gm, '') };
}
