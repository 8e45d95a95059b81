import type { Script } from '../script.js';
import { ALICE, BOB, makeTree } from './tree.js';

const FATTR = {
  MODE: 1,
  UID: 2,
  GID: 4,
  SIZE: 8,
  ATIME: 16,
  MTIME: 32,
  FH: 64,
  ATIME_NOW: 128,
  MTIME_NOW: 256,
  LOCKOWNER: 512,
  CTIME: 1024,
  KILL_SUIDGID: 2048,
} as const;

const getattr: Script = {
  name: 'getattr',
  prepare: makeTree,
  async run(guest) {
    await guest.step('GETATTR of the root', (f) => f.getattr(1));
    for (const name of [
      'file',
      'setuid',
      'folder',
      'sticky',
      'link',
      'dangling',
      'fifo',
      'socket',
      'device',
    ]) {
      const { nodeid } = await guest.need(name, (f) => f.lookup(1, name));
      await guest.step(`GETATTR of ${name}`, (f) => f.getattr(nodeid));
    }
    const { nodeid } = await guest.need('file', (f) => f.lookup(1, 'file'));
    const { fh } = await guest.need('open', (f) => f.open(nodeid, { flags: 2 }));
    await guest.step('GETATTR by handle', (f) => f.getattr(nodeid, { getattr_flags: 1, fh }));
    await guest.step('GETATTR by an unknown handle', (f) =>
      f.getattr(nodeid, { getattr_flags: 1, fh: 4711 }),
    );
    await guest.step('GETATTR of an unknown node', (f) => f.getattr(4711));
    await guest.step('GETATTR of node 0', (f) => f.getattr(0));
    await guest.step('STATFS', (f) => f.statfs(1));
    await guest.step('STATFS of a file', (f) => f.statfs(nodeid));
    await guest.step('STATFS of an unknown node', (f) => f.statfs(4711));
    await guest.step('STATX', (f) => f.statx(nodeid, { sx_mask: 0x7ff }));
  },
};

