import { defineConfig } from 'vitest/config';
import { base } from './vitest.base.js';

/** The tests of scripts/; each package has a configuration of its own. */
export default defineConfig({ ...base, test: { ...base.test, include: ['scripts/test/*.test.mjs'] } });
