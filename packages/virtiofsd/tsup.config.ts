import { defineConfig } from 'tsup';
import { base } from '../../tsup.base.js';

export default defineConfig([
  base,
  // Programs of their own, nothing to import: the command, and the process that it starts to serve.
  { ...base, entry: ['src/cli.ts', 'src/worker.ts'], format: ['esm'], dts: false, clean: false },
]);
