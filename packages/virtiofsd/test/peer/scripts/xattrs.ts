import { chmodSync, chownSync } from 'node:fs';
import { join } from 'node:path';
import type { FuseClient, U64 } from '@vfs/fuse-proto';
import { setxattr } from '@vfs/sys';
import type { Guest } from '../guest.js';
import type { Script } from '../script.js';
import { named, u32 } from './extensions.js';
import { ALICE, makeTree, setTimes } from './tree.js';

const NAMES = [
  'user.test',
  'user.virtiofs.user.test',
  'trusted.test',
  'security.test',
  'security.capability',
  'security.selinux',
  'system.posix_acl_access',
  'system.posix_acl_default',
  'system.posix',
  'system.',
  's',
  'other',
  '',
  'user.',
  `user.${'n'.repeat(250)}`,
  `user.${'n'.repeat(251)}`,
];

/** The ACL u::rw-,u:1000:rwx,g::r--,m::rwx,o::--- as its attribute has it. */
const ACL = Buffer.concat([
  u32(2),
  ...[
    [1, 6, 0xffff_ffff],
    [2, 7, ALICE],
    [4, 4, 0xffff_ffff],
    [16, 7, 0xffff_ffff],
    [32, 0, 0xffff_ffff],
  ].map(([tag, permissions, id]) => u32(tag! | (permissions! << 16), id!)),
]);

function prepare(directory: string): void {
  makeTree(directory);
  for (const name of ['file', 'folder']) {
    for (const attribute of ['user.host', 'user.virtiofs.user.inner', 'trusted.host']) {
      setxattr({ path: join(directory, name) }, attribute, Buffer.from(`${attribute} of ${name}`));
    }
  }
  setTimes(directory);
}

async function everyName(guest: Guest, node: number | bigint, of: string): Promise<void> {
  for (const name of NAMES) {
    const shown = name.length > 40 ? `of ${name.length} bytes` : `'${name}'`;
    await guest.step(`SETXATTR ${shown} of ${of}`, (f) => f.setxattr(node, name, Buffer.from('value')));
    await guest.step(`GETXATTR ${shown} of ${of}`, (f) => f.getxattr(node, name, 100));
    await guest.step(`LISTXATTR after ${shown} of ${of}`, (f) => f.listxattr(node, 4096));
    await guest.step(`REMOVEXATTR ${shown} of ${of}`, (f) => f.removexattr(node, name));
  }
}

function xattrs(...options: string[]): Script {
  return {
    name: ['xattr', ...options].join(' '),
    options,
    prepare,
    async run(guest) {
      for (const of of ['file', 'folder', 'link', 'fifo', 'device']) {
        const { nodeid } = await guest.need(of, (f) => f.lookup(1, of));
        await everyName(guest, nodeid, of);
      }
      const { nodeid } = await guest.need('file', (f) => f.lookup(1, 'file'));
      await guest.step('GETXATTR of the length', (f) =>
        f.request(22, nodeid, [u32(0, 0), named('user.host')]),
      );
      await guest.step('GETXATTR into too little', (f) => f.getxattr(nodeid, 'user.host', 3));
      await guest.step('GETXATTR of 2 MiB', (f) =>
        f.request(22, nodeid, [u32(2 << 20, 0), named('user.host')]),
      );
      await guest.step('LISTXATTR of the length', (f) => f.request(23, nodeid, [u32(0, 0)]));
      await guest.step('LISTXATTR into too little', (f) => f.listxattr(nodeid, 3));
      await guest.step('SETXATTR with XATTR_REPLACE', (f) =>
        f.setxattr(nodeid, 'user.new', Buffer.from('x'), 2),
      );
      await guest.step('SETXATTR with XATTR_CREATE', (f) =>
        f.setxattr(nodeid, 'user.new', Buffer.from('x'), 1),
      );
      await guest.step('SETXATTR with XATTR_CREATE, again', (f) =>
        f.setxattr(nodeid, 'user.new', Buffer.from('x'), 1),
      );
      await guest.step('SETXATTR with an unknown flag', (f) =>
        f.setxattr(nodeid, 'user.new', Buffer.from('x'), 8),
      );
      await guest.step('SETXATTR of nothing', (f) => f.setxattr(nodeid, 'user.new', new Uint8Array(0)));
      await guest.step('GETXATTR of nothing', (f) => f.getxattr(nodeid, 'user.new', 100));
      await guest.step('SETXATTR of 70000 bytes', (f) =>
        f.setxattr(nodeid, 'user.new', new Uint8Array(70_000)),
      );
      await guest.step('SETXATTR of an unknown node', (f) => f.setxattr(4711, 'user.x', Buffer.from('x')));
      await guest.step('GETXATTR of an unknown node', (f) => f.getxattr(4711, 'user.x', 10));
      await guest.step('LISTXATTR of an unknown node', (f) => f.listxattr(4711, 10));
      await guest.step('REMOVEXATTR of an unknown node', (f) => f.removexattr(4711, 'user.x'));
    },
  };
}

type Setxattr = (
  fuse: FuseClient,
  node: U64,
  name: string,
  value: Uint8Array,
  flags: number,
) => Promise<unknown>;

/** The form that ACLs bring with them, with flags of its own. */
const long: Setxattr = (fuse, node, name, value, flags) =>
  fuse.request(21, node, [u32(value.length, 0, flags, 0), named(name), value]);
