import { defineConfig } from 'tsup';
import { base } from '../../tsup.base.js';

export default defineConfig([
  base,
  // Nothing to import: files for `virtiofsd --module`, each complete in itself.
  {
    ...base,
    entry: { memory: 'examples/memory/module.ts', tar: 'examples/tar/module.ts' },
    outDir: 'dist/examples',
    format: ['esm'],
    dts: false,
    clean: false,
  },
]);
