import type { Guest } from '../guest.js';
import type { Script } from '../script.js';
import { supplementaryGroups } from './extensions.js';
import { ALICE, BOB, makeTree } from './tree.js';

const O_RDWR_CREAT = 0o102;
const O_EXCL = 0o200;
const O_TRUNC = 0o1000;

async function createAll(guest: Guest, parent: number | bigint, suffix: string): Promise<void> {
  await guest.step(`MKDIR ${suffix}`, (f) => f.mkdir(parent, `d-${suffix}`, { mode: 0o2775, umask: 0o22 }));
  await guest.step(`MKNOD of a file ${suffix}`, (f) =>
    f.mknod(parent, `f-${suffix}`, { mode: 0o106755, umask: 0o22 }),
  );
  await guest.step(`MKNOD of a fifo ${suffix}`, (f) => f.mknod(parent, `p-${suffix}`, { mode: 0o10666 }));
  await guest.step(`MKNOD of a socket ${suffix}`, (f) => f.mknod(parent, `s-${suffix}`, { mode: 0o140666 }));
  await guest.step(`MKNOD of a device ${suffix}`, (f) =>
    f.mknod(parent, `c-${suffix}`, { mode: 0o20600, rdev: 0x103 }),
  );
  await guest.step(`SYMLINK ${suffix}`, (f) => f.symlink(parent, `l-${suffix}`, 'target'));
  await guest.step(`CREATE ${suffix}`, (f) =>
    f.create(parent, `o-${suffix}`, { flags: O_RDWR_CREAT | O_EXCL, mode: 0o104755, umask: 0o22 }),
  );
}

const creation: Script = {
  name: 'creation',
  prepare: makeTree,
  async run(guest) {
    for (const name of ['everybodys', 'sticky', 'setgid', 'bare']) {
      const { nodeid } = await guest.need(name, (f) => f.lookup(1, name));
      await createAll(guest, nodeid, `by root in ${name}`);
      await guest.as(ALICE, ALICE, () => createAll(guest, nodeid, `by alice in ${name}`));
      await guest.as(BOB, ALICE, () => createAll(guest, nodeid, `by bob in ${name}`));
      await guest.as(BOB, BOB, () => createAll(guest, nodeid, `by bob of his own group in ${name}`));
      await guest.as(0, ALICE, () => createAll(guest, nodeid, `by root of a group in ${name}`));
    }
    const existing = ['file', 'folder', 'link', 'dangling', 'outside', 'fifo'];
    for (const name of existing) {
      await guest.step(`MKDIR over ${name}`, (f) => f.mkdir(1, name, { mode: 0o755 }));
      await guest.step(`MKNOD over ${name}`, (f) => f.mknod(1, name, { mode: 0o100644 }));
      await guest.step(`SYMLINK over ${name}`, (f) => f.symlink(1, name, 'x'));
      for (const [label, flags] of [
        ['', O_RDWR_CREAT],
        [' with O_EXCL', O_RDWR_CREAT | O_EXCL],
        [' with O_TRUNC', O_RDWR_CREAT | O_TRUNC],
      ] as const) {
        await guest.step(`CREATE${label} over ${name}`, (f) => f.create(1, name, { flags, mode: 0o600 }));
      }
    }
    await guest.as(BOB, BOB, async () => {
      await guest.step('CREATE over what bob may not open', (f) =>
        f.create(1, 'private', { flags: O_RDWR_CREAT, mode: 0o600 }),
      );
    });
    const { nodeid: file } = await guest.need('file', (f) => f.lookup(1, 'file'));
    await createAll(guest, file, 'in a file');
    await createAll(guest, 4711, 'in an unknown node');
    await guest.step('MKNOD of a directory', (f) => f.mknod(1, 'mknod-d', { mode: 0o40755 }));
    await guest.step('MKNOD of a symbolic link', (f) => f.mknod(1, 'mknod-l', { mode: 0o120777 }));
    await guest.step('MKNOD of no type', (f) => f.mknod(1, 'mknod-0', { mode: 0o644 }));
    await guest.step('MKNOD of a made-up type', (f) => f.mknod(1, 'mknod-x', { mode: 0o170644 }));
    await guest.step('MKDIR with mode 07777', (f) => f.mkdir(1, 'mkdir-7', { mode: 0o7777 }));
    await guest.step('CREATE with mode 07777', (f) =>
      f.create(1, 'create-7', { flags: O_RDWR_CREAT, mode: 0o7777 }),
    );
    await guest.step('CREATE for reading', (f) => f.create(1, 'create-r', { flags: 0o100, mode: 0o600 }));
    await guest.step('CREATE with O_DIRECTORY', (f) =>
      f.create(1, 'create-dir', { flags: 0o200102, mode: 0o600 }),
    );
    await guest.step('CREATE with O_PATH', (f) =>
      f.create(1, 'create-path', { flags: 0o10000102, mode: 0o600 }),
    );
    await guest.step('CREATE with O_TMPFILE', (f) =>
      f.create(1, 'create-tmp', { flags: 0o20200102, mode: 0o600 }),
    );
    await guest.step('TMPFILE', (f) => f.tmpfile(1, { flags: 0o20200002, mode: 0o600 }));
  },
};

