import { ByteSegments, type Exchange, Session } from '@vfs/fuse-proto';
import { SysError } from '@vfs/sys';
import { descriptorBudget, setDescriptorLimit } from '../life-cycle/descriptor-limit.js';
import type { Log } from '../log.js';
import type { ShareChoices } from '../options.js';
import { Share } from '../passthrough/share.js';
import { servedFileSystem, shareOptions } from '../served-file-system.js';
import { checkSharedFolder } from '../shared-folder.js';
import { StartError } from '../start-error.js';
import type { ReplayTarget } from './target.js';

/** Replays against a folder, in this process. */
export class FolderTarget implements ReplayTarget {
  readonly #share: Share;
  readonly #session: Session;

  /** @throws StartError */
  constructor(directory: string, options: ShareChoices, log: Log) {
    const own = log.module('passthrough');
    checkSharedFolder(directory);
    setDescriptorLimit(options.rlimitNofile, own);
    try {
      this.#share = new Share({
        directory,
        descriptorBudget: descriptorBudget(options.threadPoolSize, own),
        ...shareOptions(options, own),
        log: own,
      });
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      throw new StartError(`cannot replay in '${directory}': ${error.message}`);
    }
    this.#session = new Session(servedFileSystem(this.#share, options), { log: log.module('fuse') });
  }

  send(request: Buffer, room: number, done: (reply: Uint8Array) => void): void {
    const reply = new Uint8Array(room);
    const exchange: Exchange = {
      readable: new ByteSegments(request),
      writable: new ByteSegments(reply),
      complete: (length) => done(reply.subarray(0, length)),
    };
    this.#session.dispatch(exchange);
  }

  [Symbol.dispose](): void {
    this.#session.destroy();
    this.#share[Symbol.dispose]();
  }
}
