import type { ViteUserConfig } from 'vitest/config';

/** Tests print as people read them; the JSON beside it is what scripts/test.mjs counts. */
export const base: ViteUserConfig = {
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ['default', 'json'],
    outputFile: { json: process.env['VFS_TEST_RESULTS'] ?? 'test-results/results.json' },
  },
};