const setattr: Script = {
  name: 'setattr',
  prepare: makeTree,
  async run(guest) {
    const node = async (name: string) => (await guest.need(name, (f) => f.lookup(1, name))).nodeid;
    const [file, folder, link, fifo, setuid] = [
      await node('file'),
      await node('folder'),
      await node('dangling'),
      await node('fifo'),
      await node('setuid'),
    ];
    const { fh } = await guest.need('open', (f) => f.open(file, { flags: 2 }));
    const readOnly = (await guest.need('open for reading', (f) => f.open(file, { flags: 0 }))).fh;
    for (const mode of [0o600, 0o7777, 0o2755, 0o100644, 0o40755, 0]) {
      await guest.step(`SETATTR mode 0${mode.toString(8)}`, (f) =>
        f.setattr(file, { valid: FATTR.MODE, mode }),
      );
    }
    await guest.step('SETATTR mode by handle', (f) =>
      f.setattr(file, { valid: FATTR.MODE | FATTR.FH, fh, mode: 0o640 }),
    );
    await guest.step('SETATTR mode of a folder', (f) =>
      f.setattr(folder, { valid: FATTR.MODE, mode: 0o1700 }),
    );
    await guest.step('SETATTR mode of a symbolic link', (f) =>
      f.setattr(link, { valid: FATTR.MODE, mode: 0o600 }),
    );
    await guest.step('SETATTR mode of a fifo', (f) => f.setattr(fifo, { valid: FATTR.MODE, mode: 0o600 }));
    await guest.step('SETATTR of nothing', (f) => f.setattr(file, { valid: 0 }));
    await guest.step('SETATTR owner', (f) => f.setattr(file, { valid: FATTR.UID, uid: ALICE }));
    await guest.step('SETATTR group', (f) => f.setattr(file, { valid: FATTR.GID, gid: BOB }));
    await guest.step('SETATTR both', (f) =>
      f.setattr(file, { valid: FATTR.UID | FATTR.GID, uid: 0, gid: 0 }),
    );
    await guest.step('SETATTR owner 2^32-1', (f) => f.setattr(file, { valid: FATTR.UID, uid: 0xffff_ffff }));
    await guest.step('SETATTR owner of a symbolic link', (f) =>
      f.setattr(link, { valid: FATTR.UID, uid: ALICE }),
    );
    await guest.step('SETATTR owner of a set-user-ID file', (f) =>
      f.setattr(setuid, { valid: FATTR.UID, uid: ALICE }),
    );
    for (const size of [0, 1, 20_000, 2 ** 33]) {
      await guest.step(`SETATTR size ${size}`, (f) => f.setattr(file, { valid: FATTR.SIZE, size }));
    }
    await guest.step('SETATTR size beyond 2^63', (f) =>
      f.setattr(file, { valid: FATTR.SIZE, size: 2n ** 63n }),
    );
    await guest.step('SETATTR size 100', (f) => f.setattr(file, { valid: FATTR.SIZE, size: 100 }));
    await guest.step('SETATTR size by handle', (f) =>
      f.setattr(file, { valid: FATTR.SIZE | FATTR.FH, fh, size: 50 }),
    );
    await guest.step('SETATTR size by a handle for reading', (f) =>
      f.setattr(file, { valid: FATTR.SIZE | FATTR.FH, fh: readOnly, size: 40 }),
    );
    await guest.step('SETATTR size by an unknown handle', (f) =>
      f.setattr(file, { valid: FATTR.SIZE | FATTR.FH, fh: 4711, size: 40 }),
    );
    await guest.step('SETATTR size of a folder', (f) => f.setattr(folder, { valid: FATTR.SIZE, size: 0 }));
    await guest.step('SETATTR size of a fifo', (f) => f.setattr(fifo, { valid: FATTR.SIZE, size: 0 }));
    await guest.step('SETATTR size of a symbolic link', (f) =>
      f.setattr(link, { valid: FATTR.SIZE, size: 0 }),
    );
    await guest.step('SETATTR size with the bit that clears set-user-ID', (f) =>
      f.setattr(setuid, { valid: FATTR.SIZE | FATTR.KILL_SUIDGID, size: 1 }),
    );
    const times = { atime: 1_000_000_001, atimensec: 5, mtime: -1, mtimensec: 999_999_999 };
    await guest.step('SETATTR times', (f) => f.setattr(file, { valid: FATTR.ATIME | FATTR.MTIME, ...times }));
    await guest.step('SETATTR times by handle', (f) =>
      f.setattr(file, { valid: FATTR.ATIME | FATTR.MTIME | FATTR.FH, fh, ...times, atime: 7 }),
    );
    await guest.step('SETATTR times of a symbolic link', (f) =>
      f.setattr(link, { valid: FATTR.ATIME | FATTR.MTIME, ...times }),
    );
    await guest.step('SETATTR one time', (f) =>
      f.setattr(file, { valid: FATTR.MTIME, mtime: 12, mtimensec: 0 }),
    );
    await guest.step('SETATTR time of now', (f) =>
      f.setattr(file, { valid: FATTR.ATIME | FATTR.ATIME_NOW, atime: 3 }),
    );
    await guest.step('SETATTR with 10^9 nanoseconds', (f) =>
      f.setattr(file, { valid: FATTR.MTIME, mtime: 12, mtimensec: 1_000_000_000 }),
    );
    await guest.step('SETATTR with nanoseconds that mean UTIME_OMIT', (f) =>
      f.setattr(file, { valid: FATTR.MTIME, mtime: 12, mtimensec: 0x3fff_fffe }),
    );
    await guest.step('SETATTR with nanoseconds that mean UTIME_NOW', (f) =>
      f.setattr(file, { valid: FATTR.MTIME, mtime: 12, mtimensec: 0x3fff_ffff }),
    );
    await guest.step('SETATTR ctime', (f) => f.setattr(file, { valid: FATTR.CTIME, ctime: 9 }));
    await guest.step('SETATTR of a lock owner', (f) =>
      f.setattr(file, { valid: FATTR.LOCKOWNER, lock_owner: 9 }),
    );
    await guest.step('SETATTR of everything', (f) =>
      f.setattr(file, {
        valid: FATTR.MODE | FATTR.UID | FATTR.GID | FATTR.SIZE | FATTR.ATIME | FATTR.MTIME,
        ...{ ...times, mode: 0o4755, uid: ALICE, gid: ALICE, size: 10 },
      }),
    );
    await guest.step('SETATTR of an unknown node', (f) =>
      f.setattr(4711, { valid: FATTR.MODE, mode: 0o600 }),
    );
  },
};

