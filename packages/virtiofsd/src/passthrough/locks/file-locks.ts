import {
  EACCES,
  EAGAIN,
  ENOLCK,
  F_RDLCK,
  F_UNLCK,
  O_ACCMODE,
  O_NONBLOCK,
  O_RDONLY,
  O_RDWR,
  O_WRONLY,
  raw,
} from '@vfs/sys';
import { madeRoomAfter, makeRoom, releaseDescriptor } from '../descriptor-room.js';
import { reopen } from '../reopen.js';
import type { Share } from '../share.js';
import { type ByteRange, ByteRanges, intersection, LAST_OFFSET, uncovered, union } from './byte-ranges.js';
import { setHostLock } from './host-locks.js';

/** A lock is not free: somebody in this guest has it. */
export const TAKEN_HERE = -EAGAIN;
/** Somebody else on the host has it. Not an errno: the guest is told EAGAIN. */
export const TAKEN_OUTSIDE = -0x10000;

/** Who has locks on a file: for POSIX locks a process of the guest, for its open file description locks an open file. */
export interface Owner {
  readonly ranges: ByteRanges;
  /** The process that took the last one, as the guest numbers it. */
  pid: number;
  /** Ids of the handles through which it took them. */
  readonly handles: Set<number>;
}

/**
 * The POSIX locks of the guest on one file.
 *
 * Among the guest's own processes they are decided here. For the rest of the host one open file has them all: on each byte the strongest
 * lock that any process of the guest has. So a file needs one descriptor, however many processes lock it. Taking a lock is one
 * system call, for where one owner may write nobody else has anything, and where one reads all read.
 */
export class FileLocks {
  readonly owners = new Map<bigint, Owner>();
  #descriptor = -1;
  #access = O_RDONLY;

  /** Who is in the way of a lock of `owner`, and with what. */
  *inTheWayOf(owner: bigint, wanted: ByteRange): Generator<[owner: bigint, range: ByteRange, pid: number]> {
    for (const [id, { ranges, pid }] of this.owners) {
      const range = id === owner ? undefined : ranges.inTheWayOf(wanted);
      if (range !== undefined) yield [id, range, pid];
    }
  }

  /** Takes a lock, or changes its type: 0, {@link TAKEN_HERE}, {@link TAKEN_OUTSIDE} or −errno. `handle`: a slot. */
  take(share: Share, handle: number, owner: bigint, pid: number, wanted: ByteRange): number {
    if (!this.inTheWayOf(owner, wanted).next().done) return TAKEN_HERE;
    const descriptor = this.#descriptorFor(share, handle, wanted.type);
    if (descriptor < 0) return descriptor;
    const result = setHostLock(share, descriptor, wanted);
    if (result === -EAGAIN || result === -EACCES) return TAKEN_OUTSIDE;
    if (result < 0) return result;
    let entry = this.owners.get(owner);
    if (entry === undefined) {
      entry = { ranges: new ByteRanges(), pid, handles: new Set() };
      this.owners.set(owner, entry);
    }
    entry.pid = pid;
    entry.handles.add(share.handles.idOf(handle));
    entry.ranges.assign(wanted);
    return 0;
  }

  /**
   * Gives up what some owners have in a range: 0 or −errno. What others have there too is kept on the host. With `ends`, the owners
   * are gone whatever the host says; what it does not let go of then it keeps until the file has no more locks, and is closed.
   */
  give(share: Share, owners: ReadonlySet<bigint>, range: ByteRange, ends = false): number {
    const given: ByteRange[] = [];
    const kept: ByteRange[] = [];
    for (const [id, { ranges }] of this.owners) {
      for (const own of ranges) {
        const part = intersection({ ...range, type: F_UNLCK }, own);
        if (part !== undefined) (owners.has(id) ? given : kept).push(part);
      }
    }
    let error = 0;
    let { end } = range;
    for (const free of uncovered(union(given), union(kept))) {
      error = setHostLock(share, this.#descriptor, free);
      if (error < 0 && ends) error = Math.max(setHostLock(share, this.#descriptor, free), 0);
      if (error === 0) continue;
      end = free.start - 1n;
      break;
    }
    for (const owner of owners) this.#forget(owner, { ...range, end });
    return error;
  }

  /** How many locks there are. */
  get count(): number {
    let count = 0;
    for (const { ranges } of this.owners.values()) count += ranges.count;
    return count;
  }

  /** A descriptor that shares the locks; −1 when there is none yet. */
  get descriptor(): number {
    return this.#descriptor;
  }

  /** Ends with all locks. */
  close(share: Share): void {
    this.owners.clear();
    if (this.#descriptor >= 0) releaseDescriptor(share, this.#descriptor);
    this.#descriptor = -1;
  }

  /** Ends with all locks of a guest that is gone: at once, even if a call on another thread still has the same open file. */
  drop(share: Share): void {
    if (this.#descriptor >= 0)
      setHostLock(share, this.#descriptor, { type: F_UNLCK, start: 0n, end: LAST_OFFSET });
    this.close(share);
  }

  #forget(owner: bigint, range: ByteRange): void {
    const entry = this.owners.get(owner);
    if (entry === undefined) return;
    if (range.start <= range.end) entry.ranges.assign({ ...range, type: F_UNLCK });
    if (entry.ranges.count === 0) this.owners.delete(owner);
  }

  #descriptorFor(share: Share, handle: number, type: number): number {
    const unfit = type === F_RDLCK ? O_WRONLY : O_RDONLY;
    if (this.#descriptor >= 0 && this.#access !== unfit) return this.#descriptor;
    // They stay open as handles do: nodes need some to work with.
    const { handles, locks, budget } = share;
    if (handles.size + locks.size >= budget.forHandles || !makeRoom(share)) return -ENOLCK;
    const own = share.handles.descriptorOf(handle);
    let access = share.handles.flagsOf(handle) & O_ACCMODE;
    let descriptor = -1;
    // Who may write only could not have the read locks of others; who may read only would make the file busy if it were opened to write.
    if (access === O_WRONLY) descriptor = reopen(share, own, O_RDWR | O_NONBLOCK);
    if (descriptor >= 0) access = O_RDWR;
    else {
      descriptor = raw.dup(own);
      if (madeRoomAfter(share, descriptor)) descriptor = raw.dup(own);
    }
    const error = descriptor < 0 ? -ENOLCK : this.#moveTo(share, descriptor, access);
    if (error === 0) return descriptor;
    if (descriptor >= 0) raw.close(descriptor);
    share.budget.give();
    return error;
  }

  /** Has another open file take over the locks, without ever being without them: 0 or −errno. */
  #moveTo(share: Share, descriptor: number, access: number): number {
    if (this.#descriptor >= 0) {
      // Locks to write are in each other's way, even so. It takes a file that its owner cannot read to come here.
      if (this.#access !== O_RDONLY || access === O_WRONLY) return -ENOLCK;
      for (const { ranges } of this.owners.values()) {
        for (const range of ranges) {
          const error = setHostLock(share, descriptor, range);
          if (error < 0) return -ENOLCK;
        }
      }
      releaseDescriptor(share, this.#descriptor);
    }
    this.#descriptor = descriptor;
    this.#access = access;
    return 0;
  }
}
