import { chmodSync, chownSync, lstatSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { getCapabilities, O_CREAT, O_EXCL, O_RDWR, raw, setCapabilities } from '@vfs/sys';
import { describe, expect, it } from 'vitest';
import { Credentials } from '../src/passthrough/credentials.js';
import { type Fixture, sharedDirectory } from './support/fixture.js';

const isRoot = process.geteuid!() === 0;
const uid = 12_345;
const gid = 23_456;

/** Ids, supplementary groups and capabilities of this thread, as the kernel has them. */
function identity(): string[] {
  const status = readFileSync('/proc/thread-self/status', 'utf8');
  return status.split('\n').filter((line) => /^(Uid|Gid|Groups|CapEff|CapPrm):/.test(line));
}

/** One of each kind, in a directory. */
async function createAll(client: Fixture['client'], parent: number): Promise<void> {
  await client.mkdir(parent, 'dir');
  await client.mknod(parent, 'fifo', 0o010644);
  await client.symlink(parent, 'link', 'target');
  await client.create(parent, 'file', O_RDWR | O_CREAT);
}

describe('what a user of the guest creates', () => {
  it('belongs to that user, if the daemon may do that', async () => {
    const { client, path } = await sharedDirectory();
    chmodSync(path(), 0o777);
    const before = identity();
    Object.assign(client, { uid, gid });
    if (isRoot) {
      await createAll(client, 1);
      for (const name of ['dir', 'fifo', 'link', 'file']) {
        expect(lstatSync(path(name))).toMatchObject({ uid, gid });
      }
    } else {
      await expect(client.mkdir(1, 'dir')).rejects.toThrow('EPERM');
      await expect(client.create(1, 'file', O_CREAT)).rejects.toThrow('EPERM');
    }
    expect(identity()).toEqual(before);
  });

  it('belongs to the daemon for the guest’s root', async () => {
    const { client, path } = await sharedDirectory();
    await createAll(client, 1);
    for (const name of ['dir', 'fifo', 'link', 'file']) {
      expect(lstatSync(path(name)).uid).toBe(process.geteuid!());
    }
  });

  it('leaves the daemon itself again after any error', async () => {
    const { client, path } = await sharedDirectory();
    mkdirSync(path('there'));
    writeFileSync(path('file'), '');
    chmodSync(path(), 0o777);
    const file = Number(await client.walk('file'));
    const before = identity();
    Object.assign(client, { uid, gid });
    const [exists, noDirectory] = isRoot ? ['EEXIST', 'ENOTDIR'] : ['EPERM', 'EPERM'];
    await expect(client.mkdir(1, 'there')).rejects.toThrow(exists);
    await expect(client.symlink(1, 'there', 'x')).rejects.toThrow(exists);
    await expect(client.create(1, 'there', O_CREAT | O_EXCL)).rejects.toThrow(exists);
    await expect(client.mkdir(file, 'x')).rejects.toThrow(noDirectory);
    await expect(client.mknod(file, 'x', 0o100644)).rejects.toThrow(noDirectory);
    expect(identity()).toEqual(before);
  });

  it('may be in a directory that its group may write to', async () => {
    const { client, path } = await sharedDirectory();
    mkdirSync(path('team'));
    const team = Number(await client.walk('team'));
    const before = identity();
    if (isRoot) chownSync(path('team'), 0, 777);
    chmodSync(path('team'), 0o2770);
    Object.assign(client, { uid, gid });
    if (isRoot) {
      await createAll(client, team);
      expect(lstatSync(path('team', 'file'))).toMatchObject({ uid, gid: 777 });
      // The member keeps the bit that says whose group it is, which only a member may set.
      expect((await client.create(team, 'tool', O_RDWR | O_CREAT, 0o2755)).attr.mode).toBe(0o102755);
    } else {
      await expect(client.mkdir(team, 'more')).rejects.toThrow('EPERM');
    }
    expect(identity()).toEqual(before);
  });

  it('may be where only the guest knows why', async () => {
    const { client, path } = await sharedDirectory();
    mkdirSync(path('closed'), 0o700);
    const closed = Number(await client.walk('closed'));
    const before = identity();
    Object.assign(client, { uid, gid });
    if (isRoot) {
      await createAll(client, closed);
      expect(lstatSync(path('closed', 'file'))).toMatchObject({ uid, gid });
    } else {
      await expect(client.mkdir(closed, 'x')).rejects.toThrow('EPERM');
    }
    expect(identity()).toEqual(before);
  });

  it('is nobody’s for an id that means nobody', async () => {
    const { client, path } = await sharedDirectory();
    chmodSync(path(), 0o777);
    writeFileSync(path('x'), '');
    Object.assign(client, { uid: 0xffff_ffff, gid: 0 });
    await expect(client.mkdir(1, 'dir')).rejects.toThrow('EPERM');
    Object.assign(client, { uid: 0, gid: 0xffff_ffff });
    await expect(client.mkdir(1, 'dir')).rejects.toThrow('EPERM');
  });
});

describe('Credentials', () => {
  it('undo what they did when a later step fails', () => {
    const credentials = new Credentials();
    const before = identity();
    // The kernel refuses more groups than 65536; nothing may stay switched.
    expect(credentials.assume(uid, gid, new Array(65_537).fill(1))).toBeLessThan(0);
    expect(identity()).toEqual(before);
    if (isRoot) {
      expect(credentials.assume(uid, gid, [5, 6])).toBe(0);
      expect(identity()).not.toEqual(before);
      expect(identity()[2]).toMatch(/Groups:\s*5 6\s*$/);
    }
    credentials.restore();
    credentials.restore();
    expect(identity()).toEqual(before);
  });

  // The way back from 0 to another user and vice versa changes capabilities by itself; between two others nothing does.
  it.runIf(isRoot)('are restored in a daemon that is not root but has capabilities', () => {
    const { effective } = getCapabilities();
    const saved = identity();
    expect(raw.setresuid(-1, 4321, -1)).toBe(0);
    try {
      setCapabilities({ effective });
      const before = identity();
      const credentials = new Credentials();
      expect(credentials.assume(uid, gid, [5, 6])).toBe(0);
      expect(credentials.overrideAccess()).toBe(0);
      credentials.restore();
      expect(identity()).toEqual(before);
    } finally {
      raw.setresuid(-1, 0, -1);
    }
    expect(identity()).toEqual(saved);
  });
});
