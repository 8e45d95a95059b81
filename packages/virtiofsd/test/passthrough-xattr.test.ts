import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readlinkSync,
  rmdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AT_FDCWD,
  close,
  getxattr,
  listxattr,
  mknodat,
  O_PATH,
  openat,
  PR_SET_DUMPABLE,
  raw,
  S_IFCHR,
  S_IFIFO,
  S_IFSOCK,
  setxattr,
  XATTR_CREATE,
  XATTR_REPLACE,
} from '@vfs/sys';
import { describe, expect, it } from 'vitest';
import { CallsFromDirectory, CallsFromWorkingDirectory } from '../src/passthrough/xattr-calls.js';
import { parseXattrMap } from '../src/xattr-map/index.js';
import { type Fixture, sharedDirectory, temporaryDirectory } from './support/fixture.js';

const isRoot = process.geteuid!() === 0;
const bytes = (text: string): Uint8Array => Buffer.from(text);
const text = (data: Uint8Array): string => Buffer.from(data).toString('latin1');

/** The value that a file of the host has. */
const hostValue = (path: string, name: string): string => text(getxattr({ path, follow: false }, name));

/** The names that a file of the host has, without those that the system gives. */
function hostNames(path: string): string[] {
  const names = listxattr({ path, follow: false }).map(text);
  return names.filter((name) => name !== 'security.selinux').sort();
}

function hasUserAttributes(directory: string): boolean {
  const place = mkdtempSync(join(directory, 'virtiofsd-probe-'));
  try {
    setxattr({ path: place }, 'user.probe', bytes('x'));
    return true;
  } catch {
    return false;
  } finally {
    rmdirSync(place);
  }
}

/** A share with an empty file. */
async function withFile(map?: string, parent = tmpdir()): Promise<Fixture & { id: number; file: string }> {
  const fixture = await sharedDirectory({
    parent,
    share: { xattr: true, ...(map !== undefined && { xattrMap: parseXattrMap(map) }) },
  });
  const file = fixture.path('file');
  writeFileSync(file, '');
  return { ...fixture, file, id: Number(await fixture.client.walk('file')) };
}

it('without the option, all four answer ENOSYS', async () => {
  const { client } = await sharedDirectory();
  await expect(client.getxattr(1, 'user.a')).rejects.toThrow('ENOSYS');
  await expect(client.setxattr(1, 'user.a', 'x')).rejects.toThrow('ENOSYS');
  await expect(client.listxattr(1)).rejects.toThrow('ENOSYS');
  await expect(client.removexattr(1, 'user.a')).rejects.toThrow('ENOSYS');
});

/** A tmpfs has attributes of users since Linux 6.6. */
const places = [
  ['the temporary directory', tmpdir()],
  ...(hasUserAttributes('/dev/shm') ? [['a tmpfs', '/dev/shm'] as const] : []),
] as const;

