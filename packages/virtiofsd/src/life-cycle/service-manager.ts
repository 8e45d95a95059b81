import { notifyServiceManager } from '@vfs/sys';
import type { Logger } from '../log.js';

/** What a service manager says about the socket that it passes has been read with the command line. */
const MEANT_FOR_US = ['NOTIFY_SOCKET', 'LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES'];

/** Tells the service manager, if there is one, how the daemon does: sd_notify(3). */
export class ServiceManager {
  readonly #socket: string | undefined;
  readonly #log: Logger;

  /** What concerns this process alone is taken out of the environment that children get. */
  constructor(log: Logger, env: NodeJS.ProcessEnv = process.env) {
    this.#log = log;
    this.#socket = env['NOTIFY_SOCKET'];
    for (const name of MEANT_FOR_US) delete env[name];
  }

  ready(status: string): void {
    this.#tell('READY=1', status);
  }

  stopping(status: string): void {
    this.#tell('STOPPING=1', status);
  }

  /** Why the daemon ends with an error. */
  failed(status: string): void {
    this.#tell(`STATUS=${oneLine(status)}`);
  }

  #tell(state: string, status?: string): void {
    if (this.#socket === undefined) return;
    try {
      notifyServiceManager(
        status === undefined ? state : `${state}\nSTATUS=${oneLine(status)}`,
        this.#socket,
      );
    } catch (error) {
      this.#log.warn(`the service manager cannot be told: ${(error as Error).message}`);
    }
  }
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ');
}
