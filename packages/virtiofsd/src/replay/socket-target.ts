import { SysError } from '@vfs/sys';
import { type DriverQueue, Frontend, type GuestBuffer, UsageError } from '@vfs/vhost-user';
import { StartError } from '../start-error.js';
import type { ReplayTarget } from './target.js';

/** The longest message: 1 MiB of data, and what belongs to it. */
const LONGEST = (1 << 20) + 8192;
const PAGE = 4096;
const QUEUE_SIZE = 1024;
const MEMORY = 192 << 20;
const TIMEOUT = 10_000;
/** Requests go over the first request queue, FORGET too: their order is part of the recording. */
const REQUEST_QUEUE = 1;

interface Place {
  readonly question: GuestBuffer;
  readonly answer: GuestBuffer;
}

/** Replays against a daemon at its vhost-user socket, in the place of a virtual machine. */
export class SocketTarget implements ReplayTarget {
  readonly #frontend: Frontend;
  readonly #queue: DriverQueue;
  readonly #free: Place[] = [];

  private constructor(frontend: Frontend, queue: DriverQueue) {
    this.#frontend = frontend;
    this.#queue = queue;
  }

  /** @throws StartError */
  static async connect(path: string): Promise<SocketTarget> {
    try {
      const frontend = await Frontend.connect(path, { timeout: TIMEOUT, memory: [{ size: MEMORY }] });
      await frontend.startQueue(0, { size: QUEUE_SIZE });
      const queue = await frontend.startQueue(REQUEST_QUEUE, { size: QUEUE_SIZE });
      return new SocketTarget(frontend, queue);
    } catch (error) {
      if (!(error instanceof SysError || error instanceof UsageError)) throw error;
      throw new StartError(`cannot replay at the socket '${path}': ${error.message}`);
    }
  }

  send(request: Buffer, room: number, done: (reply: Uint8Array) => void): void {
    if (request.length > LONGEST) throw new StartError(`a request has ${request.length} bytes`);
    const place = this.#free.pop() ?? this.#allocate();
    place.question.u8.set(request);
    const writable = room > 0 ? pieces(place.answer, Math.min(room, LONGEST), 16) : [];
    void this.#queue.submit(pieces(place.question, request.length, 40), writable).then(
      (length) => {
        const reply = place.answer.u8.slice(0, length);
        this.#free.push(place);
        done(reply);
      },
      // The daemon is gone, or breaks the ring: the replay misses the answer.
      () => {},
    );
  }

  [Symbol.dispose](): void {
    this.#frontend.close();
  }

  #allocate(): Place {
    const { memory } = this.#frontend;
    return { question: memory.allocate(LONGEST, PAGE), answer: memory.allocate(LONGEST, PAGE) };
  }
}

/** A buffer as a driver hands it out: the header apart, then page by page. */
function pieces({ address }: GuestBuffer, length: number, header: number) {
  const result = [{ address, length: Math.min(header, length) }];
  for (let at = header; at < length; at += PAGE) {
    result.push({ address: address + at, length: Math.min(PAGE, length - at) });
  }
  return result;
}
