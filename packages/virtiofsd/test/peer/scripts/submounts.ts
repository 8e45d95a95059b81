import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after } from '../../support/fixture.js';
import type { Script } from '../script.js';
import { makeTree, setTimes } from './tree.js';

/** A share in which another file system is mounted. */
function submounts(...options: string[]): Script {
  return {
    name: ['submounts', ...options].join(' '),
    options,
    prepare(directory) {
      makeTree(directory);
      const mountpoint = join(directory, 'mounted');
      mkdirSync(mountpoint);
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'mode=755,size=1m', 'tmpfs', mountpoint]);
      after(() => execFileSync('umount', [mountpoint]));
      mkdirSync(join(mountpoint, 'folder'));
      writeFileSync(join(mountpoint, 'folder', 'file'), 'inside');
      setTimes(directory);
    },
    async run(guest) {
      const { nodeid: mounted } = await guest.need('LOOKUP of the mount', (f) => f.lookup(1, 'mounted'));
      const { nodeid: folder } = await guest.need('LOOKUP in it', (f) => f.lookup(mounted, 'folder'));
      const { nodeid: file } = await guest.need('LOOKUP below', (f) => f.lookup(folder, 'file'));
      await guest.step('GETATTR of the mount', (f) => f.getattr(mounted));
      await guest.step('GETATTR below', (f) => f.getattr(file));
      await guest.step('STATFS of the mount', (f) => f.statfs(mounted));
      await guest.step('SYNCFS of the mount', (f) => f.syncfs(mounted));
      await guest.step('READDIRPLUS', async (f) =>
        f.readdirplus(1, { fh: (await f.opendir(1)).fh, size: 32_768 }),
      );
      await guest.step('READDIRPLUS of the mount', async (f) =>
        f.readdirplus(mounted, { fh: (await f.opendir(mounted)).fh }),
      );
      await guest.step('RENAME out of it', (f) => f.rename(folder, 'file', 1, 'out'));
      await guest.step('LINK out of it', (f) => f.link(file, 1, 'out'));
      await guest.step('RENAME of the mount', (f) => f.rename(1, 'mounted', 1, 'moved'));
      await guest.step('RMDIR of the mount', (f) => f.rmdir(1, 'mounted'));
      await guest.step('MKDIR in it', (f) => f.mkdir(mounted, 'new', { mode: 0o755 }));
    },
  };
}

export const submountScripts: readonly Script[] = [submounts(), submounts('--no-announce-submounts')];
