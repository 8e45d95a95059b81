import { closeSync, openSync, writeFileSync } from 'node:fs';
import { FUSE_LK_FLOCK, type U64 } from '@vfs/fuse-proto';
import { errnoName, F_RDLCK, F_UNLCK, F_WRLCK } from '@vfs/sys';
import { after, type Fixture, sharedDirectory } from '../support/fixture.js';

export const READ = F_RDLCK;
export const WRITE = F_WRLCK;
export const NONE = F_UNLCK;
/** The last byte that a lock can have. */
export const END = 2n ** 63n - 1n;

/** A share whose guest has agreed to have its locks here, with the files `one` and `two`. */
export async function shareWithLocks(descriptorBudget?: number): Promise<Fixture> {
  const share = { posixLock: true, flock: true, ...(descriptorBudget && { descriptorBudget }) };
  const fixture = await sharedDirectory({ share });
  for (const name of ['one', 'two']) writeFileSync(fixture.path(name), 'content');
  return fixture;
}

/** Lets everything happen that can: what still waits then waits for somebody. */
export async function settled(fixture: Fixture): Promise<void> {
  for (let i = 0; i < 3; i++) await fixture.client.getattr(1);
}

/** An open file of the guest, and what its processes do with locks. `owner`: a process; its pid is 1000 more. */
export class LockedFile {
  readonly #fixture: Fixture;
  readonly node: U64;
  readonly fh: U64;

  private constructor(fixture: Fixture, node: U64, fh: U64) {
    this.#fixture = fixture;
    this.node = node;
    this.fh = fh;
  }

  static async open(fixture: Fixture, name: string, flags: number): Promise<LockedFile> {
    const { nodeid } = await fixture.client.lookup(1, name);
    const { fh } = await fixture.client.open(nodeid, flags);
    return new LockedFile(fixture, nodeid, fh);
  }

  /** Takes or gives up a lock: '', or the name of the errno. */
  set(owner: number, type: number, start: U64 = 0, end: U64 = END): Promise<string> {
    return outcome(this.#setlk(owner, type, start, end, false));
  }

  /** The same, waiting for it. `unique` names the request for an interrupt. */
  wait(owner: number, type: number, start: U64 = 0, end: U64 = END, unique?: U64): Promise<string> {
    return outcome(this.#setlk(owner, type, start, end, true, unique));
  }

  /** Who is in the way of a lock: type, start, end and pid; undefined if nobody is. */
  async get(owner: number, type: number, start: U64 = 0, end: U64 = END) {
    const { lk } = await this.#fixture.client.fuse.getlk(this.node, {
      fh: this.fh,
      owner,
      lk: { type, start, end, pid: 1000 + owner },
    });
    return lk.type === NONE ? undefined : { type: lk.type, start: lk.start, end: lk.end, pid: lk.pid };
  }

  flock(type: number, wait = false): Promise<string> {
    return outcome(
      this.#fixture.client.fuse.setlk(
        this.node,
        { fh: this.fh, owner: 1, lk_flags: FUSE_LK_FLOCK, lk: { type, start: 0, end: END } },
        wait,
      ),
    );
  }

  /** A process closes a descriptor of the file. */
  flush(owner: number): Promise<void> {
    return this.#fixture.client.fuse.flush(this.node, { fh: this.fh, lock_owner: owner });
  }

  release(release_flags = 0): Promise<void> {
    return this.#fixture.client.fuse.release(this.node, { fh: this.fh, release_flags });
  }

  #setlk(owner: number, type: number, start: U64, end: U64, wait: boolean, unique?: U64): Promise<void> {
    const lk = { type, start, end, pid: 1000 + owner };
    return this.#fixture.client.fuse.setlk(this.node, { fh: this.fh, owner, lk }, wait, unique);
  }
}

/** '' for success, else the name of the errno. */
async function outcome(request: Promise<unknown>): Promise<string> {
  try {
    await request;
    return '';
  } catch (error) {
    return errnoName((error as { errno: number }).errno);
  }
}

/** Opens a file of the host for the rest of the test, for somebody who is not the guest. */
export function openOnHost(path: string, flags = 'r+'): number {
  const fd = openSync(path, flags);
  after(() => closeSync(fd));
  return fd;
}
