import { encode, GetattrIn } from '@vfs/fuse-proto';
import type { Script } from '../script.js';
import { makeTree } from './tree.js';

const KINDS = [
  ...['file', 'second', 'empty', 'private', 'setuid', 'folder', 'sticky', 'link', 'dangling', 'outside'],
  ...['fifo', 'socket', 'device'],
];

/** Names that are no single component, and what resolving them could lead to. */
const NAMES = {
  empty: '',
  '"."': '.',
  '".."': '..',
  '"/"': '/',
  '"folder/inner"': 'folder/inner',
  '"../etc"': '../etc',
  '"/etc"': '/etc',
  '"folder/"': 'folder/',
  '"link/"': 'link/',
  'of 255 bytes': 'n'.repeat(255),
  'of 256 bytes': 'n'.repeat(256),
  'of 5000 bytes': 'n'.repeat(5000),
  'that is no UTF-8': Uint8Array.of(0xff, 0xfe),
} as const;

const lookup: Script = {
  name: 'lookup',
  prepare: makeTree,
  async run(guest) {
    for (const name of KINDS) {
      await guest.step(`LOOKUP of ${name}`, (fuse) => fuse.lookup(1, name));
      await guest.step(`LOOKUP of ${name}, again`, (fuse) => fuse.lookup(1, name));
    }
    await guest.step('LOOKUP of what is not there', (fuse) => fuse.lookup(1, 'nothing'));
    const file = await guest.need('file', (fuse) => fuse.lookup(1, 'file'));
    const folder = await guest.need('folder', (fuse) => fuse.lookup(1, 'folder'));
    const link = await guest.need('outside', (fuse) => fuse.lookup(1, 'outside'));
    await guest.step('LOOKUP in a folder', (fuse) => fuse.lookup(folder.nodeid, 'inner'));
    await guest.step('LOOKUP in a file', (fuse) => fuse.lookup(file.nodeid, 'x'));
    await guest.step('LOOKUP in a symbolic link', (fuse) => fuse.lookup(link.nodeid, 'passwd'));
    await guest.step('LOOKUP in an unknown node', (fuse) => fuse.lookup(4711, 'x'));
    await guest.step('LOOKUP in node 0', (fuse) => fuse.lookup(0, 'file'));
    for (const [label, name] of Object.entries(NAMES)) {
      await guest.step(`LOOKUP of a name ${label}`, (fuse) => fuse.lookup(1, name));
      await guest.step(`LOOKUP in a folder of a name ${label}`, (fuse) => fuse.lookup(folder.nodeid, name));
    }
    for (const name of ['link', 'dangling', 'outside']) {
      const { nodeid } = await guest.need(name, (fuse) => fuse.lookup(1, name));
      await guest.step(`READLINK of ${name}`, (fuse) => fuse.readlink(nodeid));
    }
    await guest.step('READLINK of a file', (fuse) => fuse.readlink(file.nodeid));
    await guest.step('READLINK of a folder', (fuse) => fuse.readlink(folder.nodeid));
    await guest.step('READLINK of an unknown node', (fuse) => fuse.readlink(4711));
  },
};

