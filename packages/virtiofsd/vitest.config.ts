import { defineConfig } from 'vitest/config';
import { base } from '../../vitest.base.js';
import { LONG_TESTS } from './vitest.long.config.js';

export default defineConfig({
  test: { ...base.test, exclude: [...(base.test?.exclude ?? []), ...LONG_TESTS] },
});