describe.each(places)('on %s', (_, parent) => {
  it('a value is set, read, listed and removed', async () => {
    const { client, id, file } = await withFile(undefined, parent);
    await client.setxattr(id, 'user.a', 'value');
    expect(hostValue(file, 'user.a')).toBe('value');
    expect(await client.getxattr(id, 'user.a')).toBe('value');
    expect(await client.getxattr(id, 'user.a', 5)).toBe('value');
    expect(await client.listxattr(id)).toEqual(['user.a']);
    await client.removexattr(id, 'user.a');
    expect(hostNames(file)).toEqual([]);
    expect(await client.listxattr(id)).toEqual([]);
  });

  it('an empty value is one, and not none', async () => {
    const { client, id } = await withFile(undefined, parent);
    await client.setxattr(id, 'user.a', '');
    expect(await client.getxattr(id, 'user.a')).toBe('');
    expect(await client.getxattr(id, 'user.a', 100)).toBe('');
    expect(await client.listxattr(id)).toEqual(['user.a']);
  });

  it('names and values are bytes', async () => {
    const { client, id, file } = await withFile(undefined, parent);
    const name = Buffer.from('user.\xff\xc3\x28', 'latin1');
    await client.setxattr(id, name, Uint8Array.of(0, 255, 10, 0));
    expect(hostValue(file, name as never)).toBe('\0\xff\n\0');
    expect(await client.getxattr(id, name)).toBe('\0\xff\n\0');
    expect(await client.listxattr(id)).toEqual([text(name)]);
  });

  it('errors are those of a local file', async () => {
    const { client, id } = await withFile(undefined, parent);
    await client.setxattr(id, 'user.a', 'value', XATTR_CREATE);
    await expect(client.setxattr(id, 'user.a', 'other', XATTR_CREATE)).rejects.toThrow('EEXIST');
    await expect(client.setxattr(id, 'user.b', 'x', XATTR_REPLACE)).rejects.toThrow('ENODATA');
    await expect(client.setxattr(id, 'user.a', 'x', 4)).rejects.toThrow('EINVAL');
    await expect(client.getxattr(id, 'user.b')).rejects.toThrow('ENODATA');
    await expect(client.getxattr(id, 'user.a', 4)).rejects.toThrow('ERANGE');
    await expect(client.listxattr(id, 6)).rejects.toThrow('ERANGE');
    await expect(client.removexattr(id, 'user.b')).rejects.toThrow('ENODATA');
    await expect(client.getxattr(id, 'unknown.a')).rejects.toThrow('EOPNOTSUPP');
    await expect(client.setxattr(id, `user.${'n'.repeat(251)}`, 'x')).rejects.toThrow('ERANGE');
    await expect(client.setxattr(id, 'user.a', new Uint8Array(65537))).rejects.toThrow('E2BIG');
    await expect(client.getxattr(4711, 'user.a')).rejects.toThrow('ESTALE');
    expect(await client.getxattr(id, 'user.a')).toBe('value');
  });

  it('other types have what the kernel lets them have', async () => {
    const { client, path } = await sharedDirectory({ parent, share: { xattr: true } });
    mkdirSync(path('directory'));
    symlinkSync('nowhere', path('link'));
    mknodat(AT_FDCWD, path('fifo'), S_IFIFO | 0o600, 0);
    mknodat(AT_FDCWD, path('socket'), S_IFSOCK | 0o600, 0);
    if (isRoot) mknodat(AT_FDCWD, path('null'), S_IFCHR | 0o600, 0x103);
    const directory = await client.walk('directory');
    await client.setxattr(directory, 'user.a', 'value');
    expect(hostValue(path('directory'), 'user.a')).toBe('value');
    for (const name of ['link', 'fifo', 'socket', ...(isRoot ? ['null'] : [])]) {
      const id = await client.walk(name);
      await expect(client.setxattr(id, 'user.a', 'value'), name).rejects.toThrow('EPERM');
      await expect(client.getxattr(id, 'user.a'), name).rejects.toThrow('ENODATA');
      expect(await client.listxattr(id), name).toEqual([]);
      if (!isRoot) continue;
      await client.setxattr(id, 'trusted.a', name);
      expect(hostValue(path(name), 'trusted.a')).toBe(name);
      expect(await client.getxattr(id, 'trusted.a')).toBe(name);
      expect(await client.listxattr(id)).toEqual(['trusted.a']);
      await client.removexattr(id, 'trusted.a');
    }
  });
});

it('the longest value goes through', async ({ skip }) => {
  const [, parent] =
    places[1] ?? skip('it takes a tmpfs: on most file systems values have to fit into a block');
  const { client, id } = await withFile(undefined, parent);
  const value = 'v'.repeat(65536);
  await client.setxattr(id, 'user.a', value);
  expect(await client.getxattr(id, 'user.a')).toBe(value);
  expect(await client.getxattr(id, 'user.a', 1 << 20)).toBe(value);
});

describe('access control lists that are not in force', () => {
  /** An owner, a named user, a group, a mask and others. */
  const LIST = Buffer.from(
    '0200000001000600ffffffff02000700e803000004000400ffffffff10000700ffffffff20000400ffffffff',
    'hex',
  );

  it.each(['system.posix_acl_access', 'system.posix_acl_default'])('%s is out of reach', async (name) => {
    const { client, path } = await sharedDirectory({ share: { xattr: true } });
    mkdirSync(path('directory'));
    const id = await client.walk('directory');
    setxattr({ path: path('directory') }, name, LIST);
    setxattr({ path: path('directory') }, 'user.a', bytes('x'));
    await expect(client.getxattr(id, name)).rejects.toThrow('EOPNOTSUPP');
    await expect(client.setxattr(id, name, LIST)).rejects.toThrow('EOPNOTSUPP');
    await expect(client.removexattr(id, name)).rejects.toThrow('EOPNOTSUPP');
    // The length is that of what is seen.
    expect(await client.listxattr(id)).toEqual(['user.a']);
    expect(await client.listxattr(id, 7)).toEqual(['user.a']);
  });

  it('names that merely resemble theirs are not', async () => {
    const { client, id } = await withFile();
    for (const name of ['system.posix_acl_accessory', 's', 'system.']) {
      await expect(client.getxattr(id, name), name).rejects.toThrow('EOPNOTSUPP');
    }
    await client.setxattr(id, 'user.s', 'x');
    expect(await client.listxattr(id)).toEqual(['user.s']);
  });

  it('no map leads to them, and they lead nowhere', async () => {
    const { client, id, file } = await withFile(
      ':prefix:all:user.:system.: :prefix:all::user.virtiofs.: :bad:all:::',
    );
    setxattr({ path: file }, 'system.posix_acl_access', LIST);
    await expect(client.setxattr(id, 'user.posix_acl_access', LIST)).rejects.toThrow('EOPNOTSUPP');
    await expect(client.setxattr(id, 'system.posix_acl_access', LIST)).rejects.toThrow('EOPNOTSUPP');
    expect(await client.listxattr(id)).toEqual([]);
  });
});

