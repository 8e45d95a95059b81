import { defineConfig } from 'vitest/config';
import { base } from '../../vitest.base.js';

/**
 * Tests that take long and depend on the kernel more than on the version of Node: they are run once. They mount the share on this machine,
 * use real programs on it, run the daemons of others, or go on and on.
 */
export const LONG_TESTS = [
  'test/adversary.test.ts',
  'test/bench.test.ts',
  'test/descriptor-cache.test.ts',
  'test/documents/**/*.test.ts',
  'test/faults/**/*.test.ts',
  'test/floods/rings.test.ts',
  'test/fuse-device/**/*.test.ts',
  'test/fuzz/short.test.ts',
  'test/life-cycle/hung-file-system.test.ts',
  'test/life-cycle/keep-alive.test.ts',
  'test/many-nodes.test.ts',
  'test/observe/top.test.ts',
  'test/observe/trace-daemon.test.ts',
  'test/passthrough-directories.test.ts',
  'test/peer/**/*.test.ts',
  'test/posix/**/*.test.ts',
  'test/reliability/**/*.test.ts',
  'test/soak/**/*.test.ts',
  'test/steady-state.test.ts',
  'test/thread-pool/**/*.test.ts',
  'test/workloads/**/*.test.ts',
];

export default defineConfig({
  test: {
    ...base.test,
    include: LONG_TESTS,
    exclude: ['**/node_modules/**'],
    globalSetup: 'test/posix/global-setup.ts',
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // Mostly they wait: for each other's mounts and clocks to go on.
    maxWorkers: 6,
    outputFile: { json: 'test-results/long.json' },
  },
});
