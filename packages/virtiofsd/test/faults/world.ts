import { chmodSync, chownSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { decode, EntryOut, OpenOut } from '@vfs/fuse-proto';
import { EMFILE, getCapabilities, getgroups, umask } from '@vfs/sys';
import { madeRoomAfter } from '../../src/passthrough/descriptor-room.js';
import { ROOT_ID } from '../../src/passthrough/node-table.js';
import type { ShareOptions } from '../../src/passthrough/share.js';
import { Storage } from '../../src/passthrough/storage.js';
import { CallsFromWorkingDirectory } from '../../src/passthrough/xattr-calls.js';
import { parseXattrMap } from '../../src/xattr-map/index.js';
import { type Fixture, type Memory, sharedDirectory } from '../support/fixture.js';
import type { FuseClient } from '../support/fuse-client.js';

/** In what a share differs from another one, as far as its system calls differ. */
export interface Setting {
  /** A directory on the file system to be used. */
  readonly parent: string;
  readonly inodeFileHandles: ShareOptions['inodeFileHandles'];
  /** Nodes have lost their descriptors before each request. */
  readonly closed?: boolean;
  /** Before each request all descriptors are in use, and others would have to be closed. */
  readonly tight?: boolean;
  readonly threads?: number;
  readonly memory?: Memory;
  /** Open files are taken for files of another machine. */
  readonly remote?: boolean;
  /** Who creates files; the daemon itself by default. */
  readonly uid?: number;
  /** What the directory allows to that user. */
  readonly mode?: number;
  /** Extended attributes have other names on the host, security.capability too. */
  readonly mapped?: boolean;
  /** The calls of Linux before 6.13. */
  readonly oldXattrs?: boolean;
}

/** Enough for what is prepared, and for handles to be allowed. */
const BUDGET = 100;
/** Files whose descriptors can be closed in place of those that the request is about. */
const FILLERS = 4;

const OPTIONS: Partial<ShareOptions> = {
  xattr: true,
  posixAcl: 'auto',
  securityLabel: 'auto',
  killprivV2: true,
  posixLock: true,
  flock: true,
  allowDirectIo: true,
};

/** A share and its guest, who gives everything back after each attempt. */
export class World {
  readonly fixture: Fixture;
  readonly client: FuseClient;
  readonly setting: Setting;
  /** Node and path of the directory that belongs to the attempt. */
  directory = ROOT_ID;
  path = '';
  #number = 0;
  readonly #lookups = new Map<number, number>();
  readonly #open = new Map<number, { node: number; directory: boolean }>();
  /** As JSON. */
  #before = '';
  #taken = 0;
  readonly #cleanUps: (() => void)[] = [];

  private constructor(fixture: Fixture, setting: Setting) {
    this.fixture = fixture;
    this.client = fixture.client;
    this.setting = setting;
  }

  static async open(setting: Setting): Promise<World> {
    const { parent, inodeFileHandles, threads, memory, mapped } = setting;
    const fixture = await sharedDirectory({
      parent,
      ...(memory && { memory }),
      share: {
        ...OPTIONS,
        ...(inodeFileHandles && { inodeFileHandles }),
        ...(setting.tight && { descriptorBudget: BUDGET }),
        ...(threads && { threadPoolSize: threads }),
        ...(mapped && { xattrMap: parseXattrMap(':map::user.virtiofs.:') }),
      },
    });
    const { xattrs, procSelfFd, scratch } = fixture.share;
    if (setting.oldXattrs) {
      const calls = new CallsFromWorkingDirectory(procSelfFd, scratch);
      calls.list(fixture.share.nodes.descriptorOf(1), xattrs!.window, xattrs!.value, 0);
      Object.assign(xattrs!, { calls });
    }
    // The first result from another thread takes a descriptor of the event loop's own.
    await fixture.share.pool?.run('fcntl', fixture.share.procSelfFd, 1, 0);
    const world = new World(fixture, setting);
    // What is opened or mapped on first use, and kept.
    await world.begin();
    await world.end();
    return world;
  }

  /** Begins an attempt, in a directory of its own. */
  async begin(): Promise<void> {
    const name = `d${++this.#number}`;
    this.path = this.fixture.path(name);
    mkdirSync(this.path);
    const { uid, mode = 0o755 } = this.setting;
    if (uid !== undefined) chownSync(this.path, 0, uid + 1);
    chmodSync(this.path, mode);
    this.#before = JSON.stringify(this.#state());
    this.directory = ROOT_ID;
    this.directory = await this.lookup(name);
    for (let i = 0; this.setting.tight && i < FILLERS; i++) {
      writeFileSync(join(this.path, `.${i}`), '');
      await this.lookup(`.${i}`);
    }
  }

  /** What is to be as before when everything has been given back. */
  #state(): unknown {
    const { nodes, handles, budget, pins, locks, chunks, mounts, cache } = this.fixture.share;
    return {
      nodes: nodes.size,
      closed: nodes.closed,
      handles: handles.size,
      budget: budget.used,
      pins: pins.size,
      locks: [locks.size, locks.ranges, locks.queue.size],
      chunks: chunks.lent,
      mounts: mounts.size,
      cached: cache.size,
      identity: identity(),
      descriptors: readdirSync('/proc/self/fd').length,
    };
  }

  /** Ends an attempt: the guest gives everything back. What is left in spite of that, or ''. */
  async end(): Promise<string> {
    this.fixture.share.budget.give(this.#taken);
    this.#taken = 0;
    for (const [fh, { node, directory }] of this.#open) {
      if (directory) await this.client.releasedir(node, fh);
      else await this.client.release(node, fh);
    }
    this.#open.clear();
    await this.client.batchForget(...this.#lookups);
    this.#lookups.clear();
    const { pool } = this.fixture.share;
    while (pool && pool.outstanding > 0) await setImmediate();
    for (const cleanUp of this.#cleanUps.splice(0)) cleanUp();
    const after = JSON.stringify(this.#state());
    rmSync(this.path, { recursive: true, force: true });
    return after === this.#before ? '' : `${after} instead of ${this.#before}`;
  }

  /** Does something at the end of the attempt. */
  finally(cleanUp: () => void): void {
    this.#cleanUps.push(cleanUp);
  }

  /** Makes things as hard as the setting says: nodes lose their descriptors, or could, and there are no others. */
  press(): void {
    const { closed, tight } = this.setting;
    if (!closed && !tight) return;
    const { nodes, cache, budget } = this.fixture.share;
    for (const id of this.#lookups.keys()) {
      const descriptor = nodes.descriptorOf(nodes.slotOf(id));
      if (descriptor >= 0) cache.retire(descriptor);
    }
    if (closed) while (madeRoomAfter(this.fixture.share, -EMFILE));
    if (!tight) return;
    const { left } = budget;
    this.#taken += left;
    budget.take(left);
  }

  /** Looks up a name in the directory, or another one: the node. */
  async lookup(name: string, parent = this.directory): Promise<number> {
    return this.entered(await this.client.lookup(parent, name));
  }

  /** A reply has counted a lookup: the node. */
  entered({ nodeid }: { readonly nodeid: number | bigint }): number {
    const id = Number(nodeid);
    if (id !== 0) this.#lookups.set(id, (this.#lookups.get(id) ?? 0) + 1);
    return id;
  }

  /** A reply has opened a file: the handle. */
  opened(node: number, fh: number | bigint, directory = false): number {
    this.#open.set(Number(fh), { node, directory });
    const { handles } = this.fixture.share;
    const slot = handles.slotOf(Number(fh) >>> 0, Math.floor(Number(fh) / 2 ** 32), node);
    if (this.setting.remote) handles.setStorage(slot, Storage.REMOTE);
    return Number(fh);
  }

  /** The payload of CREATE or TMPFILE. */
  created(payload: Uint8Array): number {
    const node = this.entered(decode(EntryOut, payload));
    this.opened(node, decode(OpenOut, payload, EntryOut.SIZE).fh);
    return node;
  }

  async open(node: number, flags: number): Promise<number> {
    return this.opened(node, (await this.client.open(node, flags)).fh);
  }

  async opendir(node: number): Promise<number> {
    return this.opened(node, await this.client.opendir(node), true);
  }

  /** The guest has given a handle back itself. */
  released(fh: number): void {
    this.#open.delete(fh);
  }

  /** The guest has forgotten a node itself. */
  forgotten(node: number): void {
    this.#lookups.delete(node);
  }
}

/** Who this thread is: what a request may change only while it is served. */
function identity(): unknown {
  const mask = umask(0);
  umask(mask);
  return {
    uid: process.geteuid!(),
    gid: process.getegid!(),
    groups: getgroups(),
    capabilities: getCapabilities().effective.toString(),
    mask,
  };
}
