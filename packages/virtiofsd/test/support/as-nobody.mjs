#!/usr/bin/env node
/** The command, run by somebody who may not do everything. It is loaded first: that user need not be able to read the checkout. */
import { PR_SET_DUMPABLE, raw } from '@vfs/sys';
import { loadMount, main } from '../../dist/cli.cjs';

const NOBODY = 65534;

await loadMount();

if (process.geteuid() === 0) {
  process.setgroups([]);
  process.setgid(NOBODY);
  process.setuid(NOBODY);
  // As after an execve(2): else the process may not look into its own /proc/self/fd.
  raw.prctl(PR_SET_DUMPABLE, 1, 0);
}
process.exit(await main(process.argv.slice(2)));
