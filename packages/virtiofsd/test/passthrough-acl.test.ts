import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import {
  FUSE_DONT_MASK,
  FUSE_POSIX_ACL,
  FUSE_SECURITY_CTX,
  FUSE_SETXATTR_ACL_KILL_SGID,
  FUSE_SETXATTR_EXT,
} from '@vfs/fuse-proto';
import { O_CREAT, O_RDWR, setxattr, umask } from '@vfs/sys';
import { describe, expect, it } from 'vitest';
import { sharedDirectory } from './support/fixture.js';

/** u::rw-, u:1000:rwx, g::r--, m::rwx, o::r-- */
const LIST = Buffer.from(
  '0200000001000600ffffffff02000700e803000004000400ffffffff10000700ffffffff20000400ffffffff',
  'hex',
);
const ACCESS = 'system.posix_acl_access';
const DEFAULT = 'system.posix_acl_default';
const FLAGS = FUSE_POSIX_ACL | FUSE_DONT_MASK | FUSE_SETXATTR_EXT;

const withLists = () =>
  sharedDirectory({ parent: tmpdir(), serving: { settings: { posixAcl: 'always', killprivV2: false } } });

/** What SETXATTR has with FUSE_SETXATTR_EXT: size, flags, setxattr_flags, padding. */
function longForm(name: string, value: Uint8Array, setxattrFlags: number): Uint8Array {
  const head = Buffer.alloc(16);
  head.writeUInt32LE(value.length, 0);
  head.writeUInt32LE(setxattrFlags, 8);
  return Buffer.concat([head, Buffer.from(`${name}\0`), value]);
}
const SETXATTR = 21;
const permissions = (path: string): number => statSync(path).mode & 0o7777;

describe('INIT', () => {
  it('agrees on access control lists and labels with who offers all that they take', async () => {
    const { client, share } = await sharedDirectory({
      serving: { settings: { posixAcl: 'always', securityLabel: 'always' } },
    });
    const { flags, flags2 } = await client.init();
    const agreed = BigInt(flags) | (BigInt(flags2) << 32n);
    expect(agreed & FLAGS).toBe(FLAGS);
    expect(agreed & FUSE_SECURITY_CTX).toBe(FUSE_SECURITY_CTX);
    expect(share.agreed).toMatchObject({ posixAcl: true, securityLabel: true });
  });

  it('agrees on nothing that was not asked for', async () => {
    const { client, share } = await sharedDirectory();
    const { flags, flags2 } = await client.init();
    expect((BigInt(flags) | (BigInt(flags2) << 32n)) & (FLAGS | FUSE_SECURITY_CTX)).toBe(0n);
    expect(share.agreed).toMatchObject({ posixAcl: false, securityLabel: false });
  });

  it.each([
    ['posixAcl', FUSE_POSIX_ACL],
    ['posixAcl', FUSE_DONT_MASK],
    ['posixAcl', FUSE_SETXATTR_EXT],
    ['securityLabel', FUSE_SECURITY_CTX],
  ] as const)('refuses who lacks something for %s: always', async (setting, flag) => {
    const { client, messages } = await sharedDirectory({ serving: { settings: { [setting]: 'always' } } });
    await expect(client.init(flag)).rejects.toThrow('EPROTO');
    expect(messages.some((line) => line.includes('which are required: it is refused'))).toBe(true);
    await client.init();
  });

  it.each([
    ['posixAcl', FUSE_POSIX_ACL],
    ['posixAcl', FUSE_SETXATTR_EXT],
    ['securityLabel', FUSE_SECURITY_CTX],
  ] as const)('goes on without %s: auto', async (setting, flag) => {
    const { client, share, messages } = await sharedDirectory({
      serving: { settings: { [setting]: 'auto' } },
    });
    expect(share.agreed[setting]).toBe(true);
    const { flags } = await client.init(flag);
    expect(BigInt(flags) & FLAGS).toBe(0n);
    expect(share.agreed[setting]).toBe(false);
    expect(messages.some((line) => line.includes('WARN') && line.includes('going on without'))).toBe(true);
    await client.getattr(1);
  });
});