const short: Setxattr = (fuse, node, name, value) => fuse.setxattr(node, name, value);

function acls(set: Setxattr, ...options: string[]): Script {
  return {
    name: ['ACLs', ...options].join(' '),
    options,
    prepare(directory) {
      prepare(directory);
      setxattr({ path: join(directory, 'everybodys') }, 'system.posix_acl_default', ACL);
      for (const [name, mode] of [['groups', 0o2775]] as const) chmodSync(join(directory, name), mode);
      chownSync(join(directory, 'groups'), ALICE, 3000);
      chmodSync(join(directory, 'groups'), 0o2775);
    },
    async run(guest) {
      const { nodeid: file } = await guest.need('file', (f) => f.lookup(1, 'file'));
      const { nodeid: groups } = await guest.need('groups', (f) => f.lookup(1, 'groups'));
      const { nodeid: folder } = await guest.need('everybodys', (f) => f.lookup(1, 'everybodys'));
      await guest.step('GETXATTR of an ACL that is not there', (f) =>
        f.getxattr(file, 'system.posix_acl_access', 100),
      );
      await guest.step('SETXATTR of an ACL', (f) => set(f, file, 'system.posix_acl_access', ACL, 0));
      await guest.step('GETXATTR of an ACL', (f) => f.getxattr(file, 'system.posix_acl_access', 100));
      await guest.step('GETATTR after it', (f) => f.getattr(file));
      await guest.step('LISTXATTR', (f) => f.listxattr(file, 1000));
      await guest.step('SETXATTR of a broken ACL', (f) =>
        set(f, file, 'system.posix_acl_access', u32(9, 9), 0),
      );
      await guest.step('SETXATTR that clears set-group-ID', (f) =>
        set(f, groups, 'system.posix_acl_access', ACL, 1),
      );
      await guest.step('GETATTR after clearing', (f) => f.getattr(groups));
      await guest.step('REMOVEXATTR of an ACL', (f) => f.removexattr(file, 'system.posix_acl_access'));
      await guest.step('GETXATTR of a default ACL', (f) =>
        f.getxattr(folder, 'system.posix_acl_default', 100),
      );
      await guest.step('SETXATTR of a default ACL on a file', (f) =>
        set(f, file, 'system.posix_acl_default', ACL, 0),
      );
      await guest.as(ALICE, ALICE, async () => {
        await guest.step('MKDIR under a default ACL', (f) =>
          f.mkdir(folder, 'd', { mode: 0o777, umask: 0o77 }),
        );
        await guest.step('CREATE under a default ACL', (f) =>
          f.create(folder, 'f', { flags: 0o102, mode: 0o666, umask: 0o77 }),
        );
        await guest.step('MKNOD under a default ACL', (f) =>
          f.mknod(folder, 'n', { mode: 0o100666, umask: 0o77 }),
        );
        await guest.step('MKDIR with a umask', (f) => f.mkdir(1, 'd', { mode: 0o777, umask: 0o77 }));
      });
      await guest.step('MKDIR by root with a umask', (f) =>
        f.mkdir(1, 'root-d', { mode: 0o777, umask: 0o77 }),
      );
      await guest.step('CREATE by root with a umask', (f) =>
        f.create(1, 'f', { flags: 0o102, mode: 0o666, umask: 0o27 }),
      );
    },
  };
}

/** A creation with a security context. */
function labelled(name: string, context: Uint8Array | null): Uint8Array[] {
  return [u32(0o755, 0), named(name), ...(context ? [context] : [])];
}

function contextOf(attribute: string, value: string, count = 1): Uint8Array {
  const text = Buffer.from(`${attribute}\0`);
  const bytes = Buffer.concat([u32(value.length, 0), text, Buffer.from(value)]);
  const padding = Buffer.alloc(-bytes.length & 7);
  return Buffer.concat([u32(8 + bytes.length + padding.length, count), bytes, padding]);
}

const labels: Script = {
  name: 'security labels',
  options: ['--security-label'],
  prepare,
  async run(guest) {
    const make = (label: string, name: string, context: Uint8Array | null) =>
      guest.step(label, (f) =>
        f.request(9, 1, labelled(name, context), undefined, { total_extlen: (context?.length ?? 0) / 8 }),
      );
    await make('MKDIR with a context', 'a', contextOf('security.selinux', 'label\0'));
    const { nodeid } = await guest.need('what was made', (f) => f.lookup(1, 'a'));
    await guest.step('GETXATTR of it', (f) => f.getxattr(nodeid, 'security.selinux', 100));
    await make('MKDIR with a context that cannot be set', 'b', contextOf('bad.name', 'label'));
    await guest.step('LOOKUP of what could not be labelled', (f) => f.lookup(1, 'b'));
    await make('MKDIR with no context inside', 'c', u32(8, 0));
  },
};

export const xattrScripts: readonly Script[] = [
  xattrs(),
  xattrs('--xattr'),
  xattrs('--xattrmap=:map::user.virtiofs.:'),
  xattrs('--xattrmap=:map:trusted.:user.virtiofs.:'),
  xattrs('--xattrmap=:prefix:all::user.virtiofs.::bad:all:::'),
  xattrs(
    '--xattrmap=/bad/client/security./ / /unsupported/all/trusted./trusted./ /ok/all///'.replace('/ /', '//'),
  ),
  acls(short, '--xattr'),
  acls(long, '--posix-acl'),
  acls(long, '--posix-acl=auto'),
  labels,
];