const groups: Script = {
  name: 'supplementary groups',
  prepare: makeTree,
  async run(guest) {
    const { nodeid } = await guest.need('setgid', (f) => f.lookup(1, 'setgid'));
    await guest.as(BOB, BOB, async () => {
      await guest.step('MKDIR with the group of the folder', (f) =>
        supplementaryGroups.mkdir(f, nodeid, 'with', { mode: 0o2775 }, [ALICE]),
      );
      await guest.step('MKDIR with another group', (f) =>
        supplementaryGroups.mkdir(f, nodeid, 'without', { mode: 0o2775 }, [4000]),
      );
      await guest.step('MKDIR with two groups', (f) =>
        supplementaryGroups.mkdir(f, nodeid, 'two', { mode: 0o755 }, [4000, ALICE]),
      );
      await guest.step('MKDIR with none', (f) =>
        supplementaryGroups.mkdir(f, nodeid, 'none', { mode: 0o755 }, []),
      );
    });
    await guest.step('MKDIR by root with a group', (f) =>
      supplementaryGroups.mkdir(f, nodeid, 'root', { mode: 0o755 }, [ALICE]),
    );
    await guest.as(BOB, BOB, async () => {
      await guest.step('MKDIR by bob after it', (f) => f.mkdir(nodeid, 'after', { mode: 0o755 }));
    });
  },
};

