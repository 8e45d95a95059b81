import { EAGAIN, MESSAGE_MAX, MSG_DONTWAIT, receiveMessage, SysError, sendMessage } from '@vfs/sys';

/** What a worker and the process that has started it tell each other, in this order; samples at any time while it serves. */
export type Message =
  /** The worker has loaded all that it needs, and can be confined. */
  | { readonly kind: 'loaded' }
  /** To the worker: its root has been moved. */
  | { readonly kind: 'confined' }
  /** The worker has its filter of system calls; a descriptor that reports on those may come along. */
  | { readonly kind: 'filtered' }
  /** A system call that is not allowed ends the worker: its handler of SIGSYS writes just the number, as an i32. */
  | { readonly kind: 'refused'; readonly call: number }
  /** The worker accepts connections. */
  | { readonly kind: 'serving' }
  /** To the worker: the gauges among its metrics are to be brought up to date. */
  | { readonly kind: 'sample' }
  /** They are. */
  | { readonly kind: 'sampled' }
  /** The worker has let everything go, and exits: if a system call that it left to a thread does not return, in vain. */
  | { readonly kind: 'ending' }
  /** The worker cannot serve: the message of a StartError. */
  | { readonly kind: 'failed'; readonly message: string };

/** More than this of a message is cut off. */
const TEXT_MAX = 4096;

/** Sends a message. The other end may be gone: whoever reads next notices. */
export function send(fd: number, message: Message, fds: readonly number[] = []): void {
  const whole =
    message.kind === 'failed' ? { ...message, message: message.message.slice(0, TEXT_MAX) } : message;
  try {
    sendMessage(fd, Buffer.from(JSON.stringify(whole)), fds);
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
  }
}

/** What was received: undefined at the end of the conversation. */
export interface Received {
  readonly message: Message | undefined;
  readonly fds: readonly number[];
}

/** Waits for a message. */
export function receive(fd: number): Received {
  const { bytes, fds } = receiveMessage(fd, MESSAGE_MAX, 1);
  return { message: parse(bytes), fds };
}

/** Shorter than any other message. */
const REFUSED_SIZE = 4;

function parse(bytes: Uint8Array): Message | undefined {
  if (bytes.length === 0) return undefined;
  const buffer = Buffer.from(bytes);
  if (bytes.length === REFUSED_SIZE) return { kind: 'refused', call: buffer.readInt32LE() };
  return JSON.parse(buffer.toString()) as Message;
}

/** A message that is there, or undefined. */
export function receiveNow(fd: number): Received | undefined {
  try {
    const { bytes, fds } = receiveMessage(fd, MESSAGE_MAX, 1, MSG_DONTWAIT);
    return { message: parse(bytes), fds };
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    // A process that is killed resets the connection when it had not read everything.
    return error.errno === EAGAIN ? undefined : { message: undefined, fds: [] };
  }
}
