import type { LkIn, LkOut, Outcome } from '@vfs/fuse-proto';
import {
  EAGAIN,
  EBADF,
  EDEADLK,
  EINVAL,
  ENOLCK,
  F_RDLCK,
  F_UNLCK,
  F_WRLCK,
  O_ACCMODE,
  O_RDONLY,
  O_WRONLY,
} from '@vfs/sys';
import type { Share } from '../share.js';
import { NO_SLOT } from '../slot-ids.js';
import { type ByteRange, LAST_OFFSET } from './byte-ranges.js';
import { TAKEN_HERE, TAKEN_OUTSIDE } from './file-locks.js';
import { hostLockInTheWayOf } from './host-locks.js';
import type { Cancelable } from './lock-queue.js';
import { MAX_RANGES } from './lock-table.js';

/** Finds a lock in the way of one: 0 with the reply filled in, or −errno. `handle`: a slot. */
export function getRecordLock(share: Share, node: number, handle: number, input: LkIn, reply: LkOut): number {
  const wanted = rangeOf(input);
  if (wanted === undefined || wanted.type === F_UNLCK) return -EINVAL;
  const file = share.locks.of(node);
  for (const [, range, pid] of file?.inTheWayOf(ownerOf(input), wanted) ?? []) {
    describe(reply, range, pid);
    return 0;
  }
  const descriptor = file?.descriptor ?? share.handles.descriptorOf(handle);
  const found = hostLockInTheWayOf(share, descriptor, wanted);
  if (typeof found === 'number') return found;
  // Who has it outside the guest has no number in the guest.
  describe(reply, found ?? { ...wanted, type: F_UNLCK }, 0);
  return 0;
}

/** Takes, changes or gives up a POSIX lock: 0 or −errno; later, if it is to be waited for. `handle`: a slot. */
export function setRecordLock(
  share: Share,
  context: Cancelable,
  node: number,
  handle: number,
  input: LkIn,
  wait: boolean,
): Outcome {
  const { locks, handles } = share;
  const wanted = rangeOf(input);
  if (wanted === undefined) return -EINVAL;
  const owner = ownerOf(input);
  if (wanted.type === F_UNLCK) return giveRange(share, node, new Set([owner]), wanted);
  const access = handles.flagsOf(handle) & O_ACCMODE;
  if (access === (wanted.type === F_RDLCK ? O_WRONLY : O_RDONLY)) return -EBADF;

  const { pid } = input.lk;
  const id = handles.idOf(handle);
  const attempt = (): number => {
    // It cuts one into three at worst.
    if (locks.ranges + 2 > MAX_RANGES) return -ENOLCK;
    const slot = handles.slotOf(id >>> 0, Math.floor(id / 2 ** 32), node);
    if (slot === NO_SLOT) return -EBADF;
    return locks.change(share, node, (file) => file.take(share, slot, owner, pid, wanted));
  };
  const result = attempt();
  // A lock to read may have taken the place of one to write.
  if (result === 0) locks.queue.wake(node);
  if (result !== TAKEN_HERE && result !== TAKEN_OUTSIDE) return result;
  if (!wait) return -EAGAIN;
  if (wouldWaitForItself(share, node, owner, wanted)) return -EDEADLK;
  if (locks.queue.isFull) return -ENOLCK;
  return locks.queue.wait(context, { node, handle: id, attempt, record: { owner, wanted } }, result);
}

/** Gives up all POSIX locks that an owner has on a file, as the close of any of its descriptors does. */
export function closeOwner(share: Share, node: number, owner: bigint): void {
  giveRange(share, node, new Set([owner]), EVERYTHING, true);
}

/**
 * Gives up the POSIX locks that were taken through a handle, of which `handle` is the id.
 *
 * Linux has told of the owners that are processes when they closed the file. It says nothing of open file description locks,
 * whose owner is the open file itself; and this is its end.
 */
export function closeHandleLocks(share: Share, node: number, handle: number): void {
  const owners = new Set<bigint>();
  for (const [owner, { handles }] of share.locks.of(node)?.owners ?? []) {
    if (handles.has(handle)) owners.add(owner);
  }
  if (owners.size > 0) giveRange(share, node, owners, EVERYTHING, true);
}

const EVERYTHING: ByteRange = { type: F_UNLCK, start: 0n, end: LAST_OFFSET };

/** `ends`: see {@link FileLocks.give}. */
function giveRange(
  share: Share,
  node: number,
  owners: ReadonlySet<bigint>,
  range: ByteRange,
  ends = false,
): number {
  const { locks } = share;
  if (locks.of(node) === undefined) return 0;
  const result = locks.change(share, node, (file) => file.give(share, owners, range, ends));
  locks.queue.wake(node);
  return result;
}

/**
 * Whether an owner would wait for somebody who waits, maybe through others, for what it has itself. The guest's kernel
 * cannot know, because it does not have the locks.
 */
function wouldWaitForItself(share: Share, node: number, owner: bigint, wanted: ByteRange): boolean {
  const seen = new Set<bigint>();
  const pending = [{ node, owner, wanted }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    for (const [holder] of share.locks.of(next.node)?.inTheWayOf(next.owner, next.wanted) ?? []) {
      if (holder === owner) return true;
      if (seen.has(holder)) continue;
      seen.add(holder);
      for (const waiting of share.locks.waitingRecords()) if (waiting.owner === holder) pending.push(waiting);
    }
  }
  return false;
}

/** What a request is about; undefined if that is no range, or no type of lock. */
function rangeOf({ lk }: LkIn): ByteRange | undefined {
  const start = join(lk.start_lo, lk.start_hi);
  const end = join(lk.end_lo, lk.end_hi);
  const { type } = lk;
  if (start > end || end > LAST_OFFSET) return undefined;
  return type === F_RDLCK || type === F_WRLCK || type === F_UNLCK ? { type, start, end } : undefined;
}

function ownerOf(input: LkIn): bigint {
  return join(input.owner_lo, input.owner_hi);
}

/** A 64-bit number from its halves. */
export function join(lo: number, hi: number): bigint {
  return (BigInt(hi) << 32n) | BigInt(lo);
}

function describe({ lk }: LkOut, { type, start, end }: ByteRange, pid: number): void {
  lk.type = type;
  lk.start = start;
  lk.end = end;
  lk.pid = pid;
}
