/**
 * @packageDocumentation
 *
 * The FUSE protocol, both sides of it, without a transport.
 *
 * The kernel asks, the file system answers; each message has a header, a fixed structure, and names or data:
 *
 * ```text
 * kernel → in_header { len 56, opcode INIT, unique 2 } init_in { 7.38, max_readahead, flags }
 *        ← out_header { len 80, error 0, unique 2 } init_out { 7.38, max_write, flags }
 *
 * kernel → in_header { len 46, opcode LOOKUP, unique 4, nodeid 1 } "hello\0"
 *        ← out_header { len 144, error 0, unique 4 } entry_out { nodeid 2, attr { … } }
 *
 * kernel → in_header { len 80, opcode READ, unique 6, nodeid 2 } read_in { fh, offset 0, size 4096 }
 *        ← out_header { len 22, error 0, unique 6 } "world\n"
 *
 * kernel → in_header { len 48, opcode FORGET, unique 8, nodeid 2 } forget_in { nlookup 1 }
 *          (no reply)
 *
 * kernel → in_header { len 44, opcode UNLINK, unique 10, nodeid 1 } "no\0"
 *        ← out_header { len 16, error -2 (ENOENT), unique 10 }
 * ```
 *
 * A transport hands each message to {@link Session.dispatch} as an {@link Exchange}; the session checks it,
 * calls one method of a {@link FileSystem}, and puts the reply in place.
 */
export * from './abi/constants.js';
export * from './abi/dirent.js';
export * from './abi/flags.js';
export * from './abi/init-flags.js';
export type * from './abi/layout.js';
export * from './abi/opcodes.js';
export * as structs from './abi/structs.js';
export type { U64 } from './abi/u64.js';
export { type AnyView, decode, encode, View, type ViewClass } from './abi/view.js';
export * from './abi/views.js';
export * from './client/client.js';
export * from './client/listing.js';
export { decodeReply, encodeRequest, type Reply, type RequestHeader } from './client/message.js';
export * from './connection.js';
export * from './context.js';
export * from './data.js';
export * from './dirent-list.js';
export * from './errno.js';
export * from './errors.js';
export * from './file-system.js';
export * from './later.js';
export * from './layers/delegate.js';
export * from './layers/read-only.js';
export * from './layers/trace.js';
export * from './layers/translate-ids.js';
export * from './logger.js';
export * from './name.js';
export { DEFAULT_FLAGS, DEFAULT_MINIMUM_MINOR, READDIRPLUS_FLAGS } from './negotiation.js';
export * from './notify.js';
export * from './observer.js';
export { MAX_VARIABLE_SIZE } from './operations/operation.js';
export { opcodeName } from './operations/table.js';
export * from './segments.js';
export * from './session.js';
