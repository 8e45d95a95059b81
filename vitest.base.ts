import type { ViteUserConfig } from 'vitest/config';

/** Tests print as people read them; the JSON beside it is what scripts/test.mjs counts. */
export const base: ViteUserConfig = {
  test: {
    include: ['test/**/*.test.ts'],
    // These boot a guest, and have a configuration of their own (vitest.guest.config.ts).
    exclude: ['**/node_modules/**', 'test/guest/**'],
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ['default', 'json'],
    outputFile: { json: process.env['VFS_TEST_RESULTS'] ?? 'test-results/results.json' },
  },
};
