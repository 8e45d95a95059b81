import type { Options } from 'tsup';

/** What every package's build has in common: ESM and CJS with their own declarations, flat in dist/. */
export const base: Options = {
  entry: ['src/index.ts'],
  format: ['esm', 'cjs'],
  target: 'node20',
  platform: 'node',
  dts: true,
  shims: true,
  clean: true,
  splitting: false,
};
