import { defineConfig } from 'tsup';
import { base } from '../../tsup.base.js';

export default defineConfig([
  base,
  // The command: a program of its own, nothing to import.
  { ...base, entry: ['src/cli.ts'], format: ['esm'], dts: false, clean: false },
]);
