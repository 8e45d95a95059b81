import type { ViteUserConfig } from 'vitest/config';

/** Where the results go, when a run is one of several of the same package at the same time. */
const results = process.env['VFS_TEST_RESULTS'];

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
    outputFile: { json: results ?? 'test-results/results.json' },
    // What vitest keeps of a run to order the next one is not for several that write it.
    ...(results !== undefined && { cache: false }),
  },
};
