// @ts-check
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { headline, say } from './log.mjs';
import { root } from './root.mjs';
import { output, run, which } from './run.mjs';
import { bring } from './system-packages.mjs';

/** What node-gyp calls on Linux, and the Debian packages that bring it. */
const NATIVE_TOOLS = /** @type {const} */ ([
  ['g++', 'g++'],
  ['make', 'make'],
  ['python3', 'python3'],
]);

/**
 * What is missing of the C++ toolchain that the addon of @vfs/sys is built with.
 * @returns {import('./system-packages.mjs').Need}
 */
export function nativeToolchain() {
  return {
    packages: NATIVE_TOOLS.filter(([command]) => which(command) === null).map(([, name]) => name),
    reason: 'to build the addon of @vfs/sys',
  };
}

/** Brings that toolchain. */
export async function ensureNativeToolchain() {
  await bring(nativeToolchain());
}

/**
 * The environment for everything that is started here: a pnpm of the version that package.json names on PATH, the headers
 * that came with this Node where there are any (else node-gyp downloads them), and no telemetry.
 * @returns {Promise<NodeJS.ProcessEnv>}
 */
export async function toolEnvironment() {
  /** @type {NodeJS.ProcessEnv} */
  const env = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', npm_config_update_notifier: 'false' };
  // What is started here writes to a pipe, and cannot tell where that ends.
  if (process.stdout.isTTY) env['FORCE_COLOR'] ??= '1';
  else env['NO_COLOR'] ??= '1';
  const prefix = dirname(dirname(realpathSync(process.execPath)));
  if (existsSync(join(prefix, 'include/node/node_api.h'))) env['npm_config_nodedir'] = prefix;
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const pnpm = await npxPath(packageManager, 'pnpm', env);
  env['PATH'] = [dirname(pnpm), dirname(process.execPath), env['PATH']].join(delimiter);
  return env;
}

/**
 * Brings an npm package through npx, where it is not in npx's cache already.
 * @param {string} spec
 * @param {string} command
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<string>} the full path of a command in it
 */
export async function npxPath(spec, command, env) {
  // npm itself knows no nodedir, and warns of it.
  const { npm_config_nodedir: _, ...others } = env;
  const options = { env: { ...others, npm_config_prefer_offline: 'true' }, cwd: root };
  await run('npx', ['-y', '-p', spec, '-c', 'true'], { ...options, title: `npx (bringing ${spec})` });
  const path = output('npx', ['-y', '-p', spec, '-c', `command -v ${command}`], options)?.trim();
  if (!path) throw new Error(`${spec} brought no command ${command}`);
  return path;
}

/**
 * Installs the npm packages of the workspace, exactly those of the lock file.
 * @param {NodeJS.ProcessEnv} env
 */
export async function installWorkspace(env) {
  headline('npm packages (pnpm install)');
  await run(
    'pnpm',
    [
      'install',
      '--frozen-lockfile',
      // Else pnpm would build the addon, and turbo once more; no dependency needs its own.
      '--ignore-scripts',
      // No prompt, whatever stands in node_modules: there is nobody to answer it.
      '--config.confirm-modules-purge=false',
    ],
    { cwd: root, env, title: 'pnpm install' },
  );
}

/**
 * Runs turbo tasks.
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @param {{ timeout?: number, taskArgs?: readonly string[] }} [options] seconds; what the tasks' own commands are given
 */
export async function turbo(args, env, { timeout = 900, taskArgs = [] } = {}) {
  const toTasks = taskArgs.length > 0 ? ['--', ...taskArgs] : [];
  await run('pnpm', ['exec', 'turbo', 'run', ...args, '--ui=stream', '--log-order=stream', ...toTasks], {
    cwd: root,
    env,
    timeout,
    title: `turbo run ${args.join(' ')}`,
  });
}

/** Refuses a Node that is too old, in words. */
export function checkNode() {
  const [major = 0] = process.versions.node.split('.').map(Number);
  if (process.platform !== 'linux') throw new Error(`this needs Linux (here: ${process.platform})`);
  if (major < 20) throw new Error(`this needs Node 20 or newer (here: ${process.versions.node})`);
  say(`Node ${process.versions.node}, ${process.arch}`);
}