describe('access control lists in force', () => {
  it('are attributes that the guest can use', async () => {
    const { client, path } = await withLists();
    mkdirSync(path('directory'));
    const id = await client.walk('directory');
    for (const name of [ACCESS, DEFAULT]) {
      await client.call(SETXATTR, id, [longForm(name, LIST, 0)]);
      expect(await client.getxattr(id, name)).toBe(LIST.toString('latin1'));
    }
    expect(await client.listxattr(id)).toEqual([ACCESS, DEFAULT]);
    await client.removexattr(id, DEFAULT);
    expect(await client.listxattr(id)).toEqual([ACCESS]);
  });

  it.each([
    ['goes, where the guest says so', FUSE_SETXATTR_ACL_KILL_SGID, 0o674],
    ['stays otherwise', 0, 0o2674],
  ])('set-group-ID %s, when a list is set', async (_, flags, expected) => {
    const { client, path } = await withLists();
    writeFileSync(path('file'), '');
    chmodSync(path('file'), 0o2755);
    const id = await client.walk('file');
    await client.call(SETXATTR, id, [longForm(ACCESS, LIST, flags)]);
    expect(permissions(path('file'))).toBe(expected);
    expect(await client.getxattr(id, ACCESS)).toBe(LIST.toString('latin1'));
  });

  it('set-group-ID stays when the list could not be set', async () => {
    const { client, path } = await withLists();
    writeFileSync(path('file'), '');
    chmodSync(path('file'), 0o2755);
    const id = await client.walk('file');
    const broken = longForm(ACCESS, LIST.subarray(0, 20), FUSE_SETXATTR_ACL_KILL_SGID);
    await expect(client.call(SETXATTR, id, [broken])).rejects.toThrow('EINVAL');
    expect(permissions(path('file'))).toBe(0o2755);
  });

  /** Creates one of each, with all permissions and a umask. */
  async function createAll(fixture: Awaited<ReturnType<typeof withLists>>, parent: number) {
    const mask = { umask: 0o077 };
    const { fuse } = fixture.client;
    await fuse.mkdir(parent, 'directory', { mode: 0o777, ...mask });
    await fuse.mknod(parent, 'fifo', { mode: 0o010666, ...mask });
    await fuse.create(parent, 'file', { mode: 0o666, flags: O_RDWR | O_CREAT, ...mask });
  }

  it('leave the umask of the guest’s process to the host, where the directory has no default list', async () => {
    const fixture = await withLists();
    const { path } = fixture;
    await createAll(fixture, 1);
    expect(permissions(path('directory'))).toBe(0o700);
    expect(permissions(path('fifo'))).toBe(0o600);
    expect(permissions(path('file'))).toBe(0o600);
    // The process has its own again.
    const own = umask(0o22);
    umask(own);
    expect(own).toBe(0);
  });

  it('take the place of the umask, where it has one', async () => {
    const fixture = await withLists();
    const { path, client } = fixture;
    setxattr({ path: path() }, DEFAULT, LIST);
    await createAll(fixture, 1);
    expect(permissions(path('directory'))).toBe(0o674);
    expect(permissions(path('fifo'))).toBe(0o664);
    expect(permissions(path('file'))).toBe(0o664);
    const directory = await client.walk('directory');
    expect(await client.getxattr(directory, DEFAULT)).toBe(LIST.toString('latin1'));
    expect(await client.listxattr(await client.walk('file'))).toEqual([ACCESS]);
  });

  it('without them, the guest has applied the umask itself', async () => {
    const fixture = await sharedDirectory({ parent: tmpdir() });
    await createAll(fixture, 1);
    expect(permissions(fixture.path('file'))).toBe(0o666);
  });
});
