// @ts-check
/**
 * Runs every test there is, after setting up what they need:
 *
 *     npm test
 *
 * The last line is `N passed, N failed`. A step that runs no tests (the build, the linter) counts as one failure when it
 * fails.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { ensureGuestTools } from './lib/guest-tools.mjs';
import { headline, named, say } from './lib/log.mjs';
import { main } from './lib/main.mjs';
import { bringPeers, peersEnvironment } from './lib/peers.mjs';
import { countReport, firstLine, summary } from './lib/results.mjs';
import { root } from './lib/root.mjs';
import { run } from './lib/run.mjs';
import { ensureTestTools } from './lib/test-tools.mjs';
import {
  checkNode,
  ensureNativeToolchain,
  installWorkspace,
  npxPath,
  toolEnvironment,
  turbo,
} from './lib/toolchain.mjs';
import { packages } from './lib/workspace.mjs';

/** The versions of Node that quick tests are run on besides the one that runs this. */
const OTHER_NODES = [22, 24];

/**
 * What of a package depends on the version of Node, where that is not everything: here, all that starts and confines processes of Node,
 * and a request of each kind. What a file system decides does not.
 * @type {Readonly<Record<string, readonly string[]>>}
 */
const ON_OTHER_NODES = {
  '@vfs/virtiofsd': [
    'test/isolation/',
    'test/life-cycle/',
    'test/migration/',
    'test/check/',
    'test/cli',
    'test/daemon',
    'test/programs/',
    'test/readme',
    'test/passthrough-data',
    'test/passthrough-model',
  ],
};

/** @type {import('./lib/results.mjs').Result[]} */
const results = [];

/**
 * Runs a step. One that throws counts as a failure.
 * @param {string} name
 * @param {() => Promise<void>} work
 * @returns {Promise<boolean>} whether it succeeded
 */
async function step(name, work) {
  headline(name);
  const started = Date.now();
  const problem = await attempt(work);
  const seconds = (Date.now() - started) / 1000;
  results.push({
    name,
    passed: 0,
    failed: problem === null ? 0 : 1,
    skipped: 0,
    seconds,
    ...(problem === null ? {} : { note: firstLine(problem) }),
  });
  return problem === null;
}

/**
 * Runs suites of vitest, whose reports are counted. A run that ends badly although no test failed is a failure of its own.
 * @param {string} title
 * @param {readonly { name: string, report: string }[]} suites
 * @param {() => Promise<void>} work
 */
async function suite(title, suites, work) {
  headline(title);
  for (const { report } of suites) rmSync(report, { force: true });
  const problem = await attempt(work);
  const counted = suites.map(({ name, report }) => countReport(name, report));
  results.push(...counted);
  if (problem !== null && counted.every(({ failed }) => failed === 0)) {
    results.push({ name: title, passed: 0, failed: 1, skipped: 0, seconds: 0, note: firstLine(problem) });
  }
}

/**
 * @param {() => Promise<void>} work
 * @returns {Promise<string | null>} what went wrong
 */
async function attempt(work) {
  try {
    await work();
    return null;
  } catch (error) {
    const message = error instanceof Error ? error.message : `${error}`;
    say(`FAILED: ${message}`);
    return message;
  }
}

async function everything() {
  checkNode();
  if (!(await step('C++ toolchain', ensureNativeToolchain))) return;
  await step('test tools', ensureTestTools);
  const canBoot = await step('guest tools', async () => void (await ensureGuestTools()));
  /** @type {NodeJS.ProcessEnv} */
  let env = {};
  const installed = await step('npm packages', async () => {
    env = await toolEnvironment();
    await installWorkspace(env);
  });
  if (!installed) return;
  headline('daemons of others to compare with');
  env = { ...env, ...peersEnvironment(await bringPeers()) };
  if (!(await step('build', () => turbo(['build'], env)))) return;
  const all = packages();
  // Two things at a time: most of these tests have one processor busy, or wait.
  await Promise.all([
    named('20', () => quickTests(all, env)),
    named('..', async () => {
      await checks(env);
      for (const version of OTHER_NODES) await testsOnNode(version, all, env);
      await testsWithSanitizers(env);
    }),
  ]);
  await named('long', () => longTests(all, env));
  // By themselves: an emulated guest takes all processors that it can get, and so do the long tests.
  if (canBoot) await named('guest', () => testsInGuest(all, env));
}

