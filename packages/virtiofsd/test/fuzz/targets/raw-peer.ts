import { MappedMemory, MSG_DONTWAIT, raw } from '@vfs/sys';
import { HeaderFlag, MAX_DESCRIPTORS } from '@vfs/vhost-user';

const OUTPUT = 0;
const INPUT = 0x4000;
const FDS_OUT = 0x8000;
const FDS_IN = 0x8400;
const SIZE = 0x8800;
const MOST_BYTES = INPUT - OUTPUT;
/** The kernel's SCM_MAX_FD is more than a message may have. */
export const MOST_FDS = MAX_DESCRIPTORS + 4;
const HEADER = 12;

/** A message as it came. */
export interface RawMessage {
  readonly request: number;
  readonly flags: number;
  readonly body: Uint8Array;
  /** The receiver's to close. */
  readonly descriptors: readonly number[];
}

/** One end of a vhost-user connection that sends any bytes and any descriptors, and believes nothing. */
export class RawPeer implements Disposable {
  readonly #fd: number;
  readonly #memory = MappedMemory.anonymous(SIZE);
  readonly #window = this.#memory.windows[0]!;
  #received = new Uint8Array(0);
  #descriptors: number[] = [];
  #open = true;

  /** @param fd - a non-blocking stream socket, owned from here on */
  constructor(fd: number) {
    this.#fd = fd;
  }

  /** Sends bytes as they are. What the other side does not take is lost. */
  send(bytes: Uint8Array, fds: readonly number[] = []): void {
    if (!this.#open || bytes.length === 0) return;
    const { id, u8, view } = this.#window;
    const length = Math.min(bytes.length, MOST_BYTES);
    u8.set(bytes.subarray(0, length), OUTPUT);
    for (const [i, fd] of fds.entries()) view.setInt32(FDS_OUT + 4 * i, fd, true);
    raw.sendmsg(this.#fd, id, OUTPUT, length, id, FDS_OUT, fds.length, MSG_DONTWAIT);
  }

  /** Complete messages that have come since. */
  receive(): RawMessage[] {
    if (!this.#open) return [];
    const { id, u8, view } = this.#window;
    for (;;) {
      const count = raw.recvmsg(this.#fd, id, INPUT, 0x1000, id, FDS_IN, MOST_FDS, MSG_DONTWAIT);
      if (count <= 0) return this.#messages();
      const fds = view.getInt32(FDS_IN, true);
      for (let i = 1; i <= fds; i++) this.#descriptors.push(view.getInt32(FDS_IN + 4 * i, true));
      this.#received = new Uint8Array([...this.#received, ...u8.subarray(INPUT, INPUT + count)]);
    }
  }

  close(): void {
    if (!this.#open) return;
    for (const message of this.receive()) closeAll(message.descriptors);
    closeAll(this.#descriptors);
    this.#open = false;
    raw.close(this.#fd);
    this.#memory.unmap();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #messages(): RawMessage[] {
    const messages: RawMessage[] = [];
    for (;;) {
      const bytes = this.#received;
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      const size = bytes.length < HEADER ? 0 : view.getUint32(8, true);
      if (bytes.length < HEADER + size) return messages;
      messages.push({
        request: view.getUint32(0, true),
        flags: view.getUint32(4, true),
        body: bytes.slice(HEADER, HEADER + size),
        // With several messages in one go nobody can tell whose they are; the first one has them.
        descriptors: this.#descriptors.splice(0),
      });
      this.#received = bytes.slice(HEADER + size);
    }
  }
}

/** @param size - what the header says: mostly the length of the body */
export function messageBytes(
  request: number,
  flags: number,
  body: Uint8Array,
  size = body.length,
): Uint8Array {
  const bytes = new Uint8Array(HEADER + body.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, request, true);
  view.setUint32(4, flags, true);
  view.setUint32(8, size, true);
  bytes.set(body, HEADER);
  return bytes;
}

export const VERSION = HeaderFlag.VERSION;

export function closeAll(fds: readonly number[]): void {
  for (const fd of fds) raw.close(fd);
}
