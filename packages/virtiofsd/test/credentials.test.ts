import { chmodSync, chownSync, lstatSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { O_CREAT, O_RDWR } from '@vfs/sys';
import { describe, expect, it } from 'vitest';
import { Credentials } from '../src/passthrough/credentials.js';
import { type Fixture, sharedDirectory } from './support/fixture.js';

const isRoot = process.geteuid!() === 0;
const uid = 12_345;
const gid = 23_456;

/** Effective ids and supplementary groups of this thread, as the kernel has them. */
function identity(): string[] {
  const status = readFileSync('/proc/thread-self/status', 'utf8');
  return status.split('\n').filter((line) => /^(Uid|Gid|Groups):/.test(line));
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
    mkdirSync(path('closed'), 0o700);
    chmodSync(path(), 0o777);
    const closed = Number(await client.walk('closed'));
    const before = identity();
    Object.assign(client, { uid, gid });
    const [exists, refused] = isRoot ? ['EEXIST', 'EACCES'] : ['EPERM', 'EPERM'];
    await expect(client.mkdir(1, 'there')).rejects.toThrow(exists);
    await expect(client.symlink(1, 'there', 'x')).rejects.toThrow(exists);
    await expect(client.mkdir(closed, 'x')).rejects.toThrow(refused);
    await expect(client.create(closed, 'x', O_CREAT)).rejects.toThrow(refused);
    await expect(client.mknod(closed, 'x', 0o100644)).rejects.toThrow(refused);
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
      chmodSync(path('team'), 0o2750);
      await expect(client.mkdir(team, 'more')).rejects.toThrow('EACCES');
    } else {
      await expect(client.mkdir(team, 'more')).rejects.toThrow('EPERM');
    }
    expect(identity()).toEqual(before);
  });

  it('is nobody’s for an id that means nobody', async () => {
    const { client, path } = await sharedDirectory();
    chmodSync(path(), 0o777);
    writeFileSync(path('x'), '');
    Object.assign(client, { uid: 0xffff_ffff, gid: 0 });
    await expect(client.mkdir(1, 'dir')).rejects.toThrow('EINVAL');
    Object.assign(client, { uid: 0, gid: 0xffff_ffff });
    await expect(client.mkdir(1, 'dir')).rejects.toThrow('EINVAL');
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
});
