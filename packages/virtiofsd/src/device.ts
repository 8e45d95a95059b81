import type { Session } from '@vfs/fuse-proto';
import type { Chain, Device } from '@vfs/vhost-user';

/** Room for the tag in the configuration space, NUL-padded. */
export const TAG_SIZE = 36;

/** What the guest is told of a {@link FileSystemDevice}. */
export interface FileSystemDeviceOptions {
  /** What the guest mounts, at most {@link TAG_SIZE} bytes. Without it, the VMM presents the configuration space itself. */
  readonly tag?: string;
  /** Request queues, beside the high-priority queue 0, which is for FORGET. @default 1 */
  readonly numRequestQueues?: number;
  /** How the guest moves to another daemon, or comes from one. @default it cannot */
  readonly migration?: StateKeeper;
}

/** What a guest knows of a file system and has open, as bytes. */
export interface StateKeeper {
  /** No request is being served meanwhile. */
  save(): Uint8Array;
  /** @throws when the state cannot be taken over */
  load(state: Uint8Array): void;
}

/** A virtio file system device: every descriptor chain of every queue is one FUSE request. */
export class FileSystemDevice implements Device {
  readonly queueCount: number;
  readonly features = 0n;
  /** Left out without a tag. */
  readonly config?: Uint8Array;
  readonly saveState?: () => Uint8Array;
  readonly loadState?: (state: Uint8Array) => void;
  readonly #session: Session;

  constructor(session: Session, { tag, numRequestQueues = 1, migration }: FileSystemDeviceOptions = {}) {
    this.#session = session;
    this.queueCount = 1 + numRequestQueues;
    if (tag !== undefined) this.config = configurationSpace(tag, numRequestQueues);
    if (migration !== undefined) {
      this.saveState = () => migration.save();
      this.loadState = (state) => migration.load(state);
    }
  }

  handle(chain: Chain): void {
    this.#session.dispatch(chain);
  }

  idle(): void {
    this.#session.idle();
  }

  /** Whoever waits for a lock might wait for somebody in this very guest. */
  hurry(): void {
    this.#session.cancelWaits();
  }

  /** The driver is gone or starts over: nothing it looked up or opened is left. */
  reset(): void {
    this.#session.reset();
  }
}

/** struct virtio_fs_config: char tag[36]; le32 num_request_queues. */
function configurationSpace(tag: string, numRequestQueues: number): Uint8Array {
  const config = Buffer.alloc(TAG_SIZE + 4);
  config.write(tag, 0, TAG_SIZE);
  config.writeUInt32LE(numRequestQueues, TAG_SIZE);
  return config;
}
