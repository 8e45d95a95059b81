/**
 * Messages that a server sends of its own accord: an out_header with `unique` 0 and the notify code in
 * `error`, then a structure, then names or data. They go to the kernel as they are, through /dev/fuse;
 * virtio-fs has no queue for them, unless the device offers its notification queue.
 */
import * as code from './abi/constants.js';
import { storeU64, type U64 } from './abi/u64.js';
import { encode } from './abi/view.js';
import * as abi from './abi/views.js';
import { concat, nameBytes } from './client/message.js';

function message(notifyCode: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const body = concat(parts);
  const len = abi.OutHeader.SIZE + body.length;
  return concat([encode(abi.OutHeader, { len, error: notifyCode, unique: 0 }), body]);
}

/** The name without its NUL as namelen, and with it as bytes: so the kernel wants both. */
function named(name: string | Uint8Array): { namelen: number; bytes: Uint8Array } {
  const bytes = nameBytes(name);
  return { namelen: bytes.length - 1, bytes };
}

/** The events of a file that was polled with FUSE_POLL_SCHEDULE_NOTIFY have changed; `kh` is from poll_in. */
export function notifyPoll(kh: U64): Uint8Array {
  return message(code.FUSE_NOTIFY_POLL, encode(abi.NotifyPollWakeupOut, { kh }));
}

/**
 * Drops a node's cached attributes, and its cached data from `off` on for `len` bytes (0: to the end). With a
 * negative `off` the attributes only.
 */
export function notifyInvalInode(ino: U64, off: U64 = 0, len: U64 = 0): Uint8Array {
  return message(code.FUSE_NOTIFY_INVAL_INODE, encode(abi.NotifyInvalInodeOut, { ino, off, len }));
}

/** Drops a cached entry; with FUSE_EXPIRE_ONLY in `flags` it is only asked for again at its next use. */
export function notifyInvalEntry(parent: U64, name: string | Uint8Array, flags = 0): Uint8Array {
  const { namelen, bytes } = named(name);
  const head = encode(abi.NotifyInvalEntryOut, { parent, namelen, flags });
  return message(code.FUSE_NOTIFY_INVAL_ENTRY, head, bytes);
}

/** As invalidating an entry, and tells inotify watchers that `child` was deleted. */
export function notifyDelete(parent: U64, child: U64, name: string | Uint8Array): Uint8Array {
  const { namelen, bytes } = named(name);
  return message(code.FUSE_NOTIFY_DELETE, encode(abi.NotifyDeleteOut, { parent, child, namelen }), bytes);
}

/** Puts data into the kernel's cache of a file. */
export function notifyStore(nodeid: U64, offset: U64, data: Uint8Array): Uint8Array {
  const head = encode(abi.NotifyStoreOut, { nodeid, offset, size: data.length });
  return message(code.FUSE_NOTIFY_STORE, head, data);
}

/** Asks for what the kernel's cache has of a file; it comes as NOTIFY_REPLY with `notify_unique` as its id. */
export function notifyRetrieve(notify_unique: U64, nodeid: U64, offset: U64, size: number): Uint8Array {
  const body = encode(abi.NotifyRetrieveOut, { notify_unique, nodeid, offset, size });
  return message(code.FUSE_NOTIFY_RETRIEVE, body);
}

/** Has all requests that were read but not answered sent again (FUSE_HAS_RESEND, since 7.40). */
export function notifyResend(): Uint8Array {
  return message(code.FUSE_NOTIFY_RESEND);
}

/** Has every cached entry looked up again at its next use (since 7.44). */
export function notifyIncEpoch(): Uint8Array {
  return message(code.FUSE_NOTIFY_INC_EPOCH);
}

/** Asks to forget nodes that nobody uses (since 7.45). */
export function notifyPrune(nodeids: readonly U64[]): Uint8Array {
  const head = encode(abi.NotifyPruneOut, { count: nodeids.length });
  const ids = new Uint8Array(nodeids.length * 8);
  const data = new DataView(ids.buffer);
  for (const [i, nodeid] of nodeids.entries()) storeU64(data, i * 8, nodeid);
  return message(code.FUSE_NOTIFY_PRUNE, head, ids);
}
