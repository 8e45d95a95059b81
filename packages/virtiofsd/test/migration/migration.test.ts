import { execFileSync } from 'node:child_process';
import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { FUSE_WRITEBACK_CACHE } from '@vfs/fuse-proto';
import { MS_NODEV, mount, O_APPEND, O_RDWR, O_WRONLY, umount2 } from '@vfs/sys';
import { describe, expect, it } from 'vitest';
import { decodeState, encodeState, type State } from '../../src/migration/state.js';
import { after, temporaryDirectory } from '../support/fixture.js';
import type { FuseClient } from '../support/fuse-client.js';
import { type End, ours, RUST, rust } from './support.js';

/** A folder with something in it. */
function folder(): string {
  const directory = temporaryDirectory();
  mkdirSync(join(directory, 'dir/sub'), { recursive: true });
  writeFileSync(join(directory, 'dir/sub/file'), 'content');
  writeFileSync(join(directory, 'other'), 'something else');
  symlinkSync('dir/sub/file', join(directory, 'link'));
  return directory;
}

/** What a guest does before it moves, and what it holds afterwards. */
async function work(client: FuseClient) {
  await client.init();
  const file = await client.walk('dir', 'sub', 'file');
  await client.lookup(await client.walk('dir', 'sub'), 'file');
  const [dir, link] = [await client.walk('dir'), await client.walk('link')];
  return {
    file,
    dir,
    link,
    reading: (await client.open(file)).fh,
    writing: (await client.open(file, O_RDWR)).fh,
    listing: await client.opendir(dir),
  };
}

/** Everything the guest held works as before. */
async function expectSame(client: FuseClient, held: Awaited<ReturnType<typeof work>>): Promise<void> {
  expect(String(await client.read(held.file, held.reading, 0, 100))).toBe('content');
  await client.write(held.file, held.writing, 7, ' and more');
  expect(String(await client.read(held.file, held.reading, 0, 100))).toBe('content and more');
  expect((await client.readdir(held.dir, held.listing)).map(({ name }) => name)).toContain('sub');
  expect(String(await client.readlink(held.link))).toBe('dir/sub/file');
  const found = await client.walk('dir', 'sub', 'file');
  expect(found).toBe(held.file);
  // An id that the destination gives out is none that the source has given out.
  const fresh = await client.walk('other');
  expect(Object.values(held)).not.toContain(fresh);
  await client.release(held.file, held.reading);
  await expect(client.read(held.file, held.reading, 0, 1)).rejects.toThrow('EBADF');
}

async function move(from: End, to: End): Promise<void> {
  expect(await to.load(await from.save())).toBeUndefined();
}

