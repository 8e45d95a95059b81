import { utimesSync, writeFileSync } from 'node:fs';
import {
  AT_FDCWD,
  AT_STATX_DONT_SYNC,
  AT_STATX_FORCE_SYNC,
  STATX_ALL,
  STATX_BASIC_STATS,
  STATX_BTIME,
  statx,
} from '@vfs/sys';
import { describe, expect, it } from 'vitest';
import { sharedDirectory } from './support/fixture.js';

describe('STATX', () => {
  it.each([0, AT_STATX_FORCE_SYNC, AT_STATX_DONT_SYNC])(
    'tells what the host does, the time of birth too (flags %i)',
    async (sx_flags) => {
      const { client, path } = await sharedDirectory();
      writeFileSync(path('file'), 'content');
      utimesSync(path('file'), new Date(-1_000_000), 2 ** 33);
      const { nodeid } = await client.lookup(1, 'file');
      const host = statx(AT_FDCWD, path('file'));
      const { stat, attr_valid } = await client.fuse.statx(nodeid, { sx_flags, sx_mask: STATX_ALL });
      expect(stat).toMatchObject({
        mask: host.stx_mask & (STATX_BASIC_STATS | STATX_BTIME),
        blksize: host.stx_blksize,
        attributes: host.stx_attributes,
        attributes_mask: host.stx_attributes_mask,
        nlink: host.stx_nlink,
        uid: host.stx_uid,
        gid: host.stx_gid,
        mode: host.stx_mode,
        ino: host.stx_ino,
        size: 7,
        blocks: host.stx_blocks,
        btime: host.stx_btime,
        ctime: host.stx_ctime,
      });
      expect(BigInt.asIntN(64, BigInt(stat.atime.tv_sec))).toBe(-1000n);
      expect(stat.mtime.tv_sec).toBe(2 ** 33);
      expect(attr_valid).toBe(1);
    },
  );

  it('of a node that is gone is ESTALE', async () => {
    const { client } = await sharedDirectory();
    await expect(client.fuse.statx(4711, { sx_mask: STATX_ALL })).rejects.toMatchObject({ errno: 116 });
  });
});
