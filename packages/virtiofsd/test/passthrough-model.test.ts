import {
  chmodSync,
  closeSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { FATTR_MODE, FATTR_SIZE, type U64 } from '@vfs/fuse-proto';
import { O_CREAT, O_EXCL, O_RDWR } from '@vfs/sys';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Fixture, sharedDirectory, temporaryDirectory } from './support/fixture.js';

/** A directory, empty for the root, and a name in it. */
type Place = readonly [directory: string, name: string];
type Operation = { readonly what: string; readonly at: Place; readonly to: Place; readonly number: number };

const place = fc.tuple(fc.constantFrom('', 'd', 'e'), fc.constantFrom('x', 'y', 'z'));
const operation: fc.Arbitrary<Operation> = fc.record({
  what: fc.constantFrom(
    ...['mkdir', 'rmdir', 'create', 'createNew', 'write', 'truncate', 'chmod', 'symlink', 'link'],
    ...['rename', 'renameDirectory', 'unlink', 'list', 'readlink', 'makeDirectory', 'removeDirectory'],
  ),
  at: place,
  to: place,
  number: fc.nat(9),
});

const DIRECTORIES = ['d', 'e'] as const;
const [dir, otherDir] = DIRECTORIES;

/** What the operation does to a directory of the host. */
function onHost(root: string, { what, at, to, number }: Operation): unknown {
  const [path, target] = [join(root, ...at), join(root, ...to)];
  const isFile = () => lstatSync(path).isFile();
  switch (what) {
    case 'mkdir':
      return mkdirSync(path, 0o750);
    case 'makeDirectory':
      return mkdirSync(join(root, DIRECTORIES[number % 2]!));
    case 'rmdir':
      return rmdirSync(path);
    case 'removeDirectory':
      return rmdirSync(join(root, DIRECTORIES[number % 2]!));
    case 'renameDirectory':
      return renameSync(join(root, dir), join(root, otherDir));
    case 'createNew':
      return closeSync(openSync(path, O_RDWR | O_CREAT | O_EXCL, 0o640));
    case 'create':
      if (lstatSync(path, { throwIfNoEntry: false })?.isFile() === false) return 'no file';
      return closeSync(openSync(path, O_RDWR | O_CREAT, 0o640));
    case 'write': {
      if (!isFile()) return 'no file';
      const file = openSync(path, 'r+');
      writeSync(file, `data ${number}`, number * 5);
      return closeSync(file);
    }
    case 'truncate':
      return isFile() ? truncateSync(path, number) : 'no file';
    case 'chmod':
      return lstatSync(path).isSymbolicLink() ? 'a link' : chmodSync(path, 0o700 + number);
    case 'symlink':
      return symlinkSync(`to ${number}`, path);
    case 'link':
      return linkSync(path, target);
    case 'rename':
      return renameSync(path, target);
    case 'unlink':
      return unlinkSync(path);
    case 'list':
      return readdirSync(join(root, at[0])).sort();
    default:
      return readlinkSync(path);
  }
}

/** What it does through FUSE. */
async function onGuest(client: Fixture['client'], { what, at, to, number }: Operation): Promise<unknown> {
  const parentOf = ([directory]: Place) => (directory === '' ? 1 : client.walk(directory));
  const find = async () => client.lookup(await parentOf(at), at[1]);
  const isFile = (mode: number) => mode >> 12 === 8;
  switch (what) {
    case 'mkdir':
      return void (await client.mkdir(await parentOf(at), at[1], 0o750));
    case 'makeDirectory':
      return void (await client.mkdir(1, DIRECTORIES[number % 2]!, 0o777));
    case 'rmdir':
      return client.rmdir(await parentOf(at), at[1]);
    case 'removeDirectory':
      return client.rmdir(1, DIRECTORIES[number % 2]!);
    case 'renameDirectory':
      return client.rename(1, dir, 1, otherDir);
    case 'createNew':
    case 'create': {
      const flags = O_RDWR | O_CREAT | (what === 'create' ? 0 : O_EXCL);
      const parent = await parentOf(at);
      try {
        const { nodeid, fh } = await client.create(parent, at[1], flags, 0o640);
        return await client.release(nodeid, fh);
      } catch (error) {
        // What Linux does then: it looks again, and finds something it does not create.
        if ((error as Error).message === 'ESTALE') return 'no file';
        throw error;
      }
    }
    case 'write': {
      const { nodeid, attr } = await find();
      if (!isFile(attr.mode)) return 'no file';
      const { fh } = await client.open(nodeid, O_RDWR);
      await client.write(nodeid, fh, number * 5, `data ${number}`);
      return client.release(nodeid, fh);
    }
    case 'truncate': {
      const { nodeid, attr } = await find();
      if (!isFile(attr.mode)) return 'no file';
      return void (await client.setattr(nodeid, { valid: FATTR_SIZE, size: number }));
    }
    case 'chmod': {
      const { nodeid, attr } = await find();
      if (attr.mode >> 12 === 10) return 'a link';
      return void (await client.setattr(nodeid, { valid: FATTR_MODE, mode: 0o700 + number }));
    }
    case 'symlink':
      return void (await client.symlink(await parentOf(at), at[1], `to ${number}`));
    case 'link': {
      const { nodeid } = await find();
      return void (await client.link(nodeid, await parentOf(to), to[1]));
    }
    case 'rename':
      return client.rename(await parentOf(at), at[1], await parentOf(to), to[1]);
    case 'unlink':
      return client.unlink(await parentOf(at), at[1]);
    case 'list':
      return namesIn(client, await parentOf(at));
    default:
      return client.readlink((await find()).nodeid);
  }
}

async function namesIn(client: Fixture['client'], id: U64): Promise<string[]> {
  const entries = await client.list(id, 'readdirplus');
  return entries.flatMap(({ name }) => (name === '.' || name === '..' ? [] : [name])).sort();
}

/** Everything in a directory that can be compared. */
function tree(root: string): unknown[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => {
      const path = join(root, name);
      const { mode, nlink } = lstatSync(path);
      const type = mode >> 12;
      const content = type === 8 ? readFileSync(path, 'utf8') : type === 10 ? readlinkSync(path) : undefined;
      return [name, mode, nlink, content];
    });
}

async function outcome(run: () => unknown): Promise<unknown> {
  try {
    return await run();
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? (error as Error).message;
  }
}

describe('any sequence of operations through FUSE', () => {
  it('does and answers what it does on the host', async () => {
    const mirror = temporaryDirectory();
    const { client, directory, share } = await sharedDirectory();
    await fc.assert(
      fc.asyncProperty(
        fc.array(operation, { minLength: 1, maxLength: 60, size: 'max' }),
        async (operations) => {
          for (const root of [mirror, directory]) {
            for (const name of readdirSync(root)) rmSync(join(root, name), { recursive: true });
          }
          await client.init();
          const answers: unknown[] = [];
          for (const each of operations) {
            const expected = await outcome(() => onHost(mirror, each));
            const actual = await outcome(() => onGuest(client, each));
            answers.push([each.what, expected]);
            expect([...answers.slice(0, -1), [each.what, actual]]).toEqual(answers);
          }
          expect(tree(directory)).toEqual(tree(mirror));
          expect(share.handles.size).toBe(0);
        },
      ),
      { numRuns: 150 },
    );
  });
});
