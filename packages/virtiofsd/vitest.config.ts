import { defineConfig } from 'vitest/config';
import { base } from '../../vitest.base.js';
import { HOST_TESTS } from './vitest.host.config.js';

export default defineConfig({
  test: { ...base.test, exclude: [...(base.test?.exclude ?? []), ...HOST_TESTS] },
});
