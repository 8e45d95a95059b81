import { closeSync, openSync, statSync } from 'node:fs';
import { umask } from '@vfs/sys';
import { expect, it } from 'vitest';
import { Log } from '../src/log.js';
import { Share } from '../src/passthrough/share.js';
import { sharedDirectory, temporaryDirectory } from './support/fixture.js';

const log = new Log('off').module('passthrough');

it('shares of one process leave its umask out of it until the last has gone', async () => {
  const own = umask(0o027);
  umask(0o027);
  try {
    const first = new Share({ directory: temporaryDirectory(), log });
    const { client, share, path } = await sharedDirectory();
    first[Symbol.dispose]();
    await client.mkdir(1, 'dir', 0o777);
    expect(statSync(path('dir')).mode & 0o777).toBe(0o777);
    share[Symbol.dispose]();
    expect(umask(0o027)).toBe(0o027);
  } finally {
    umask(own);
  }
});

it('closes its descriptors once: by then they may be somebody else’s', () => {
  const share = new Share({ directory: temporaryDirectory(), log });
  share[Symbol.dispose]();
  const others = [0, 1, 2].map(() => openSync('/dev/null', 'r'));
  share[Symbol.dispose]();
  for (const other of others) closeSync(other);
});

it('a share that cannot be made leaves the process as it was', () => {
  const own = umask(0o027);
  try {
    expect(() => new Share({ directory: '/nowhere', log })).toThrow('ENOENT');
    expect(umask(0o027)).toBe(0o027);
  } finally {
    umask(own);
  }
});