/** Every request that has a name, with names that are none. */
const names: Script = {
  name: 'names',
  prepare: makeTree,
  async run(guest) {
    const folder = (await guest.need('folder', (fuse) => fuse.lookup(1, 'folder'))).nodeid;
    const file = (await guest.need('file', (fuse) => fuse.lookup(1, 'file'))).nodeid;
    const bad = {
      empty: '',
      '"."': '.',
      '".."': '..',
      'with a slash': 'deep/new',
      'that leads out and in again': '../folder/new',
      'with a slash behind': 'new/',
      'of 256 bytes': 'n'.repeat(256),
    };
    for (const [label, name] of Object.entries(bad)) {
      await guest.step(`MKDIR of a name ${label}`, (f) => f.mkdir(folder, name, { mode: 0o755 }));
      await guest.step(`RMDIR of a name ${label}`, (f) => f.rmdir(folder, name));
      await guest.step(`MKNOD of a name ${label}`, (f) => f.mknod(folder, name, { mode: 0o100644 }));
      await guest.step(`UNLINK of a name ${label}`, (f) => f.unlink(folder, name));
      await guest.step(`SYMLINK of a name ${label}`, (f) => f.symlink(folder, name, 'target'));
      await guest.step(`UNLINK of the symbolic link ${label}`, (f) => f.unlink(folder, name));
      await guest.step(`LINK of a name ${label}`, (f) => f.link(file, folder, name));
      await guest.step(`UNLINK of the link ${label}`, (f) => f.unlink(folder, name));
      await guest.step(`CREATE of a name ${label}`, (f) =>
        f.create(folder, name, { flags: 0o101, mode: 0o644 }),
      );
      await guest.step(`UNLINK of the file ${label}`, (f) => f.unlink(folder, name));
      await guest.step(`RENAME to a name ${label}`, (f) => f.rename(folder, 'inner', folder, name));
      await guest.step(`RENAME from a name ${label}`, (f) => f.rename(folder, name, folder, 'inner'));
      await guest.step(`RENAME2 to a name ${label}`, (f) => f.rename(folder, 'inner', folder, name, 1));
      await guest.step(`RENAME2 from a name ${label}`, (f) => f.rename(folder, name, folder, 'inner', 1));
    }
    await guest.step('SYMLINK to nothing', (f) => f.symlink(folder, 'to-nothing', ''));
    await guest.step('SYMLINK to 4095 bytes', (f) => f.symlink(folder, 'to-4095', 't'.repeat(4095)));
    await guest.step('SYMLINK to 4096 bytes', (f) => f.symlink(folder, 'to-4096', 't'.repeat(4096)));
  },
};

const references: Script = {
  name: 'references',
  prepare: makeTree,
  async run(guest) {
    const getattr = (nodeid: number | bigint) => (fuse: typeof guest.fuse) =>
      fuse.request(3, nodeid, [encode(GetattrIn, {})]);
    const { nodeid } = await guest.need('file', (fuse) => fuse.lookup(1, 'file'));
    await guest.need('file again', (fuse) => fuse.lookup(1, 'second'));
    await guest.step('FORGET of one of two', (fuse) => fuse.forget(nodeid, 1));
    await guest.step('GETATTR while it is known', getattr(nodeid));
    await guest.step('FORGET of the other', (fuse) => fuse.forget(nodeid, 1));
    await guest.step('GETATTR after it', getattr(nodeid));
    await guest.step('FORGET of what is forgotten', (fuse) => fuse.forget(nodeid, 1));
    const other = await guest.need('looked up anew', (fuse) => fuse.lookup(1, 'file'));
    await guest.step('FORGET of more than there are', (fuse) => fuse.forget(other.nodeid, 1000));
    await guest.step('GETATTR after more', getattr(other.nodeid));
    const [a, b] = [
      await guest.need('empty', (fuse) => fuse.lookup(1, 'empty')),
      await guest.need('private', (fuse) => fuse.lookup(1, 'private')),
    ];
    await guest.step('BATCH_FORGET', (fuse) =>
      fuse.batch_forget([
        { nodeid: a.nodeid, nlookup: 1 },
        { nodeid: b.nodeid, nlookup: 1 },
        { nodeid: 4711, nlookup: 1 },
      ]),
    );
    await guest.step('GETATTR after BATCH_FORGET', getattr(a.nodeid));
    await guest.step('BATCH_FORGET of none', (fuse) => fuse.batch_forget([]));
    await guest.step('FORGET of the root', (fuse) => fuse.forget(1, 1000));
    await guest.step('GETATTR of the root after it', getattr(1));
    await guest.step('LOOKUP in the root after it', (fuse) => fuse.lookup(1, 'file'));
    await guest.step('DESTROY', (fuse) => fuse.destroy());
    await guest.step('GETATTR of the root after DESTROY', getattr(1));
    await guest.step('LOOKUP in the root after DESTROY', (fuse) => fuse.lookup(1, 'file'));
  },
};

export const lookupScripts: readonly Script[] = [lookup, names, references];