describe('with a map', () => {
  it('the guest has names of its own', async () => {
    const { client, id, file } = await withFile(':map::user.virtiofs.:');
    setxattr({ path: file }, 'user.host', bytes('hidden'));
    await client.setxattr(id, 'trusted.a', 'value');
    await client.setxattr(id, 'user.host', 'guest');
    expect(hostNames(file)).toEqual(['user.host', 'user.virtiofs.trusted.a', 'user.virtiofs.user.host']);
    expect(await client.listxattr(id)).toEqual(['trusted.a', 'user.host']);
    expect(await client.getxattr(id, 'user.host')).toBe('guest');
    await client.removexattr(id, 'user.host');
    expect(hostValue(file, 'user.host')).toBe('hidden');
    await expect(client.setxattr(id, 'n'.repeat(242), 'x')).rejects.toThrow('ERANGE');
  });

  it('bad is EPERM, and to readers ENODATA; unsupported is EOPNOTSUPP; both are hidden', async () => {
    const map = ':bad:all:user.bad:user.bad: :unsupported:all:user.un:user.un: :ok:all:::';
    const { client, id, file } = await withFile(map);
    for (const name of ['user.bad', 'user.unsupported', 'user.ok'])
      setxattr({ path: file }, name, bytes('x'));
    await expect(client.setxattr(id, 'user.bad', 'y')).rejects.toThrow('EPERM');
    await expect(client.removexattr(id, 'user.bad')).rejects.toThrow('EPERM');
    await expect(client.getxattr(id, 'user.bad')).rejects.toThrow('ENODATA');
    await expect(client.setxattr(id, 'user.unsupported', 'y')).rejects.toThrow('EOPNOTSUPP');
    await expect(client.getxattr(id, 'user.unsupported')).rejects.toThrow('EOPNOTSUPP');
    expect(await client.listxattr(id)).toEqual(['user.ok']);
    expect(hostNames(file)).toEqual(['user.bad', 'user.ok', 'user.unsupported']);
  });

  it('a name without a rule is out of reach, and nothing ends', async () => {
    const { client, id, file } = await withFile(':ok:all:user.a:user.a:');
    setxattr({ path: file }, 'user.b', bytes('x'));
    await expect(client.setxattr(id, 'user.b', 'y')).rejects.toThrow('EPERM');
    await expect(client.getxattr(id, 'user.b')).rejects.toThrow('ENODATA');
    expect(await client.listxattr(id)).toEqual([]);
    await client.setxattr(id, 'user.a', 'z');
    expect(await client.listxattr(id)).toEqual(['user.a']);
  });
});

it.runIf(isRoot)('a daemon without privilege needs not be able to read a file for that', async () => {
  const NOBODY = 65534;
  const parent = temporaryDirectory();
  chownSync(parent, NOBODY, NOBODY);
  process.setegid!(NOBODY);
  process.seteuid!(NOBODY);
  try {
    // As after an execve(2): else the process may not look into its own /proc/self/fd.
    raw.prctl(PR_SET_DUMPABLE, 1, 0);
    const { client, id, file } = await withFile(undefined, parent);
    chmodSync(file, 0o200);
    await client.setxattr(id, 'user.a', 'value');
    expect(await client.listxattr(id)).toEqual(['user.a']);
    await expect(client.getxattr(id, 'user.a')).rejects.toThrow('EACCES');
    await client.removexattr(id, 'user.a');
    expect(await client.listxattr(id)).toEqual([]);
  } finally {
    process.seteuid!(0);
    process.setegid!(0);
  }
});

describe.each([
  ['from a directory', CallsFromDirectory],
  ['from the working directory', CallsFromWorkingDirectory],
])('the calls %s', (_, Calls) => {
  it('do the same, and leave the working directory as it was', async ({ skip }) => {
    const { share, client, id, file } = await withFile();
    const { window, name, value, calls: chosen } = share.xattrs!;
    if (Calls === CallsFromDirectory && !(chosen instanceof Calls)) skip('this kernel does not have them');
    using calls = new Calls(share.procSelfFd, share.scratch);
    const before = readlinkSync('/proc/self/cwd');
    const descriptor = openat(AT_FDCWD, file, O_PATH);
    window.u8.set(bytes('user.a\0'), name);
    window.u8.set(bytes('value'), value);
    expect(calls.set(descriptor, window, name, value, 5, XATTR_CREATE)).toBe(0);
    expect(await client.getxattr(id, 'user.a')).toBe('value');
    expect(calls.get(descriptor, window, name, value, 0)).toBe(5);
    expect(calls.get(descriptor, window, name, value, 100)).toBe(5);
    expect(calls.list(descriptor, window, value, 100)).toBe(7);
    expect(text(window.u8.slice(value, value + 7))).toBe('user.a\0');
    expect(calls.remove(descriptor, window, name)).toBe(0);
    expect(hostNames(file)).toEqual([]);
    expect(readlinkSync('/proc/self/cwd')).toBe(before);
    close(descriptor);
  });
});
