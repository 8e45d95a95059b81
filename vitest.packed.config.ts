import { defineConfig } from 'vitest/config';
import { base } from './vitest.base.js';

/** The packages as they are published: packed, installed by npm, and used. Needs the build, pnpm on PATH and a registry. */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ['scripts/test/packed/**/*.test.mjs'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    outputFile: { json: 'test-results/packed.json' },
  },
});