describe('a guest that moves from one share to another', () => {
  it.each(['find-paths', 'file-handles'] as const)('keeps what it knows and has open (%s)', async (mode) => {
    const directory = folder();
    const [from, to] = [ours(directory, { mode }), ours(directory, { mode })];
    const held = await work(from.client);
    await move(from, to);
    await expectSame(to.client, held);
    // It forgets as often as it has looked up, and then nothing is left.
    const { share } = to;
    for (const slot of [...share!.nodes.slots()]) {
      to.client.fuse.forget(share!.nodes.idOf(slot), share!.nodes.referencesOf(slot));
    }
    expect(share!.nodes.size).toBe(1);
  });

  it('counts lookups as at the source', async () => {
    const directory = folder();
    const [from, to] = [ours(directory), ours(directory)];
    const { file, dir } = await work(from.client);
    await move(from, to);
    const counts = ({ share }: End) =>
      Object.fromEntries(
        [...share!.nodes.slots()].map((slot) => [share!.nodes.idOf(slot), share!.nodes.referencesOf(slot)]),
      );
    expect(counts(to)).toEqual(counts(from));
    expect(counts(to)[Number(file)]).toBe(2);
    expect(counts(to)[Number(dir)]).toBe(3);
  });

  it('may go on at the source, when the destination is not started', async () => {
    const directory = folder();
    const from = ours(directory);
    const held = await work(from.client);
    await from.save();
    await expectSame(from.client, held);
  });

  it('moves on from there, and back', async () => {
    const directory = folder();
    const ends = [ours(directory), ours(directory), ours(directory), ours(directory)];
    const held = await work(ends[0]!.client);
    const ids = new Set(Object.values(held));
    for (let i = 1; i < ends.length; i++) {
      await move(ends[i - 1]!, ends[i]!);
      writeFileSync(join(directory, `new${i}`), '');
      const id = await ends[i]!.client.walk(`new${i}`);
      expect(ids.has(id)).toBe(false);
      ids.add(id);
    }
    await expectSame(ends.at(-1)!.client, held);
  });

  it('finds what was renamed on the host, and what has only another of its names left', async () => {
    const directory = folder();
    const [from, to] = [ours(directory), ours(directory)];
    await from.client.init();
    const file = await from.client.walk('dir', 'sub', 'file');
    const other = await from.client.walk('other');
    renameSync(join(directory, 'dir/sub'), join(directory, 'moved'));
    linkSync(join(directory, 'other'), join(directory, 'moved/second name'));
    unlinkSync(join(directory, 'other'));
    await move(from, to);
    expect((await to.client.getattr(file)).size).toBe(7);
    expect((await to.client.getattr(other)).size).toBe(14);
  });

  it('finds names that are not UTF-8, and one that says (deleted)', async () => {
    const directory = folder();
    const odd = Buffer.from([0x66, 0xff, 0xfe]);
    writeFileSync(Buffer.concat([Buffer.from(`${directory}/`), odd]), 'odd');
    writeFileSync(join(directory, 'x (deleted)'), 'deleted');
    const [from, to] = [ours(directory), ours(directory)];
    await from.client.init();
    const ids = [(await from.client.lookup(1, odd)).nodeid, await from.client.walk('x (deleted)')];
    await move(from, to);
    expect(await Promise.all(ids.map(async (id) => (await to.client.getattr(id)).size))).toEqual([3, 7]);
  });

  it('is refused, or told ESTALE later, for a file that has no name any more', async () => {
    const directory = folder();
    const from = ours(directory);
    await from.client.init();
    const gone = await from.client.walk('other');
    const { fh } = await from.client.open(gone);
    const file = await from.client.walk('dir', 'sub', 'file');
    unlinkSync(join(directory, 'other'));
    const state = await from.save();
    const strict = ours(directory);
    expect(await strict.load(state)).toMatch(
      /MigrationError: node \d+ of the source cannot be had: the source could not say/,
    );
    await expect(strict.client.getattr(1)).rejects.toThrow('EBADF');
    const tolerant = ours(directory, { onError: 'guest-error' });
    expect(await tolerant.load(state)).toBeUndefined();
    expect(tolerant.messages.filter((line) => line.includes(' WARN '))).toHaveLength(2);
    await expect(tolerant.client.getattr(gone)).rejects.toThrow('ESTALE');
    await expect(tolerant.client.read(gone, fh, 0, 1)).rejects.toThrow('EBADF');
    expect((await tolerant.client.getattr(file)).size).toBe(7);
  });

  it('is not saved, when asked to confirm, while a file that has a name is out of the share', async () => {
    const directory = folder();
    const from = ours(directory, { confirmPaths: true });
    await from.client.init();
    await from.client.walk('other');
    await from.save();
    const outside = temporaryDirectory();
    renameSync(join(directory, 'other'), join(outside, 'other'));
    await expect(from.save()).rejects.toThrow('has a name, but none that is found in the share');
    unlinkSync(join(outside, 'other'));
    await from.save();
  });

  it('of file handles, also has files that have no name', async () => {
    const directory = folder();
    const [from, to] = [ours(directory, { mode: 'file-handles' }), ours(directory, { mode: 'file-handles' })];
    await from.client.init();
    const gone = await from.client.walk('other');
    const { fh } = await from.client.open(gone);
    unlinkSync(join(directory, 'other'));
    await move(from, to);
    expect(String(await to.client.read(gone, fh, 0, 100))).toBe('something else');
  });

  it('is refused, when asked to verify, if another file has taken the place', async () => {
    const directory = folder();
    const from = ours(directory, { verifyHandles: true });
    await from.client.init();
    await from.client.walk('other');
    const state = await from.save();
    writeFileSync(join(directory, 'replacement'), 'x');
    renameSync(join(directory, 'replacement'), join(directory, 'other'));
    expect(await ours(directory).load(state)).toContain('another file is there');
  });

  it.each(['find-paths', 'file-handles'] as const)(
    'takes mounts inside the share along (%s)',
    async (mode) => {
      const directory = folder();
      const place = join(directory, 'dir/mount');
      mkdirSync(place);
      mount(place, { source: 'tmpfs', fstype: 'tmpfs', flags: MS_NODEV });
      after(() => umount2(place, 2));
      writeFileSync(join(place, 'inside'), 'tmpfs');
      const [from, to] = [ours(directory, { mode }), ours(directory, { mode })];
      await from.client.init();
      const inside = await from.client.walk('dir', 'mount', 'inside');
      const { fh } = await from.client.open(inside);
      await move(from, to);
      expect(String(await to.client.read(inside, fh, 0, 100))).toBe('tmpfs');
    },
  );

  it('is refused where the destination lacks what it relies on, by the name of the option', async () => {
    const directory = folder();
    const from = ours(directory);
    await from.client.init();
    const state = decodeState(await from.save());
    const relying = encodeState({ ...state, agreement: { ...state.agreement, writeback: true } });
    const to = ours(directory);
    expect(await to.load(relying)).toMatch(/INCOMPATIBLE|--writeback of the source: give it here, too/);
    expect(FUSE_WRITEBACK_CACHE).not.toBe(0n);
  });

  it('is refused where the destination insists on what the guest has not agreed on', async () => {
    const directory = folder();
    const from = ours(directory);
    await from.client.init();
    const state = await from.save();
    expect(await ours(directory, { posixAcl: 'always' }).load(state)).toContain('write auto, not always');
    expect(await ours(directory, { posixAcl: 'auto' }).load(state)).toBeUndefined();
  });

  it.skipIf(process.getuid!() !== 0)('keeps a file open that can only be appended to', async () => {
    const directory = folder();
    const log = join(directory, 'log');
    writeFileSync(log, 'one');
    execFileSync('chattr', ['+a', log]);
    after(() => execFileSync('chattr', ['-a', log]));
    const [from, to] = [ours(directory), ours(directory)];
    await from.client.init();
    const node = await from.client.walk('log');
    const { fh } = await from.client.open(node, O_WRONLY | O_APPEND);
    await move(from, to);
    await to.client.write(node, fh, 3, ' two');
    expect(readFileSync(log, 'utf8')).toBe('one two');
  });

  it('that has not mounted the share yet moves with nothing', async () => {
    const directory = folder();
    const [from, to] = [ours(directory), ours(directory)];
    await move(from, to);
    await work(to.client);
  });
});

