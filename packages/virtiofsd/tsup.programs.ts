import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import type { Options } from 'tsup';
import { base } from '../../tsup.base.js';

/** What a start does not need, and so is loaded by those who do: a file each. */
const LATER = {
  mount: 'src/run-mount.ts',
  publication: 'src/observe/publication.ts',
  top: 'src/top/run-top.ts',
  replay: 'src/replay/run-replay.ts',
};
/** `src/module/import-module.ts`, whose `import` must stay one. */
const IMPORT_MODULE = 'exports.importModule = (url) => import(url);\n';

/** What a start does need: loaded by `load`, from what `compile` has made of it. */
const STARTED = { cli: 'src/cli.ts', worker: 'src/worker.ts' };

/**
 * The build of the programs: nothing to import, and started often. A file that Node has to find and read delays a start, and so does
 * each module of Node's own that is not in its snapshot. So they contain all that they use, but for the addon, and are CommonJS: Node sets
 * its loader of ES modules up only for those who have some.
 */
export const programs: Options = {
  ...base,
  entry: { ...STARTED, load: 'src/programs/load.ts', compile: 'src/programs/compile.ts', ...LATER },
  format: ['cjs'],
  dts: false,
  clean: false,
  noExternal: [/.*/],
  removeNodeProtocol: false,
  esbuildPlugins: [
    { name: 'addon', setup: ({ onLoad }) => onLoad({ filter: /\/sys\/dist\/index\.js$/ }, findAddon) },
    {
      name: 'late-child-process',
      setup: ({ onResolve, onLoad }) => {
        onResolve({ filter: /^(node:)?child_process$/ }, ({ namespace }) =>
          namespace === 'late' ? { external: true } : { path: 'child_process', namespace: 'late' },
        );
        onLoad({ filter: /.*/, namespace: 'late' }, () => ({ contents: LATE_CHILD_PROCESS }));
      },
    },
    {
      name: 'apart',
      setup: ({ onResolve }) => {
        onResolve({ filter: /\/import-module\.js$/ }, () => ({
          path: './import-module.cjs',
          external: true,
        }));
        for (const [name, source] of Object.entries(LATER)) {
          const module = new RegExp(`/${basename(source, '.ts')}\\.js$`);
          onResolve({ filter: module }, () => ({ path: `./${name}.cjs`, external: true }));
        }
      },
    },
  ],
  esbuildOptions: (options) => {
    options.external = ['@vfs/sys/package.json'];
    // Less to parse; names stay as they are, for stacks.
    options.minifyWhitespace = true;
    options.minifySyntax = true;
    // What is compiled beforehand cannot import.
    options.supported = { ...options.supported, 'dynamic-import': false };
  },
  onSuccess: async () => {
    writeFileSync('dist/third-party-licenses.txt', licenses());
    writeFileSync('dist/import-module.cjs', IMPORT_MODULE);
    nameBundles();
    execFileSync(process.execPath, ['dist/compile.cjs'], { stdio: 'inherit' });
  },
};

/** Commander has it for commands that are programs of their own; here it is for help from other programs, which is seldom needed. */
const LATE_CHILD_PROCESS = ['spawn', 'spawnSync']
  .map((name) => `exports.${name} = (...args) => require('node:child_process').${name}(...args);`)
  .join('\n');

/** Tells `load` which bundles it is made for. */
function nameBundles() {
  const bundles = Object.fromEntries(
    Object.keys(STARTED).map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(`dist/${name}.cjs`))
        .digest('hex'),
    ]),
  );
  const code = readFileSync('dist/load.cjs', 'utf8');
  writeFileSync('dist/load.cjs', `"use strict";const BUNDLES=${JSON.stringify(bundles)};${code}`);
}

/** In a bundle the addon is not beside what loads it. */
function findAddon({ path }: { path: string }) {
  const beside = 'fileURLToPath(new URL("..", import.meta.url))';
  const [before, after, more] = readFileSync(path, 'utf8').split(beside);
  if (before === undefined || after === undefined || more !== undefined)
    throw new Error(`${path} does not say once where the addon is: ${beside}`);
  const found = 'require("node:path").dirname(require.resolve("@vfs/sys/package.json"))';
  return { contents: `${before}${found}${after}`, loader: 'js' as const };
}

/** The licenses of what the programs contain of others. */
function licenses(): string {
  const here = createRequire(import.meta.url);
  const sys = createRequire(here.resolve('@vfs/sys/package.json'));
  return [here.resolve('commander'), sys.resolve('node-gyp-build')]
    .map((main) => `${basename(dirname(main))}\n\n${readFileSync(join(dirname(main), 'LICENSE'), 'utf8')}`)
    .join('\n----\n\n');
}
