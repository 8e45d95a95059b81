import type { Guest } from '../guest.js';
import type { Script } from '../script.js';
import { ALICE, BOB, makeTree } from './tree.js';

/** Requests that change something, and some that do not. */
async function everything(guest: Guest): Promise<void> {
  const { nodeid: file } = await guest.need('file', (f) => f.lookup(1, 'file'));
  const { nodeid: folder } = await guest.need('folder', (f) => f.lookup(1, 'folder'));
  for (const flags of [0, 1, 2, 0o100, 0o200, 0o1000, 0o1001, 0o2001, 0o20200002, 0o10000000]) {
    await guest.step(`OPEN 0${flags.toString(8)}`, (f) => f.open(file, { flags }));
  }
  const { fh } = await guest.need('OPEN', (f) => f.open(file, { flags: 0 }));
  await guest.step('READ', (f) => f.read(file, { fh, size: 10 }));
  await guest.step('WRITE', (f) => f.write(file, Uint8Array.of(1), { fh }));
  await guest.step('FALLOCATE', (f) => f.fallocate(file, { fh, length: 10 }));
  await guest.step('COPY_FILE_RANGE', (f) =>
    f.copy_file_range(file, { fh_in: fh, nodeid_out: file, fh_out: fh, off_out: 5, len: 3 }),
  );
  await guest.step('FLUSH', (f) => f.flush(file, { fh }));
  await guest.step('FSYNC', (f) => f.fsync(file, { fh }));
  await guest.step('SYNCFS', (f) => f.syncfs(1));
  await guest.step('SETATTR', (f) => f.setattr(file, { valid: 1, mode: 0o600 }));
  await guest.step('SETATTR of nothing', (f) => f.setattr(file, { valid: 0 }));
  await guest.step('MKDIR', (f) => f.mkdir(1, 'd', { mode: 0o755 }));
  await guest.step('MKDIR over an entry', (f) => f.mkdir(1, 'folder', { mode: 0o755 }));
  await guest.step('MKNOD', (f) => f.mknod(1, 'n', { mode: 0o100644 }));
  await guest.step('SYMLINK', (f) => f.symlink(1, 's', 'x'));
  await guest.step('LINK', (f) => f.link(file, 1, 'l'));
  await guest.step('UNLINK', (f) => f.unlink(1, 'empty'));
  await guest.step('UNLINK of nothing', (f) => f.unlink(1, 'nothing'));
  await guest.step('RMDIR', (f) => f.rmdir(folder, 'deep'));
  await guest.step('RENAME', (f) => f.rename(1, 'second', 1, 'third'));
  await guest.step('RENAME2', (f) => f.rename(1, 'third', 1, 'fourth', 1));
  await guest.step('CREATE', (f) => f.create(1, 'c', { flags: 0o102, mode: 0o644 }));
  await guest.step('CREATE over an entry for reading', (f) =>
    f.create(1, 'file', { flags: 0o100, mode: 0o644 }),
  );
  await guest.step('CREATE over an entry for writing', (f) =>
    f.create(1, 'file', { flags: 0o102, mode: 0o644 }),
  );
  await guest.step('CREATE with O_EXCL over an entry', (f) =>
    f.create(1, 'file', { flags: 0o300, mode: 0o644 }),
  );
  await guest.step('SETXATTR', (f) => f.setxattr(file, 'user.x', Buffer.from('x')));
  await guest.step('GETXATTR', (f) => f.getxattr(file, 'user.x', 10));
  await guest.step('LISTXATTR', (f) => f.listxattr(file, 100));
  await guest.step('REMOVEXATTR', (f) => f.removexattr(file, 'user.x'));
  for (const mask of [0, 1, 2, 4, 6]) await guest.step(`ACCESS ${mask}`, (f) => f.access(file, mask));
  await guest.step('STATFS', (f) => f.statfs(1));
  await guest.step('OPENDIR', (f) => f.opendir(1));
}

const readOnly: Script = {
  name: 'read-only',
  options: ['--readonly', '--xattr'],
  prepare: makeTree,
  run: everything,
};

function translated(...options: string[]): Script {
  return {
    name: ['translated', ...options].join(' '),
    options,
    prepare: makeTree,
    async run(guest) {
      for (const name of ['file', 'alices', 'groups', 'everybodys']) {
        const { nodeid } = await guest.need(`LOOKUP of ${name}`, (f) => f.lookup(1, name));
        await guest.step(`GETATTR of ${name}`, (f) => f.getattr(nodeid));
        for (const [who, uid] of [
          ['root', 0],
          ['alice', ALICE],
          ['bob', BOB],
          ['user 5', 5],
        ] as const) {
          await guest.step(`ACCESS of ${name} by ${who}`, (f) =>
            guest.as(uid, uid, () => f.access(nodeid, 6)),
          );
        }
      }
      const { nodeid: folder } = await guest.need('everybodys', (f) => f.lookup(1, 'everybodys'));
      const { nodeid: file } = await guest.need('file', (f) => f.lookup(1, 'file'));
      for (const id of [0, 5, ALICE, BOB, 0xffff_fffe]) {
        await guest.as(id, id, async () => {
          await guest.step(`MKDIR by ${id}`, (f) => f.mkdir(folder, `d-${id}`, { mode: 0o755 }));
          await guest.step(`CREATE by ${id}`, (f) =>
            f.create(folder, `f-${id}`, { flags: 0o102, mode: 0o644 }),
          );
        });
        await guest.step(`SETATTR owner ${id}`, (f) => f.setattr(file, { valid: 6, uid: id, gid: id }));
        await guest.step(`SETATTR mode with owner ${id} beside it`, (f) =>
          f.setattr(file, { valid: 1, mode: 0o644, uid: id }),
        );
      }
      await guest.step('READDIRPLUS', async (f) => {
        const { fh } = await f.opendir(folder);
        return f.readdirplus(folder, { fh });
      });
    },
  };
}

export const policyScripts: readonly Script[] = [
  readOnly,
  translated('--translate-uid=map:0:0:1', '--translate-gid=map:0:0:1'),
  translated('--translate-uid=map:1000:5000:10', '--translate-gid=map:1000:5000:10'),
  translated('--translate-uid=guest:1000:5000:10', '--translate-gid=guest:1000:5000:10'),
  translated('--translate-uid=host:1000:7:10', '--translate-gid=host:1000:7:10'),
  translated(
    '--translate-uid=squash-guest:0:2000:4294967295',
    '--translate-gid=squash-guest:0:2000:4294967295',
  ),
  translated('--translate-uid=squash-host:0:5:4294967295', '--translate-gid=squash-host:0:5:4294967295'),
  translated('--translate-uid=forbid-guest:1000:100', '--translate-gid=forbid-guest:1000:100'),
];