describe('a state from somebody hostile', () => {
  const base: State = {
    nodes: [{ id: 1, references: 2, location: { kind: 'root' }, handle: undefined }],
    nextNode: 2,
    handles: [],
    nextHandle: 1,
    agreement: { writeback: false, announceSubmounts: true, posixAcl: false, supplementaryGroups: true },
    mounts: new Map(),
  };
  const bytes = (text: string) => Buffer.from(text);
  const node = (location: State['nodes'][number]['location'], id = 5) => ({
    id,
    references: 1,
    location,
    handle: undefined,
  });

  it.each([
    ['..', { kind: 'entry', parent: 1, name: bytes('..') }],
    ['a path in a name', { kind: 'entry', parent: 1, name: bytes('dir/sub') }],
    ['no name', { kind: 'entry', parent: 1, name: bytes('') }],
    ['a NUL', { kind: 'entry', parent: 1, name: bytes('dir\0') }],
    ['a long name', { kind: 'entry', parent: 1, name: bytes('x'.repeat(3000)) }],
    ['a path that leads outside', { kind: 'path', path: bytes('dir/../../..') }],
    ['a path with a NUL', { kind: 'path', path: bytes('dir\0') }],
    ['an absolute path', { kind: 'path', path: bytes('/etc') }],
    ['a path through a symbolic link', { kind: 'path', path: bytes('escape/passwd') }],
    ['an unknown parent', { kind: 'entry', parent: 77, name: bytes('dir') }],
    ['itself as parent', { kind: 'entry', parent: 5, name: bytes('dir') }],
    ['an unknown mount', { kind: 'handle', handle: { mountId: 4, type: 1, bytes: bytes('12345678') } }],
  ] as const)('cannot name anything by %s', async (_, location) => {
    const directory = folder();
    symlinkSync('/etc', join(directory, 'escape'));
    const to = ours(directory, { onError: 'guest-error' });
    const state = encodeState({ ...base, nextNode: 6, nodes: [...base.nodes, node(location)] });
    expect(await to.load(state)).toBeUndefined();
    await expect(to.client.getattr(5)).rejects.toThrow('ESTALE');
    expect(await to.client.walk('dir')).toBeGreaterThanOrEqual(6);
  });

  it.each([
    [
      'two nodes with one id',
      {
        nextNode: 6,
        nodes: [
          ...base.nodes,
          node({ kind: 'path', path: bytes('dir') }),
          node({ kind: 'path', path: bytes('other') }),
        ],
      },
    ],
    [
      'two nodes for one file',
      {
        nextNode: 7,
        nodes: [
          ...base.nodes,
          node({ kind: 'path', path: bytes('dir') }),
          node({ kind: 'path', path: bytes('dir') }, 6),
        ],
      },
    ],
    [
      'an id beyond the last',
      { nextNode: 5, nodes: [...base.nodes, node({ kind: 'path', path: bytes('dir') })] },
    ],
    ['a root of another number', { nodes: [node({ kind: 'root' })] }],
    [
      'two handles with one id',
      {
        nextHandle: 9,
        handles: [
          { id: 3, node: 1, flags: 0 },
          { id: 3, node: 1, flags: 0 },
        ],
      },
    ],
    ['a handle of nothing', { nextHandle: 9, handles: [{ id: 3, node: 9, flags: 0 }] }],
  ] as const)('is refused with %s, and leaves nothing behind', async (_, change) => {
    const to = ours(folder());
    const before = readdirSync('/proc/self/fd').length;
    expect(await to.load(encodeState({ ...base, ...change } as State))).toContain('MigrationError');
    expect(readdirSync('/proc/self/fd').length).toBe(before);
    expect([to.share!.nodes.size, to.share!.handles.size]).toEqual([1, 0]);
    await work(to.client);
  });

  it('cannot have a file outside opened by its handle, unless the administrator trusts handles', async () => {
    const directory = folder();
    const outside = temporaryDirectory();
    writeFileSync(join(outside, 'secret'), 'secret');
    const source = ours(outside, { mode: 'file-handles' });
    await source.client.init();
    const secret = await source.client.walk('secret');
    const state = await source.save();
    const to = ours(directory, { onError: 'guest-error' });
    expect(await to.load(state)).toBeUndefined();
    await expect(to.client.getattr(secret)).rejects.toThrow('ESTALE');
    expect(await ours(directory).load(state)).toContain('--migration-mode=file-handles is not given here');
  });

  it('cannot name a mount by a path with a NUL', async () => {
    const to = ours(folder(), { onError: 'guest-error', mode: 'file-handles' });
    const handle = { mountId: 4, type: 1, bytes: bytes('12345678') };
    const nodes = [...base.nodes, node({ kind: 'handle', handle })];
    const state = encodeState({ ...base, nextNode: 6, nodes, mounts: new Map([[4, bytes('dir\0')]]) });
    expect(await to.load(state)).toBeUndefined();
    await expect(to.client.getattr(5)).rejects.toThrow('ESTALE');
  });

  it('may have ids as large as they get', async () => {
    const to = ours(folder());
    const id = 2 ** 52;
    expect(
      await to.load(
        encodeState({
          ...base,
          nextNode: id + 1,
          nodes: [...base.nodes, node({ kind: 'path', path: bytes('dir') }, id)],
        }),
      ),
    ).toBeUndefined();
    expect((await to.client.getattr(id)).mode & 0o170000).toBe(0o040000);
    const none = ours(folder());
    expect(await none.load(encodeState({ ...base, nextNode: 2 ** 53 - 1 }))).toMatch(
      /^MigrationError: .*no ids are left/,
    );
  });
});

