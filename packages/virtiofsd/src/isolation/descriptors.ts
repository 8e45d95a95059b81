/**
 * The descriptors that a worker is started with, and no others; the first three are the standard ones: nothing to read,
 * nowhere to write, and the log.
 */
export const LISTENER_FD = 3;
/** The conversation with the process that has started the worker: see `conversation.ts`. */
export const CONVERSATION_FD = 4;
/** What the worker is told to do, as {@link ../orders} writes it. */
export const ORDERS_FD = 5;
/** /proc/self/fd of the worker. */
export const PROC_SELF_FD = 6;
/** The lock of the pid file, if there is one: nobody else takes the socket while the worker lives. */
export const LOCK_FD = 7;
/** Behind these, or in its place, is what {@link ../orders} names. */
export const FURTHER_FD = 7;