const access: Script = {
  name: 'access',
  prepare: makeTree,
  async run(guest) {
    for (const name of [
      'file',
      'private',
      'alices',
      'groups',
      'setuid',
      'folder',
      'everybodys',
      'link',
      'fifo',
    ]) {
      const { nodeid } = await guest.need(name, (f) => f.lookup(1, name));
      for (const [who, uid, gid] of [
        ['root', 0, 0],
        ['alice', ALICE, ALICE],
        ['bob', BOB, BOB],
        ['bob in her group', BOB, ALICE],
      ] as const) {
        await guest.as(uid, gid, async () => {
          for (const mask of [0, 1, 2, 4, 7]) {
            await guest.step(`ACCESS ${mask} of ${name} as ${who}`, (f) => f.access(nodeid, mask));
          }
        });
      }
    }
    await guest.step('ACCESS 8', (f) => f.access(1, 8));
    await guest.step('ACCESS of an unknown node', (f) => f.access(4711, 0));
  },
};

const killpriv: Script = {
  name: 'kill-priv',
  options: ['--killpriv-v2'],
  prepare: makeTree,
  async run(guest) {
    const { nodeid } = await guest.need('setuid', (f) => f.lookup(1, 'setuid'));
    const reset = () =>
      guest.step('bits set again', (f) => f.setattr(nodeid, { valid: FATTR.MODE, mode: 0o6755 }));
    const { fh } = await guest.need('open', (f) => f.open(nodeid, { flags: 2 }));
    await guest.step('WRITE without the flag', (f) => f.write(nodeid, Uint8Array.of(1), { fh }));
    await guest.step('mode after it', (f) => f.getattr(nodeid));
    await reset();
    await guest.step('WRITE with the flag', (f) => f.write(nodeid, Uint8Array.of(1), { fh, write_flags: 4 }));
    await guest.step('mode after that', (f) => f.getattr(nodeid));
    await reset();
    await guest.step('SETATTR size with the flag', (f) =>
      f.setattr(nodeid, { valid: FATTR.SIZE | FATTR.KILL_SUIDGID, size: 1 }),
    );
    await reset();
    await guest.step('SETATTR size by handle with the flag', (f) =>
      f.setattr(nodeid, { valid: FATTR.SIZE | FATTR.KILL_SUIDGID | FATTR.FH, fh, size: 1 }),
    );
    await reset();
    await guest.step('SETATTR size without the flag', (f) =>
      f.setattr(nodeid, { valid: FATTR.SIZE, size: 2 }),
    );
    await reset();
    await guest.step('OPEN with O_TRUNC and the flag', (f) =>
      f.open(nodeid, { flags: 0o1001, open_flags: 1 }),
    );
    await guest.step('mode after the open', (f) => f.getattr(nodeid));
    await reset();
    await guest.step('OPEN with O_TRUNC without the flag', (f) => f.open(nodeid, { flags: 0o1001 }));
    await guest.step('mode after that open', (f) => f.getattr(nodeid));
    await reset();
    await guest.step('CREATE of what is there, with the flag', (f) =>
      f.create(1, 'setuid', { flags: 0o1101, mode: 0o644, open_flags: 1 }),
    );
    await guest.step('mode after the create', (f) => f.getattr(nodeid));
    await reset();
    await guest.step('FALLOCATE', (f) => f.fallocate(nodeid, { fh, offset: 0, length: 4096 }));
    await guest.step('mode after the fallocate', (f) => f.getattr(nodeid));
    await reset();
    await guest.step('SETATTR owner', (f) => f.setattr(nodeid, { valid: FATTR.UID, uid: ALICE }));
  },
};

export const attributeScripts: readonly Script[] = [getattr, setattr, access, killpriv];
