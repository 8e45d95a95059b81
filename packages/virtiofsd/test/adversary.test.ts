import { type ChildProcess, spawn } from 'node:child_process';
import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FATTR_MODE, FATTR_SIZE } from '@vfs/fuse-proto';
import { O_CREAT, O_RDWR, O_TRUNC, RENAME_EXCHANGE, RENAME_NOREPLACE } from '@vfs/sys';
import { expect, it } from 'vitest';
import type { FileHandleMode } from '../src/passthrough/settings.js';
import { after, type Fixture, sharedDirectory, temporaryDirectory } from './support/fixture.js';

const ADVERSARY = fileURLToPath(new URL('support/adversary.mjs', import.meta.url));
const NAMES = ['a', 'b', 'c', 'd'];
const STEPS = 4000;
/** Everything that can become of a request when the host changes under it; not among it: EIO, EFAULT, EBADFD, EINTR. */
const CLEAN =
  /^E(NOENT|EXIST|NOTDIR|ISDIR|NOTEMPTY|STALE|INVAL|BADF|LOOP|XDEV|MLINK|PERM|BUSY|NFILE|NAMETOOLONG|ACCES|OPNOTSUPP)$/;
const isRoot = process.geteuid!() === 0;
const MODES: FileHandleMode[] = isRoot ? ['never', 'prefer', 'mandatory'] : ['never', 'prefer'];

const CASES = ['/tmp', '/dev/shm'].flatMap((parent) =>
  MODES.flatMap((mode) => [1000, 50].map((budget) => [parent, mode, budget] as const)),
);