/** @param {NodeJS.ProcessEnv} env */
async function checks(env) {
  // Biome takes a turbo that listens for a terminal.
  const colors = process.stdout.isTTY ? 'force' : 'off';
  await step('lint', () => turbo(['lint'], env, { taskArgs: [`--colors=${colors}`] }));
  await step('typecheck', () => turbo(['typecheck', 'typecheck:scripts', '--continue'], env));
  await step('API reference', () => turbo(['docs:api:check'], env));
}

/**
 * @param {import('./lib/workspace.mjs').Package[]} all
 * @param {NodeJS.ProcessEnv} env
 */
async function quickTests(all, env) {
  // With a value of its own, no result of an earlier run is taken from turbo's cache.
  const fresh = { ...env, VFS_TEST_RUN: randomUUID() };
  await suite(
    'tests of the scripts',
    [{ name: 'scripts', report: join(root, 'test-results/results.json') }],
    () => turbo(['test:scripts'], fresh),
  );
  await suite(
    `tests of the packages, Node ${process.versions.node}`,
    all.map(({ name, folder }) => ({ name, report: join(folder, 'test-results/results.json') })),
    () => turbo(['test', '--continue', '--concurrency=2'], fresh, { timeout: 1800 }),
  );
}

/**
 * @param {import('./lib/workspace.mjs').Package[]} all
 * @param {NodeJS.ProcessEnv} env
 */
async function longTests(all, env) {
  const long = all.filter(({ folder }) => existsSync(join(folder, 'vitest.long.config.ts')));
  await suite(
    'long tests',
    [
      ...long.map(({ name, folder }) => ({
        name: `${name}, long`,
        report: join(folder, 'test-results/long.json'),
      })),
      { name: 'packages as they are published', report: join(root, 'test-results/packed.json') },
    ],
    () => turbo(['test:long', 'test:packed', '--continue', '--concurrency=2'], env, { timeout: 1800 }),
  );
}

/**
 * @param {import('./lib/workspace.mjs').Package[]} all
 * @param {NodeJS.ProcessEnv} env
 */
async function testsInGuest(all, env) {
  const booting = all.filter(({ folder }) => existsSync(join(folder, 'vitest.guest.config.ts')));
  await suite(
    'tests in a guest',
    booting.map(({ name, folder }) => ({
      name: `${name} in a guest`,
      report: join(folder, 'test-results/guest.json'),
    })),
    () => turbo(['test:guest', '--continue', '--concurrency=1'], env, { timeout: 1800 }),
  );
}

/**
 * Runs the quick tests of the packages that depend on the version of Node on another one, with the addon as it was built.
 * @param {number} version
 * @param {import('./lib/workspace.mjs').Package[]} all
 * @param {NodeJS.ProcessEnv} env
 */
async function testsOnNode(version, all, env) {
  let node = '';
  const brought = await step(`Node ${version}`, async () => {
    node = await npxPath(`node@${version}`, 'node', env);
    await run(node, ['--version'], { title: node });
  });
  if (!brought) return;
  for (const { name, folder } of all) {
    const report = join(folder, `test-results/node${version}.json`);
    await suite(`tests of ${name}, Node ${version}`, [{ name: `${name} on Node ${version}`, report }], () =>
      run(node, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...(ON_OTHER_NODES[name] ?? [])], {
        cwd: folder,
        // What the tests start is started with this Node, too.
        env: { ...env, PATH: [dirname(node), env['PATH']].join(delimiter), VFS_TEST_RESULTS: report },
        title: `vitest of ${name} on Node ${version}`,
      }),
    );
  }
}

/**
 * Runs the tests of @vfs/sys against an addon that AddressSanitizer and UndefinedBehaviorSanitizer watch.
 * @param {NodeJS.ProcessEnv} env
 */
async function testsWithSanitizers(env) {
  const folder = join(root, 'packages/sys');
  const report = join(folder, 'test-results/sanitize.json');
  await suite('tests of @vfs/sys with sanitizers', [{ name: '@vfs/sys with sanitizers', report }], () =>
    run(join(folder, 'scripts/sanitize.sh'), [], {
      cwd: folder,
      env: { ...env, VFS_TEST_RESULTS: report },
      timeout: 900,
      title: 'scripts/sanitize.sh',
    }),
  );
}

main(async () => {
  await everything();
  say('');
  for (const line of summary(results)) process.stdout.write(`${line}\n`);
  return results.some(({ failed }) => failed > 0) ? 1 : 0;
});
