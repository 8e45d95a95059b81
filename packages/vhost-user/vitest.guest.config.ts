import { defineConfig } from 'vitest/config';
import { base } from '../../vitest.base.js';

/** The tests that boot a real guest: slow, and so apart from the others. */
export default defineConfig({
  test: {
    ...base.test,
    include: ['test/guest/**/*.test.ts'],
    exclude: ['**/node_modules/**'],
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 600_000,
    reporters: ['verbose', 'json'],
    outputFile: { json: 'test-results/guest.json' },
    // As in vitest.base.ts: other runs of the same package may be under way.
    cache: false,
  },
});
