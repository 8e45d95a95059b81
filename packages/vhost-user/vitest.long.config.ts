import { defineConfig } from 'vitest/config';
import { base } from '../../vitest.base.js';

/** Tests that take long and do not depend on the version of Node: they are run once. */
export const LONG_TESTS = ['test/crash.test.ts', 'test/parallel.test.ts', 'test/queue_model.test.ts'];

export default defineConfig({
  test: {
    ...base.test,
    include: LONG_TESTS,
    exclude: ['**/node_modules/**'],
    outputFile: { json: 'test-results/long.json' },
  },
});
