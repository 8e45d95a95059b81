/** Requests about files that are there: attributes, opening, data, extended attributes. */
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  encode,
  FATTR_FH,
  FATTR_GID,
  FATTR_KILL_SUIDGID,
  FATTR_MODE,
  FATTR_MTIME,
  FATTR_SIZE,
  FATTR_UID,
  FUSE_OPEN_KILL_SUIDGID,
  FUSE_SETXATTR_ACL_KILL_SGID,
  FUSE_WRITE_CACHE,
  FUSE_WRITE_KILL_SUIDGID,
  SetxattrIn,
} from '@vfs/fuse-proto';
import { FS_NODUMP_FL, O_APPEND, O_DIRECT, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY, SEEK_DATA } from '@vfs/sys';
import { expect } from 'vitest';
import type { Attempt, Scenario, Trait } from './scenario.js';
import type { World } from './world.js';

const CONTENT = 'content'.repeat(1000);
const SETXATTR = 21;
/** u::rw-, u:1000:rwx, g::r--, m::rwx, o::r-- */
const ACL = Buffer.from(
  '0200000001000600ffffffff02000700e803000004000400ffffffff10000700ffffffff20000400ffffffff',
  'hex',
);

/** A scenario about a file, `file`, that the guest knows. */
function onFile(
  name: string,
  traits: readonly Trait[],
  prepare: (world: World, node: number, path: string) => Promise<Attempt>,
): Scenario {
  return {
    name,
    traits,
    prepare: async (world) => {
      const path = join(world.path, 'file');
      writeFileSync(path, CONTENT);
      return prepare(world, await world.lookup('file'), path);
    },
  };
}

/** The same, with the file open. */
function onOpen(
  name: string,
  traits: readonly Trait[],
  flags: number,
  prepare: (world: World, node: number, fh: number, path: string) => Promise<Attempt> | Attempt,
): Scenario {
  return onFile(name, traits, async (world, node, path) =>
    prepare(world, node, await world.open(node, flags), path),
  );
}

function setattr(name: string, values: Record<string, number>, check: (path: string) => void): Scenario {
  return onFile(`SETATTR: ${name}`, ['attributes'], async (world, node, path) => ({
    request: () => world.client.setattr(node, values),
    verify: () => check(path),
  }));
}

const lost = (path: string) => expect(statSync(path).mode & 0o7000).toBe(0);

function written(
  name: string,
  openFlags: number,
  write: { flags?: number; write_flags?: number } = {},
): Scenario {
  return onOpen(name, ['data'], openFlags, (world, node, fh, path) => {
    if (write.write_flags === FUSE_WRITE_KILL_SUIDGID) chmodSync(path, 0o6755);
    return {
      request: async () => expect(await world.client.write(node, fh, 3, 'written', write)).toBe(7),
      verify: () => {
        const at = openFlags & O_APPEND ? CONTENT.length : 3;
        expect(readFileSync(path, 'latin1').slice(at, at + 7)).toBe('written');
        if (write.write_flags === FUSE_WRITE_KILL_SUIDGID) lost(path);
      },
    };
  });
}

function listing(how: 'readdir' | 'readdirplus'): Scenario {
  return {
    name: how.toUpperCase(),
    traits: ['opens'],
    prepare: async (world) => {
      for (const name of ['known', 'new']) writeFileSync(join(world.path, name), '');
      await world.lookup('known');
      const fh = await world.opendir(world.directory);
      // A listing that has begun goes on from there.
      expect(await world.client.readdir(world.directory, fh, 0, 32)).toHaveLength(1);
      return {
        request: async () => {
          const entries = await world.client[how](world.directory, fh);
          for (const { entry } of entries) if (entry) world.entered(entry);
          expect(entries.map(({ name }) => name)).toEqual(
            expect.arrayContaining(['.', '..', 'known', 'new']),
          );
        },
      };
    },
  };
}

const ONE_TWO = { fh_in: 0, nodeid_out: 0, fh_out: 0, len: CONTENT.length };

