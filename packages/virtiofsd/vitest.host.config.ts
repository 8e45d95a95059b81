import { defineConfig } from 'vitest/config';
import { base } from '../../vitest.base.js';

/** The tests that mount the share on this machine, use real programs on it or run the daemons of others: long, and so run once. */
export const HOST_TESTS = [
  'test/fuse-device/**/*.test.ts',
  'test/peer/**/*.test.ts',
  'test/posix/**/*.test.ts',
  'test/workloads/**/*.test.ts',
];

export default defineConfig({
  test: {
    ...base.test,
    include: HOST_TESTS,
    exclude: ['**/node_modules/**'],
    testTimeout: 300_000,
    outputFile: { json: 'test-results/host.json' },
  },
});
