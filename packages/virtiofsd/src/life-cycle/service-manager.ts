import { notifyServiceManager } from '@vfs/sys';
import type { Logger } from '../log.js';
import { StartError } from '../start-error.js';

/** The first descriptor that a service manager passes: sd_listen_fds(3). */
const FIRST_FD = 3;
const MEANT_FOR_US = ['NOTIFY_SOCKET', 'LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES'];

/**
 * The socket that a service manager has passed to this process: systemd's socket activation.
 *
 * @returns undefined when there is none
 * @throws StartError when there are several
 */
export function activatedSocket(env: NodeJS.ProcessEnv = process.env): number | undefined {
  if (env['LISTEN_PID'] !== String(process.pid)) return undefined;
  const count = Number(env['LISTEN_FDS']);
  if (!(count > 0)) return undefined;
  if (count > 1) {
    throw new StartError(
      `the service manager has passed ${count} sockets, but a daemon serves one: make a unit for each`,
    );
  }
  return FIRST_FD;
}

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
