import { FUSE_READ, FUSE_WRITE, opcodeName } from '@vfs/fuse-proto';
import { MonotonicClock } from '@vfs/sys';
import type { TraceReader, TraceRecord } from '../observe/trace/reader.js';
import { InMessage, OutMessage } from './messages.js';
import { type ReplayReport, ReportBuilder, resultText } from './report.js';
import type { ReplayTarget } from './target.js';
import { Translation } from './translation.js';

/** A recording says nothing about more requests at once than a guest has. */
const MOST_IN_FLIGHT = 64;
/** Of a record whose message does not say how long it is. */
const LONGEST_REQUEST = (1 << 20) + 8192;
const LONGEST_ROOM = (1 << 20) + 8192;
/** How long an answer may take that the recording has, in milliseconds. */
const PATIENCE = 10_000;

/** How a recording is replayed. */
export interface PlayOptions {
  /** At the speed of the recording, or as fast as it goes. */
  readonly paced: boolean;
  /** How long to wait for an answer that the recording has, in milliseconds. @default 10000 */
  readonly patience?: number;
}

/** A request of the replay. */
interface Pending {
  readonly request: Buffer;
  readonly opcode: number;
  readonly nodeid: bigint;
  /** When it was recorded, and when it was sent now. */
  readonly recorded: number;
  readonly sent: number;
  reply: Uint8Array | undefined;
  /** When that came. */
  answered: number;
  arrived: (() => void) | undefined;
}

/**
 * Replays a recording: each request is made when it was made then, in the order of the recording, and what was answered before
 * it then is answered before it now.
 */
export async function play(
  reader: TraceReader,
  target: ReplayTarget,
  options: PlayOptions,
): Promise<ReplayReport> {
  const player = new Player(target, options);
  for (const record of reader.records()) {
    if (record.kind === 'request') await player.request(record);
    else if (record.kind === 'reply') await player.reply(record);
  }
  return player.finish(reader);
}

class Player {
  readonly #target: ReplayTarget;
  readonly #paced: boolean;
  readonly #patience: number;
  readonly #report = new ReportBuilder();
  readonly #translation = new Translation();
  readonly #pending = new Map<bigint, Pending>();
  #begun: number | undefined;
  /** How many have no answer yet. */
  #outstanding = 0;
  #first = 0;
  #last = 0;

  constructor(target: ReplayTarget, { paced, patience = PATIENCE }: PlayOptions) {
    this.#target = target;
    this.#paced = paced;
    this.#patience = patience;
  }

  async request(record: TraceRecord): Promise<void> {
    this.#begun ??= this.#begin(record.time);
    this.#last = record.time;
    if (this.#paced) await this.#wait(record.time);
    if (!InMessage.fits(record.message)) return;
    const request = this.#whole(record);
    const recorded = Buffer.from(request);
    const message = new InMessage(request);
    const { opcode, unique, nodeid } = message;
    if (!this.#translation.request(message)) {
      this.#report.skipped++;
      return;
    }
    await this.#makeRoom();
    this.#report.requests++;
    const pending: Pending = {
      request: recorded,
      opcode,
      nodeid,
      recorded: record.time,
      sent: MonotonicClock.now(),
      reply: undefined,
      answered: 0,
      arrived: undefined,
    };
    this.#pending.set(unique, pending);
    this.#outstanding++;
    this.#target.send(request, Math.min(record.room, LONGEST_ROOM), (reply) => {
      pending.answered = MonotonicClock.now();
      if (this.#pending.get(unique) === pending) this.#outstanding--;
      pending.reply = reply;
      // One without a reply has nothing to compare.
      if (reply.length === 0 && this.#pending.get(unique) === pending) this.#pending.delete(unique);
      pending.arrived?.();
    });
  }

  async reply({ message, time }: TraceRecord): Promise<void> {
    this.#last = time;
    const recorded = new OutMessage(message);
    const pending = this.#pending.get(recorded.unique);
    if (!pending) return;
    const copy = new OutMessage(Buffer.from(message));
    if (pending.reply === undefined) await this.#arrival(pending);
    this.#pending.delete(recorded.unique);
    if (pending.reply === undefined) this.#outstanding--;
    this.#compare(pending, copy, time);
  }

  /** What the recording has no answer to need not have one. */
  finish(reader: TraceReader): ReplayReport {
    this.#report.recorded = (this.#last - this.#first) / 1e9;
    this.#report.replayed = this.#begun === undefined ? 0 : (MonotonicClock.now() - this.#begun) / 1e9;
    return this.#report.finish(reader.torn);
  }

  #begin(time: number): number {
    this.#first = time;
    return MonotonicClock.now();
  }

  /** The message, with zeros for what was not recorded of it. */
  #whole({ message, cut }: TraceRecord): Buffer {
    const length = cut ? Math.min(new InMessage(message).length, LONGEST_REQUEST) : message.length;
    const whole = Buffer.alloc(Math.max(length, message.length));
    message.copy(whole);
    if (cut) this.#report.filled++;
    return whole;
  }

  async #wait(time: number): Promise<void> {
    const left = (time - this.#first - (MonotonicClock.now() - this.#begun!)) / 1e6;
    if (left > 0) await new Promise((resolve) => setTimeout(resolve, left));
  }

  async #makeRoom(): Promise<void> {
    while (this.#outstanding >= MOST_IN_FLIGHT) {
      for (const [unique, pending] of this.#pending) {
        if (pending.reply !== undefined) continue;
        await this.#arrival(pending);
        if (pending.reply === undefined) {
          this.#pending.delete(unique);
          this.#outstanding--;
        }
        break;
      }
    }
  }

  #arrival(pending: Pending): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#patience);
      pending.arrived = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #compare(pending: Pending, recorded: OutMessage, time: number): void {
    const { opcode, reply } = pending;
    const replayed =
      reply && reply.length >= OutMessage.SIZE ? new OutMessage(Buffer.from(reply)) : undefined;
    if (replayed) this.#report.took(opcode, time - pending.recorded, pending.answered - pending.sent);
    const before = textOf(opcode, recorded);
    const now = replayed ? textOf(opcode, replayed) : reply ? 'no reply' : 'no answer in time';
    if (before !== now) {
      this.#report.differs({
        time: pending.recorded / 1e9,
        opcode: opcodeName(opcode),
        unique: String(recorded.unique),
        nodeid: String(pending.nodeid),
        recorded: before,
        replayed: now,
      });
    }
    if (replayed && recorded.error === 0 && replayed.error === 0) {
      this.#translation.reply(pending.request, recorded, replayed);
    }
  }
}

/** What is compared of a reply: the error, and how much was read or written. */
function textOf(opcode: number, reply: OutMessage): string {
  if (reply.error !== 0) return resultText(reply.error);
  if (opcode === FUSE_READ) return `${reply.length - OutMessage.SIZE} bytes`;
  if (opcode === FUSE_WRITE && reply.payload.length >= 4) return `${reply.payload.readUInt32LE()} bytes`;
  return resultText(0);
}