describe.skipIf(RUST === undefined)('between the reference daemon and this one', () => {
  it.each(['find-paths', 'file-handles'] as const)('a guest moves here (%s)', async (mode) => {
    const directory = folder();
    const from = await rust(directory, '--migration-mode', mode);
    await from.start();
    const held = await work(from.client);
    const to = ours(directory, { mode });
    await move(from, to);
    await expectSame(to.client, held);
  });

  it.each(['find-paths', 'file-handles'] as const)(
    'a guest moves there, and is forgotten there (%s)',
    async (mode) => {
      const directory = folder();
      const from = ours(directory, { mode });
      const held = await work(from.client);
      const to = await rust(directory);
      await move(from, to);
      await expectSame(to.client, held);
      // Two lookups of the file before the move, one after it, and none is left over.
      await to.client.fuse.forget(held.file, 2);
      expect((await to.client.getattr(held.file)).nlink).toBe(1);
      await to.client.fuse.forget(held.file, 1);
      await expect(to.client.getattr(held.file)).rejects.toThrow('EBADF');
    },
  );

  it('a guest moves there and back', async () => {
    const directory = folder();
    const from = ours(directory);
    const held = await work(from.client);
    const there = await rust(directory);
    await move(from, there);
    const back = ours(directory);
    await move(there, back);
    await expectSame(back.client, held);
    rmSync(join(directory, 'other'));
  });
});