const changes: Script = {
  name: 'entries',
  prepare: makeTree,
  async run(guest) {
    const node = async (name: string) => (await guest.need(name, (f) => f.lookup(1, name))).nodeid;
    const [file, folder, everybodys, link, fifo] = [
      await node('file'),
      await node('folder'),
      await node('everybodys'),
      await node('outside'),
      await node('fifo'),
    ];
    await guest.step('LINK', (f) => f.link(file, everybodys, 'linked'));
    await guest.step('LINK over an entry', (f) => f.link(file, 1, 'empty'));
    await guest.step('LINK of a folder', (f) => f.link(folder, everybodys, 'no'));
    await guest.step('LINK of a symbolic link', (f) => f.link(link, everybodys, 'linked-link'));
    await guest.step('LINK of a fifo', (f) => f.link(fifo, everybodys, 'linked-fifo'));
    await guest.step('LINK of an unknown node', (f) => f.link(4711, everybodys, 'no'));
    await guest.step('LINK in a file', (f) => f.link(file, file, 'no'));
    await guest.step('LINK by bob', (f) => guest.as(BOB, BOB, () => f.link(file, folder, 'bobs')));
    await guest.step('GETATTR after LINK', (f) => f.getattr(file));
    await guest.step('UNLINK', (f) => f.unlink(everybodys, 'linked'));
    await guest.step('UNLINK again', (f) => f.unlink(everybodys, 'linked'));
    await guest.step('UNLINK of a folder', (f) => f.unlink(1, 'folder'));
    await guest.step('UNLINK in a file', (f) => f.unlink(file, 'x'));
    await guest.step('UNLINK in an unknown node', (f) => f.unlink(4711, 'x'));
    await guest.step('RMDIR of a full folder', (f) => f.rmdir(1, 'folder'));
    await guest.step('RMDIR of an empty folder', (f) => f.rmdir(folder, 'deep'));
    await guest.step('RMDIR of a file', (f) => f.rmdir(1, 'file'));
    await guest.step('RMDIR of nothing', (f) => f.rmdir(1, 'nothing'));
    await guest.step('RMDIR of a symbolic link', (f) => f.rmdir(1, 'outside'));
    await guest.step('RENAME', (f) => f.rename(1, 'second', everybodys, 'renamed'));
    await guest.step('LOOKUP of what was renamed', (f) => f.lookup(everybodys, 'renamed'));
    await guest.step('RENAME of nothing', (f) => f.rename(1, 'nothing', 1, 'x'));
    await guest.step('RENAME of a file over a folder', (f) => f.rename(1, 'file', 1, 'folder'));
    await guest.step('RENAME of a folder over a file', (f) => f.rename(1, 'folder', 1, 'file'));
    await guest.step('RENAME of a folder over a full one', (f) => f.rename(1, 'sticky', 1, 'folder'));
    await guest.step('RENAME of a folder into itself', (f) => f.rename(1, 'folder', folder, 'in'));
    await guest.step('RENAME over its own hard link', (f) => f.rename(everybodys, 'renamed', 1, 'file'));
    await guest.step('RENAME to an unknown node', (f) => f.rename(1, 'file', 4711, 'x'));
    for (const [label, flags] of [
      ['NOREPLACE', 1],
      ['EXCHANGE', 2],
      ['WHITEOUT', 4],
      ['NOREPLACE and EXCHANGE', 3],
    ] as const) {
      await guest.step(`RENAME2 ${label} over an entry`, (f) => f.rename(1, 'private', 1, 'setuid', flags));
      await guest.step(`LOOKUP of the first after ${label}`, (f) => f.lookup(1, 'private'));
      await guest.step(`LOOKUP of the second after ${label}`, (f) => f.lookup(1, 'setuid'));
      await guest.step(`RENAME2 ${label} to a free name`, (f) =>
        f.rename(1, 'alices', 1, `free-${flags}`, flags),
      );
      await guest.step(`RENAME2 back after ${label}`, (f) => f.rename(1, `free-${flags}`, 1, 'alices', 0));
    }
    await guest.step('RENAME2 with an unknown flag', (f) => f.rename(1, 'alices', 1, 'renamed-again', 8));
    const { nodeid: gone } = await guest.need('empty', (f) => f.lookup(1, 'empty'));
    const { fh } = await guest.need('open', (f) => f.open(gone, { flags: 2 }));
    await guest.step('UNLINK of an open file', (f) => f.unlink(1, 'empty'));
    await guest.step('GETATTR of it', (f) => f.getattr(gone));
    await guest.step('WRITE to it', (f) => f.write(gone, Uint8Array.of(1, 2, 3), { fh }));
    await guest.step('READ from it', (f) => f.read(gone, { fh, size: 10 }));
    await guest.step('SETATTR of it', (f) => f.setattr(gone, { valid: 1, mode: 0o600 }));
    await guest.step('OPEN of it', (f) => f.open(gone, { flags: 0 }));
    await guest.step('LINK of it', (f) => f.link(gone, 1, 'back'));
    await guest.step('RMDIR of a folder that is known', (f) => f.rmdir(1, 'bare'));
  },
};

export const entryScripts: readonly Script[] = [creation, groups, changes];
