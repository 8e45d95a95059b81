import {
  linkSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { RENAME_EXCHANGE } from '@vfs/sys';
import { describe, expect, it } from 'vitest';
import type { FileHandleMode } from '../src/passthrough/settings.js';
import { type Fixture, sharedDirectory } from './support/fixture.js';

const BUDGET = 40;
const openDescriptors = () => readdirSync('/proc/self/fd').length;

/** A share in which descriptors are few. File handles need privilege; without, `prefer` is as `never`. */
function tight(parent: string, inodeFileHandles: FileHandleMode): Promise<Fixture> {
  return sharedDirectory({ parent, share: { descriptorBudget: BUDGET, inodeFileHandles } });
}

const isRoot = process.geteuid!() === 0;
const MODES: FileHandleMode[] = isRoot ? ['never', 'prefer', 'mandatory'] : ['never', 'prefer'];
const WHERE = ['/tmp', '/dev/shm'].flatMap((parent) => MODES.map((mode) => [parent, mode] as const));

/** Uses so many other files that no node of before has a descriptor any more, if that depends on its use. */
async function crowd({ client, path, share }: Fixture): Promise<void> {
  mkdirSync(path('crowd'), { recursive: true });
  const { nodeid } = await client.lookup(1, 'crowd');
  const ids: number[] = [];
  for (let i = 0; i < BUDGET * 2; i++) {
    writeFileSync(path('crowd', `${i}`), '');
    ids.push(Number((await client.lookup(nodeid, `${i}`)).nodeid));
  }
  for (let round = 0; round < 3; round++) for (const id of ids) await client.getattr(id);
  expect(share.budget.used).toBeLessThanOrEqual(BUDGET);
  await client.batchForget(...ids.map((id): [number, number] => [id, 1]), [Number(nodeid), 1]);
  for (let i = 0; i < BUDGET * 2; i++) unlinkSync(path('crowd', `${i}`));
  rmdirSync(path('crowd'));
}

const isClosed = ({ share }: Fixture, id: unknown) =>
  share.nodes.descriptorOf(share.nodes.slotOf(Number(id))) < 0;

describe.each(WHERE)('with few descriptors, in %s, file handles: %s', (parent, mode) => {
  it('every file of a tree stays usable under its id, and all is returned in the end', async () => {
    const fixture = await tight(parent, mode);
    const { client, path, share } = fixture;
    const before = openDescriptors();
    const ids = new Map<string, number>();
    for (let d = 0; d < 10; d++) {
      mkdirSync(path(`d${d}`, 'sub'), { recursive: true });
      const directory = Number(await client.walk(`d${d}`, 'sub'));
      for (let f = 0; f < 20; f++) {
        writeFileSync(path(`d${d}`, 'sub', `f${f}`), `${d}/${f}`);
        symlinkSync(`${d}/${f}`, path(`d${d}`, 'sub', `l${f}`));
        ids.set(`${d}/${f}`, Number((await client.lookup(directory, `f${f}`)).nodeid));
        ids.set(`link ${d}/${f}`, Number((await client.lookup(directory, `l${f}`)).nodeid));
      }
    }
    for (let round = 0; round < 3; round++) {
      for (const [content, id] of [...ids].reverse()) {
        if (content.startsWith('link ')) {
          expect(`link ${await client.readlink(id)}`).toBe(content);
          continue;
        }
        expect((await client.getattr(id)).size).toBe(content.length);
        const { fh } = await client.open(id);
        expect((await client.read(id, fh, 0, 100)).toString()).toBe(content);
        await client.release(id, fh);
      }
    }
    const again = await client.walk('d7', 'sub', 'f7');
    expect(Number(again)).toBe(ids.get('7/7'));
    expect(share.budget.used).toBeLessThanOrEqual(BUDGET);
    expect(share.nodes.size).toBe(1 + 10 * 2 + 10 * 20 * 2);
    for (const { id, references } of [...share.nodes.records()])
      if (id !== 1) await client.forget(id, references);
    expect(share.nodes.size).toBe(1);
    expect([share.nodes.bytes, share.nodes.closed, share.budget.used]).toEqual([0, 0, 0]);
    expect(openDescriptors()).toBe(before);
  });

  it('a directory keeps the nodes in it reachable when the guest has forgotten the directory', async () => {
    const fixture = await tight(parent, mode);
    const { client, path, share } = fixture;
    mkdirSync(path('a', 'b', 'c'), { recursive: true });
    writeFileSync(path('a', 'b', 'c', 'file'), 'content');
    const file = await client.walk('a', 'b', 'c', 'file');
    for (const { id, references } of [...share.nodes.records()]) {
      if (id !== 1 && id !== Number(file)) await client.forget(id, references);
    }
    await crowd(fixture);
    expect(isClosed(fixture, file)).toBe(true);
    expect((await client.getattr(file)).size).toBe(7);
    await client.forget(file);
    expect(share.nodes.size).toBe(1);
  });

  it('a forgotten directory that is kept for what is in it can be looked up again, but not be used by its old id', async () => {
    const { client, path, share } = await tight(parent, mode);
    mkdirSync(path('a'));
    writeFileSync(path('a', 'file'), 'content');
    const directory = Number(await client.walk('a'));
    const { nodeid: file } = await client.lookup(directory, 'file');
    await client.forget(directory);
    for (const use of [
      () => client.getattr(directory),
      () => client.lookup(directory, 'file'),
      () => client.mkdir(directory, 'new'),
      () => client.rename(directory, 'file', 1, 'file'),
      () => client.rename(1, 'a', directory, 'a'),
      () => client.link(file, directory, 'new'),
    ]) {
      await expect(use()).rejects.toThrow('ESTALE');
    }
    const again = await client.walk('a');
    expect((await client.lookup(again, 'file')).nodeid).toBe(file);
    await client.forget(file, 2);
    await client.forget(again);
    expect([share.nodes.size, share.budget.used]).toEqual([1, 0]);
  });

  it('what the guest unlinks while it knows it lives until it is forgotten', async () => {
    const fixture = await tight(parent, mode);
    const { client, path, share } = fixture;
    mkdirSync(path('dir'));
    writeFileSync(path('file'), 'content');
    writeFileSync(path('replaced'), 'replaced');
    writeFileSync(path('new'), '');
    writeFileSync(path('other'), '');
    linkSync(path('other'), path('linked'));
    const ids = await Promise.all(['dir', 'file', 'replaced', 'linked'].map((name) => client.walk(name)));
    await crowd(fixture);
    for (const id of ids) expect(isClosed(fixture, id)).toBe(true);
    await client.rmdir(1, 'dir');
    await client.unlink(1, 'file');
    await client.rename(1, 'new', 1, 'replaced');
    await client.unlink(1, 'linked');
    await crowd(fixture);
    const sizes = [];
    for (const id of ids.slice(1)) sizes.push((await client.getattr(id)).size);
    expect(sizes).toEqual([7, 8, 0]);
    await client.getattr(ids[0]!);
    const { fh } = await client.open(ids[1]!);
    expect((await client.read(ids[1]!, fh, 0, 10)).toString()).toBe('content');
    await client.release(ids[1]!, fh);
    for (const id of ids) await client.forget(id);
    expect([share.nodes.size, share.budget.used]).toEqual([1, 0]);
  });

  it('what the guest renames, and what lies below it, is found again', async () => {
    const fixture = await tight(parent, mode);
    const { client, path } = fixture;
    mkdirSync(path('dir', 'sub'), { recursive: true });
    mkdirSync(path('to'));
    writeFileSync(path('dir', 'sub', 'file'), 'content');
    writeFileSync(path('x'), 'x');
    writeFileSync(path('y'), 'yy');
    const file = await client.walk('dir', 'sub', 'file');
    const [x, y] = [await client.walk('x'), await client.walk('y')];
    await crowd(fixture);
    await client.rename(1, 'dir', await client.walk('to'), 'moved');
    await client.rename(1, 'x', 1, 'y', RENAME_EXCHANGE);
    await crowd(fixture);
    expect(isClosed(fixture, file)).toBe(true);
    expect((await client.getattr(file)).size).toBe(7);
    expect([(await client.getattr(x)).size, (await client.getattr(y)).size]).toEqual([1, 2]);
    expect(await client.walk('to', 'moved', 'sub', 'file')).toBe(file);
  });

  it('what the host has renamed is found by handle, or was kept, or is found where the guest sees it next', async () => {
    const fixture = await tight(parent, mode);
    const { client, path } = fixture;
    writeFileSync(path('early'), 'early');
    writeFileSync(path('late'), 'later');
    const [early, late] = [await client.walk('early'), await client.walk('late')];
    renameSync(path('early'), path('early.moved'));
    await crowd(fixture);
    renameSync(path('late'), path('late.moved'));
    expect((await client.getattr(early)).size).toBe(5);
    if (mode === 'never' || !isRoot) await expect(client.getattr(late)).rejects.toThrow('ESTALE');
    else expect((await client.getattr(late)).size).toBe(5);
    expect(await client.walk('late.moved')).toBe(late);
    expect((await client.getattr(late)).size).toBe(5);
    await crowd(fixture);
    expect((await client.getattr(late)).size).toBe(5);
  });

  it('a file that was replaced on the host is not taken for its successor, even one with its inode number', async () => {
    const fixture = await tight(parent, mode);
    const { client, path, share } = fixture;
    let reused = 0;
    for (let i = 0; i < 10; i++) {
      writeFileSync(path('file'), 'old');
      const { ino } = statSync(path('file'));
      const old = await client.walk('file');
      await crowd(fixture);
      unlinkSync(path('file'));
      writeFileSync(path('file'), 'successor');
      if (statSync(path('file')).ino === ino) reused++;
      if (i % 2) await expect(client.getattr(old)).rejects.toThrow('ESTALE');
      const successor = await client.lookup(1, 'file');
      expect(successor.nodeid).not.toBe(old);
      expect((await client.getattr(successor.nodeid)).size).toBe(9);
      await expect(client.getattr(old)).rejects.toThrow('ESTALE');
      await expect(client.open(old)).rejects.toThrow('ESTALE');
      await client.batchForget([Number(old), 1], [Number(successor.nodeid), 1]);
      rmSync(path('file'));
    }
    if (parent === '/tmp' && reused === 0) console.warn('this file system uses no inode number again');
    expect([share.nodes.size, share.budget.used, share.nodes.closed]).toEqual([1, 0, 0]);
  });

  it('chains of directories longer than the budget can be walked, and are found again from the end', async () => {
    const fixture = await tight(parent, mode);
    const { client, path } = fixture;
    const depth = BUDGET * 3;
    mkdirSync(path(...Array(depth).fill('d')), { recursive: true });
    const ids = [1];
    for (let i = 0; i < depth; i++) ids.push(Number((await client.lookup(ids.at(-1)!, 'd')).nodeid));
    await crowd(fixture);
    for (const id of [...ids].reverse()) await client.getattr(id);
    await crowd(fixture);
    await client.getattr(ids.at(-1)!);
  });

  it('listing with lookups finds every file, whatever is open', async () => {
    const fixture = await tight(parent, mode);
    const { client, path } = fixture;
    const names = Array.from({ length: 1000 }, (_, i) => `file-${i}`);
    for (const name of names) writeFileSync(path(name), name);
    for (let round = 0; round < 2; round++) {
      const entries = (await client.list(1, 'readdirplus')).filter(({ name }) => !/^\.\.?$/.test(name));
      expect(entries.map(({ name }) => name).sort()).toEqual([...names].sort());
      for (const { name, entry } of entries) {
        expect(entry!.nodeid).not.toBe(0);
        expect(entry!.attr.size).toBe(name.length);
      }
    }
  });
});