export const FILE_SCENARIOS: readonly Scenario[] = [
  onFile('GETATTR', ['attributes'], async (world, node) => ({
    request: async () => expect(Number((await world.client.getattr(node)).size)).toBe(CONTENT.length),
  })),
  setattr('mode', { valid: FATTR_MODE, mode: 0o600 }, (path) =>
    expect(statSync(path).mode & 0o7777).toBe(0o600),
  ),
  setattr('owner', { valid: FATTR_UID | FATTR_GID, uid: 5, gid: 6 }, (path) =>
    expect(statSync(path)).toMatchObject({ uid: 5, gid: 6 }),
  ),
  setattr('times', { valid: FATTR_MTIME, mtime: 1000 }, (path) =>
    expect(statSync(path).mtimeMs).toBe(1_000_000),
  ),
  setattr('size', { valid: FATTR_SIZE, size: 3 }, (path) => expect(statSync(path).size).toBe(3)),
  onFile('SETATTR: size, of a set-user-ID file', ['attributes'], async (world, node, path) => {
    chmodSync(path, 0o6755);
    return {
      request: () =>
        world.client.setattr(node, {
          valid: FATTR_SIZE | FATTR_KILL_SUIDGID | FATTR_MTIME,
          size: 3,
          mtime: 1000,
        }),
      verify: () => lost(path),
    };
  }),
  onOpen('SETATTR: size of an open file', ['attributes'], O_RDWR, (world, node, fh, path) => ({
    request: () => world.client.setattr(node, { valid: FATTR_FH | FATTR_SIZE, fh, size: 5 }),
    verify: () => expect(statSync(path).size).toBe(5),
  })),
  onFile('SETATTR: much less size', ['attributes'], async (world, node, path) => ({
    request: async () => {
      await world.client.setattr(node, { valid: FATTR_SIZE, size: 1 << 28 });
      await world.client.setattr(node, { valid: FATTR_SIZE, size: 2 });
    },
    verify: () => expect(statSync(path).size).toBe(2),
  })),
  onFile('STATX', ['attributes'], async (world, node) => ({
    request: () => world.client.fuse.statx(node, { sx_mask: 0xfff }),
  })),
  onFile('ACCESS', ['attributes', 'creates'], async (world, node) => ({
    request: async () => {
      world.client.fuse.credentials = { uid: world.setting.uid ?? 0, gid: world.setting.uid ?? 0 };
      try {
        await world.client.fuse.access(node, 4);
      } finally {
        world.client.fuse.credentials = {};
      }
    },
  })),
  onFile('STATFS', ['attributes'], async (world, node) => ({ request: () => world.client.statfs(node) })),
  onFile('SYNCFS', ['attributes', 'data'], async (world, node) => ({
    request: () => world.client.fuse.syncfs(node),
  })),
  onFile('OPEN', ['opens'], async (world, node) => ({ request: () => world.open(node, O_RDONLY) })),
  onFile('OPEN with O_TRUNC', ['opens'], async (world, node, path) => ({
    request: () => world.open(node, O_WRONLY | O_TRUNC),
    verify: () => expect(statSync(path).size).toBe(0),
  })),
  onFile('OPEN with O_TRUNC of a set-user-ID file', ['opens'], async (world, node, path) => {
    chmodSync(path, 0o6755);
    return {
      request: async () => {
        const input = { flags: O_WRONLY | O_TRUNC, open_flags: FUSE_OPEN_KILL_SUIDGID };
        world.opened(node, (await world.client.fuse.open(node, input)).fh);
      },
      verify: () => lost(path),
    };
  }),
  {
    name: 'OPENDIR',
    traits: ['opens'],
    prepare: async (world) => {
      mkdirSync(join(world.path, 'directory'));
      const node = await world.lookup('directory');
      return { request: () => world.opendir(node) };
    },
  },
  onOpen('RELEASE', ['opens', 'data'], O_RDWR, (world, node, fh) => ({
    request: async () => {
      await world.client.release(node, fh);
      world.released(fh);
    },
    verify: () => expect(world.fixture.share.handles.size).toBe(0),
  })),
  onOpen('FLUSH', ['opens', 'data'], O_RDWR, (world, node, fh) => ({
    request: () => world.client.flush(node, fh),
  })),
  listing('readdir'),
  listing('readdirplus'),
  {
    name: 'FSYNCDIR',
    traits: ['data'],
    prepare: async (world) => {
      const fh = await world.opendir(world.directory);
      return { request: () => world.client.fsyncdir(world.directory, fh) };
    },
  },
  onOpen('READ', ['data'], O_RDONLY, (world, node, fh) => ({
    request: async () => expect((await world.client.read(node, fh, 0, 100_000)).toString()).toBe(CONTENT),
  })),
  onOpen('READ that O_DIRECT is in the way of', ['data'], O_RDONLY | O_DIRECT, (world, node, fh) => ({
    request: async () =>
      expect((await world.client.read(node, fh, 1, 7)).toString()).toBe(CONTENT.slice(1, 8)),
  })),
  written('WRITE', O_RDWR),
  written('WRITE from the cache of the guest', O_RDWR, { write_flags: FUSE_WRITE_CACHE }),
  written('WRITE at the end', O_RDWR | O_APPEND, { flags: O_APPEND }),
  written('WRITE to a set-user-ID file', O_RDWR, { write_flags: FUSE_WRITE_KILL_SUIDGID }),
  written('WRITE that O_DIRECT is in the way of', O_RDWR | O_DIRECT),
  onOpen('FSYNC', ['data'], O_RDWR, (world, node, fh) => ({
    request: () => world.client.fsync(node, fh),
  })),
  onOpen('FSYNC of the data', ['data'], O_RDWR, (world, node, fh) => ({
    request: () => world.client.fsync(node, fh, 1),
  })),
  onOpen('LSEEK', ['data'], O_RDWR, (world, node, fh) => ({
    request: async () =>
      expect(Number(await world.client.fuse.lseek(node, { fh, whence: SEEK_DATA }))).toBe(0),
  })),
  onOpen('FALLOCATE', ['data'], O_RDWR, (world, node, fh, path) => ({
    request: () => world.client.fallocate(node, fh, 0, 0, 100_000),
    verify: () => expect(statSync(path).size).toBe(100_000),
  })),
  onOpen('FALLOCATE of a set-user-ID file', ['data'], O_RDWR, (world, node, fh, path) => {
    chmodSync(path, 0o6755);
    return {
      request: async () => {
        world.client.uid = 1000;
        try {
          await world.client.fallocate(node, fh, 0, 0, 100_000);
        } finally {
          world.client.uid = 0;
        }
      },
      verify: () => lost(path),
    };
  }),
  onOpen('COPY_FILE_RANGE', ['data'], O_RDONLY, async (world, node, fh) => {
    writeFileSync(join(world.path, 'target'), '');
    const target = await world.lookup('target');
    const out = await world.open(target, O_RDWR);
    return {
      request: async () => {
        const input = { ...ONE_TWO, fh_in: fh, nodeid_out: target, fh_out: out };
        expect(await world.client.fuse.copy_file_range(node, input)).toBe(CONTENT.length);
      },
      verify: () => expect(readFileSync(join(world.path, 'target'), 'latin1')).toBe(CONTENT),
    };
  }),
  onOpen('IOCTL that tells', ['data'], O_RDWR, (world, node, fh) => ({
    request: () => world.client.fuse.ioctl(node, { fh, cmd: 0x8008_6601, out_size: 4 }),
  })),
  onOpen('IOCTL that tells more', ['data'], O_RDWR, (world, node, fh) => ({
    request: () => world.client.fuse.ioctl(node, { fh, cmd: 0x801c_581f, out_size: 28 }),
  })),
  onFile('IOCTL of an owner', ['data'], async (world, node) => {
    await world.client.setattr(node, { valid: FATTR_UID, uid: 77 });
    const fh = await world.open(node, O_RDWR);
    const owned = async <T>(act: () => Promise<T>): Promise<T> => {
      world.client.fuse.credentials = { uid: 77, gid: 77 };
      try {
        return await act();
      } finally {
        world.client.fuse.credentials = {};
      }
    };
    const { output } = await world.client.fuse.ioctl(node, { fh, cmd: 0x8008_6601, out_size: 4 });
    const flags = Buffer.from(output).readUInt32LE(0);
    const told = await world.client.fuse.ioctl(node, { fh, cmd: 0x801c_581f, out_size: 28 });
    const more = Uint8Array.from(told.output);
    const argument = new Uint8Array(Uint32Array.of(flags | FS_NODUMP_FL).buffer);
    // tmpfs has no more than flags.
    const hasMore = world.setting.parent !== '/dev/shm';
    return {
      request: () =>
        owned(async () => {
          if (hasMore) await world.client.fuse.ioctl(node, { fh, cmd: 0x401c_5820 }, more);
          await world.client.fuse.ioctl(node, { fh, cmd: 0x4008_6602 }, argument);
        }),
    };
  }),
  onFile('SETXATTR', ['xattrs'], async (world, node) => ({
    request: () => setAttribute(world, node, 'user.name', Buffer.from('value'), 0),
  })),
  onFile('SETXATTR of a list that takes set-group-ID away', ['xattrs'], async (world, node, path) => {
    chmodSync(path, 0o2755);
    return {
      request: () => setAttribute(world, node, 'system.posix_acl_access', ACL, FUSE_SETXATTR_ACL_KILL_SGID),
      verify: () => lost(path),
    };
  }),
  onFile('GETXATTR', ['xattrs'], async (world, node) => {
    await setAttribute(world, node, 'user.name', Buffer.from('value'), 0);
    return { request: async () => expect(await world.client.getxattr(node, 'user.name')).toBe('value') };
  }),
  onFile('LISTXATTR', ['xattrs'], async (world, node) => {
    await setAttribute(world, node, 'user.name', Buffer.from('value'), 0);
    return { request: async () => expect(await world.client.listxattr(node)).toContain('user.name') };
  }),
  onFile('REMOVEXATTR', ['xattrs'], async (world, node) => {
    await setAttribute(world, node, 'user.name', Buffer.from('value'), 0);
    return { request: () => world.client.removexattr(node, 'user.name') };
  }),
];

async function setAttribute(world: World, node: number, name: string, value: Uint8Array, flags: number) {
  const head = encode(SetxattrIn, { size: value.length, flags: 0, setxattr_flags: flags });
  await world.client.call(SETXATTR, node, [head, Buffer.from(`${name}\0`), value]);
}