it.each(CASES)(
  'in %s, file handles %s, with %d descriptors: whatever somebody on the host does meanwhile, requests stay inside and end cleanly',
  async (parent, inodeFileHandles, descriptorBudget) => {
    const outside = temporaryDirectory(parent);
    writeFileSync(join(outside, 'secret'), 'outside');
    mkdirSync(join(outside, 'a'));
    const before = snapshot(outside);
    const fixture = await sharedDirectory({ parent, share: { inodeFileHandles, descriptorBudget } });
    const { share, path } = fixture;
    mkdirSync(path('inner'));
    const guest = new Guest(fixture);
    const adversary = spawn(process.execPath, [ADVERSARY, path(), outside], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    after(() => adversary.kill('SIGKILL'));
    for (let step = 0; step < STEPS; step++) await guest.step();
    expect(await finished(adversary)).toBeGreaterThan(0);
    expect(guest.succeeded).toBeGreaterThan(STEPS / 100);
    expect(snapshot(outside)).toEqual(before);

    await guest.leave();
    expect([share.nodes.size, share.handles.size, share.nodes.closed, share.budget.used]).toEqual([
      1, 0, 0, 0,
    ]);
    rmSync(path(), { recursive: true, force: true });
  },
);

/** What must not change: names, content, attributes (and with them the times of changes), access times of what could be read. */
function snapshot(directory: string): unknown {
  const describe = (path: string) => {
    const { ino, mode, uid, gid, size, nlink, ctimeMs, mtimeMs } = lstatSync(path);
    return { path, ino, mode, uid, gid, size, nlink, ctimeMs, mtimeMs };
  };
  const entries = readdirSync(directory).sort();
  return {
    entries: entries.map((name) => describe(join(directory, name))),
    itself: describe(directory),
    secret: readFileSync(join(directory, 'secret'), 'utf8'),
  };
}

async function finished(adversary: ChildProcess): Promise<number> {
  let output = '';
  adversary.stdout!.on('data', (text) => (output += text));
  const closed = new Promise((resolve) => adversary.on('close', resolve));
  adversary.stdin!.end();
  expect(await closed).toBe(0);
  return Number(output);
}

/** A guest that does anything with anything it knows, and keeps account of what it was given. */
class Guest {
  succeeded = 0;
  readonly #fixture: Fixture;
  readonly #lookups = new Map<number, number>();
  #open: { id: number; fh: bigint | number; directory: boolean }[] = [];

  constructor(fixture: Fixture) {
    this.#fixture = fixture;
  }

  async step(): Promise<void> {
    try {
      await pick(this.#actions)();
      this.succeeded++;
    } catch (error) {
      expect((error as Error).message).toMatch(CLEAN);
    }
  }

  /** Gives everything back. */
  async leave(): Promise<void> {
    const { client } = this.#fixture;
    while (this.#open.length > 0) await this.#release();
    await client.batchForget(...this.#lookups);
  }

  readonly #actions: (() => Promise<unknown>)[] = [
    () => this.#lookup(),
    () => this.#lookup(),
    () => this.#client.getattr(this.#node()),
    () => this.#client.getattr(this.#node()),
    () => this.#client.readlink(this.#node()),
    () => this.#client.setattr(this.#node(), { valid: FATTR_MODE, mode: 0o700 }),
    () => this.#client.setattr(this.#node(), { valid: FATTR_SIZE, size: 3 }),
    async () => this.#know(await this.#client.mkdir(this.#node(), pick(NAMES))),
    async () => this.#know(await this.#client.mknod(this.#node(), pick(NAMES), 0o100600)),
    async () => this.#know(await this.#client.symlink(this.#node(), pick(NAMES), 'nowhere')),
    async () => this.#know(await this.#client.link(this.#node(), this.#node(), pick(NAMES))),
    () => this.#client.unlink(this.#node(), pick(NAMES)),
    () => this.#client.rmdir(this.#node(), pick(NAMES)),
    () => this.#client.rename(this.#node(), pick(NAMES), this.#node(), pick(NAMES)),
    () => this.#client.rename(this.#node(), pick(NAMES), this.#node(), pick(NAMES), RENAME_EXCHANGE),
    () => this.#client.rename(this.#node(), pick(NAMES), this.#node(), pick(NAMES), RENAME_NOREPLACE),
    () => this.#create(),
    () => this.#openFile(),
    () => this.#openDirectory(),
    () => this.#use(),
    () => this.#use(),
    () => this.#release(),
    () => this.#client.statfs(this.#node()),
    () => this.#forget(),
  ];

  get #client() {
    return this.#fixture.client;
  }

  /** A node that is known, or was. */
  #node(): number {
    return Math.random() < 0.3 ? 1 : pick([1, ...this.#lookups.keys()]);
  }

  #know({ nodeid }: { nodeid: number | bigint }): void {
    const id = Number(nodeid);
    if (id !== 0) this.#lookups.set(id, (this.#lookups.get(id) ?? 0) + 1);
  }

  async #lookup(): Promise<void> {
    this.#know(await this.#client.lookup(this.#node(), pick(NAMES)));
  }

  async #create(): Promise<void> {
    const flags = O_RDWR | O_CREAT | (Math.random() < 0.5 ? O_TRUNC : 0);
    const created = await this.#client.create(this.#node(), pick(NAMES), flags);
    this.#know(created);
    this.#open.push({ id: Number(created.nodeid), fh: created.fh, directory: false });
  }

  async #openFile(): Promise<void> {
    const id = this.#node();
    this.#open.push({ id, fh: (await this.#client.open(id, O_RDWR)).fh, directory: false });
  }

  async #openDirectory(): Promise<void> {
    const id = this.#node();
    this.#open.push({ id, fh: await this.#client.opendir(id), directory: true });
  }

  async #use(): Promise<void> {
    if (this.#open.length === 0) return;
    const { id, fh, directory } = pick(this.#open);
    if (!directory) {
      expect((await this.#client.read(id, fh, 0, 1000)).toString()).not.toContain('outside');
      await this.#client.write(id, fh, 0, 'inside');
      return;
    }
    for (const { name, entry } of await this.#client.readdirplus(id, fh, 0, 4096)) {
      expect(name).not.toBe('secret');
      this.#know(entry!);
    }
  }

  async #release(): Promise<void> {
    const [one] = this.#open.splice(Math.floor(Math.random() * this.#open.length), 1);
    if (!one) return;
    if (one.directory) await this.#client.releasedir(one.id, one.fh);
    else await this.#client.release(one.id, one.fh);
  }

  async #forget(): Promise<void> {
    const known = [...this.#lookups];
    if (known.length < 60) return;
    for (const [id, count] of known.slice(0, 30)) {
      await this.#client.forget(id, count);
      this.#lookups.delete(id);
    }
  }
}

function pick<T>(list: readonly T[]): T {
  return list[Math.floor(Math.random() * list.length)]!;
}
