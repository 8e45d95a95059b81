import { chmodSync, chownSync, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { ReplyError } from '@vfs/fuse-proto';
import { errnoName, O_EXCL, O_RDWR, O_TMPFILE, O_WRONLY } from '@vfs/sys';
import { describe, expect, it } from 'vitest';
import { type Fixture, sharedDirectory } from './support/fixture.js';

const isRoot = process.geteuid!() === 0;

async function tmpfile({ client }: Fixture, flags: number, mode = 0o640) {
  client.fuse.credentials = { uid: client.uid, gid: client.gid };
  try {
    const { entry, open } = await client.fuse.tmpfile(1, { flags, mode });
    return { id: Number(entry.nodeid), fh: open.fh, attr: entry.attr };
  } catch (error) {
    throw error instanceof ReplyError ? new Error(errnoName(error.errno)) : error;
  }
}

describe('TMPFILE', () => {
  it('makes a file that has no name, and is gone with its last user', async () => {
    const fixture = await sharedDirectory();
    const { client, path, share } = fixture;
    const { id, fh, attr } = await tmpfile(fixture, O_TMPFILE | O_RDWR);
    expect(attr).toMatchObject({ nlink: 0, mode: 0o100640 });
    expect(readdirSync(path())).toEqual([]);
    await client.write(id, fh, 0, 'text');
    expect((await client.read(id, fh, 0, 10)).toString()).toBe('text');
    await client.release(id, fh);
    await client.forget(id);
    expect([share.nodes.size, share.handles.size]).toEqual([1, 0]);
  });

  it('makes one that can be given a name', async () => {
    const fixture = await sharedDirectory();
    const { client, path } = fixture;
    const { id, fh } = await tmpfile(fixture, O_TMPFILE | O_WRONLY);
    await client.write(id, fh, 0, 'text');
    const entry = await client.link(id, 1, 'name');
    expect([Number(entry.nodeid), entry.attr.nlink]).toEqual([id, 1]);
    expect(readFileSync(path('name'), 'latin1')).toBe('text');
  });

  it('makes one that cannot, if that is wanted', async () => {
    const fixture = await sharedDirectory();
    const { id } = await tmpfile(fixture, O_TMPFILE | O_RDWR | O_EXCL);
    await expect(fixture.client.link(id, 1, 'name')).rejects.toThrow('ENOENT');
  });

  it.runIf(isRoot)('makes it as the caller', async () => {
    const fixture = await sharedDirectory();
    chmodSync(fixture.path(), 0o777);
    Object.assign(fixture.client, { uid: 12_345, gid: 23_456 });
    const { attr } = await tmpfile(fixture, O_TMPFILE | O_RDWR);
    expect(attr).toMatchObject({ uid: 12_345, gid: 23_456 });
    chownSync(fixture.path(), 0, 777);
    chmodSync(fixture.path(), 0o2777);
    expect((await tmpfile(fixture, O_TMPFILE | O_RDWR)).attr).toMatchObject({ uid: 12_345, gid: 777 });
  });

  it('refuses to make one that nobody could write to, and where there is no directory', async () => {
    const fixture = await sharedDirectory();
    await expect(tmpfile(fixture, O_TMPFILE)).rejects.toThrow('EINVAL');
    const { id } = await tmpfile(fixture, O_TMPFILE | O_RDWR);
    await expect(fixture.client.fuse.tmpfile(id, { flags: O_TMPFILE | O_RDWR })).rejects.toThrow();
    expect(fixture.share.handles.size).toBe(1);
  });
});

describe('LINK', () => {
  it('of a symbolic link is of the link itself', async () => {
    const { client, path } = await sharedDirectory();
    const { nodeid } = await client.symlink(1, 'link', '/etc/passwd');
    const entry = await client.link(nodeid, 1, 'second');
    expect(entry.nodeid).toBe(nodeid);
    expect(readlinkSync(path('second'))).toBe('/etc/passwd');
    expect(lstatSync(path('link')).nlink).toBe(2);
  });
});
