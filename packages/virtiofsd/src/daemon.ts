import { Session } from '@vfs/fuse-proto';
import { SysError } from '@vfs/sys';
import { Backend } from '@vfs/vhost-user';
import { raiseDescriptorLimit } from './descriptor-limit.js';
import { FileSystemDevice } from './device.js';
import { ListeningSocket } from './listening-socket.js';
import type { Log } from './log.js';
import { PassthroughFileSystem } from './passthrough/file-system.js';
import { PASSTHROUGH_FLAGS } from './passthrough/session-flags.js';
import { Share } from './passthrough/share.js';
import { checkSharedFolder } from './shared-folder.js';
import { StartError } from './start-error.js';

/** What a daemon serves, and where. */
export interface DaemonOptions {
  readonly sharedDir: string;
  readonly socketPath: string;
  readonly tag?: string;
}

/** How a daemon ended. */
export type Ending =
  /** The front-end disconnected, or stop() was called. */
  | 'done'
  /** The connection broke for a reason that has been logged. */
  | 'failed';

/**
 * One shared folder served to one virtual machine, from the listening socket to the end of the connection. As with the
 * reference daemon, the VMM's supervisor starts another one for another connection.
 */
export class Daemon implements Disposable {
  /** Settles when everything has been let go. */
  readonly ended: Promise<Ending>;
  readonly #share: Share;
  readonly #socket: ListeningSocket;
  readonly #backend: Backend;
  #end!: (ending: Ending) => void;
  #finished = false;

  /** Starts to listen. @throws StartError */
  constructor(options: DaemonOptions, log: Log) {
    const own = log.module('daemon');
    checkSharedFolder(options.sharedDir);
    const descriptorBudget = raiseDescriptorLimit(own);
    this.#share = openShare(options.sharedDir, descriptorBudget, log);
    const session = new Session(new PassthroughFileSystem(this.#share), {
      flags: PASSTHROUGH_FLAGS,
      log: log.module('fuse'),
    });
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#backend = new Backend(new FileSystemDevice(session, options.tag), {
      log: log.module('vhost-user'),
      onDisconnected: (reason) => this.#finish(reason ? 'failed' : 'done'),
    });
    try {
      this.#socket = new ListeningSocket(options.socketPath);
    } catch (error) {
      this.#share[Symbol.dispose]();
      throw error;
    }
    try {
      this.#backend.listen(this.#socket);
    } catch (error) {
      this.stop();
      throw error;
    }
    own.info(`sharing ${options.sharedDir}, waiting for a connection at ${options.socketPath}`);
  }

  /** Ends the connection, if there is one, and the daemon. */
  stop(): void {
    this.#finish('done');
  }

  [Symbol.dispose](): void {
    this.stop();
  }

  #finish(ending: Ending): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#socket[Symbol.dispose]();
    this.#backend.close();
    this.#share[Symbol.dispose]();
    this.#end(ending);
  }
}

function openShare(directory: string, descriptorBudget: number, log: Log): Share {
  try {
    return new Share({ directory, descriptorBudget, log: log.module('passthrough') });
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    const advice = error.path?.startsWith('/proc') ? 'is /proc mounted?' : 'check --shared-dir';
    throw new StartError(`cannot open '${error.path}' (${error.code}): ${advice}`);
  }
}
