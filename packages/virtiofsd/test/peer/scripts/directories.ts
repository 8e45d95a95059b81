import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Script } from '../script.js';
import { makeTree, setTimes } from './tree.js';

function listing(...options: string[]): Script {
  return {
    name: ['listing', ...options].join(' '),
    options,
    prepare(directory) {
      makeTree(directory);
      mkdirSync(join(directory, 'many'));
      for (let i = 0; i < 200; i++) writeFileSync(join(directory, 'many', `entry-${i}`), '');
      setTimes(directory);
    },
    async run(guest) {
      const { fh } = await guest.need('OPENDIR', (f) => f.opendir(1));
      await guest.step('READDIR', (f) => f.readdir(1, { fh, size: 8192 }));
      await guest.step('READDIRPLUS', (f) => f.readdirplus(1, { fh, size: 32_768 }));
      for (const size of [0, 8, 24, 32, 40, 64, 100, 200]) {
        await guest.step(`READDIR of ${size} bytes`, (f) => f.readdir(1, { fh, size }));
        await guest.step(`READDIRPLUS of ${size} bytes`, (f) => f.readdirplus(1, { fh, size }));
      }
      const { nodeid } = await guest.need('many', (f) => f.lookup(1, 'many'));
      const { fh: many } = await guest.need('OPENDIR of many', (f) => f.opendir(nodeid));
      for (const plus of [false, true]) {
        let offset: number | bigint = 0;
        for (let count = 0; count < 50; count++) {
          const label = `${plus ? 'READDIRPLUS' : 'READDIR'} of many`;
          const some = await guest.step(label, (f) =>
            f[plus ? 'readdirplus' : 'readdir'](nodeid, { fh: many, offset, size: plus ? 8192 : 1024 }),
          );
          if (some === undefined || some.length === 0) break;
          offset = some.at(-1)!.off;
        }
      }
      await guest.step('READDIR from the start again', (f) => f.readdir(nodeid, { fh: many, size: 200 }));
      await guest.step('READDIR of 2 MiB', (f) => f.readdir(1, { fh, size: 2 << 20 }));
      await guest.step('READDIR into less room than it asks for', (f) =>
        f.request(28, 1, [readIn(fh, 4096)], 16 + 512),
      );
      await guest.step('READDIR of another node', (f) => f.readdir(nodeid, { fh }));
      await guest.step('FSYNCDIR', (f) => f.fsyncdir(1, { fh }));
      await guest.step('FSYNCDIR of the data', (f) => f.fsyncdir(1, { fh, fsync_flags: 1 }));
      await guest.step('RMDIR and READDIR', async (f) => {
        const made = await f.mkdir(1, 'gone', { mode: 0o755 });
        const opened = await f.opendir(made.nodeid);
        await f.rmdir(1, 'gone');
        return f.readdir(made.nodeid, { fh: opened.fh });
      });
      await guest.step('RELEASEDIR', (f) => f.releasedir(1, { fh }));
      await guest.step('READDIR after RELEASEDIR', (f) => f.readdir(1, { fh }));
    },
  };
}

function readIn(fh: number | bigint, size: number): Uint8Array {
  const bytes = new Uint8Array(40);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(fh), true);
  view.setUint32(16, size, true);
  return bytes;
}

export const directoryScripts: readonly Script[] = [
  listing(),
  listing('--no-readdirplus'),
  listing('--cache=always'),
];
