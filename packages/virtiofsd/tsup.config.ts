import { defineConfig } from 'tsup';
import { base } from '../../tsup.base.js';

export default defineConfig([
  base,
  // Programs of their own, nothing to import: the command, and the process that it starts to serve. Each file that Node has to find
  // and read delays their start, so they contain what they use of the other packages, but for the one that has the addon.
  {
    ...base,
    entry: ['src/cli.ts', 'src/worker.ts'],
    format: ['esm'],
    dts: false,
    clean: false,
    splitting: true,
    noExternal: ['@vfs/fuse-proto', '@vfs/vhost-user'],
  },
]);
