import type { Session } from '@vfs/fuse-proto';
import type { Chain, Device } from '@vfs/vhost-user';

/** Room for the tag in the configuration space, NUL-padded. */
export const TAG_SIZE = 36;
/** Queue 0 is the high-priority queue, for FORGET; the others are request queues. */
const REQUEST_QUEUES = 1;

/** A virtio file system device: every descriptor chain of every queue is one FUSE request. */
export class FileSystemDevice implements Device {
  readonly queueCount = 1 + REQUEST_QUEUES;
  readonly features = 0n;
  /** Left out without a tag: then the VMM presents the configuration space itself. */
  readonly config?: Uint8Array;
  readonly #session: Session;

  /** @param tag at most {@link TAG_SIZE} bytes: what the guest mounts */
  constructor(session: Session, tag?: string) {
    this.#session = session;
    if (tag !== undefined) this.config = configurationSpace(tag);
  }

  handle(chain: Chain): void {
    this.#session.dispatch(chain);
  }

  /** The driver is gone or starts over: nothing it looked up or opened is left. */
  reset(): void {
    this.#session.reset();
  }
}

/** struct virtio_fs_config: char tag[36]; le32 num_request_queues. */
function configurationSpace(tag: string): Uint8Array {
  const config = Buffer.alloc(TAG_SIZE + 4);
  config.write(tag, 0, TAG_SIZE);
  config.writeUInt32LE(REQUEST_QUEUES, TAG_SIZE);
  return config;
}
