import { EAGAIN, ENOBUFS } from './constants/errno.js';
import { MSG_DONTWAIT, SOCK_DGRAM } from './constants/socket.js';
import { sendDatagram } from './datagram.js';
import { SysError } from './errors.js';
import { OwnedFd } from './fd.js';
import type { PathLike } from './scratch.js';
import { unixSocket } from './socket.js';
import { checkInt } from './u64.js';

/** Severities and facilities of syslog(3). */

export const LOG_EMERG = 0;
export const LOG_ALERT = 1;
export const LOG_CRIT = 2;
export const LOG_ERR = 3;
export const LOG_WARNING = 4;
export const LOG_NOTICE = 5;
export const LOG_INFO = 6;
export const LOG_DEBUG = 7;

/** Facilities are shifted by three, as in <syslog.h>: `facility | severity` is the number in front of a message. */
export const LOG_USER = 1 << 3;
export const LOG_DAEMON = 3 << 3;

/** How to write to the system log. */
export interface SyslogOptions {
  /** The name in front of each message, usually the program's. */
  readonly identity: string;
  /** LOG_USER, LOG_DAEMON or another multiple of 8 up to 184. @default LOG_USER */
  readonly facility?: number;
  /** Where the system logger listens. @default '/dev/log' */
  readonly address?: PathLike;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * The system logger, by datagrams to /dev/log in the form of syslog(3): `<14>Nov  2 08:05:09 name[123]: text`.
 *
 * The address is looked up for each message, so a logger that starts again is found; a process that will not see
 * /dev/log any more must keep an O_PATH descriptor of it and give /proc/self/fd/N.
 */
export class Syslog implements Disposable {
  readonly #socket: OwnedFd;
  readonly #identity: string;
  readonly #facility: number;
  readonly #address: PathLike;

  /** @throws {@link SysError} of socket(2) */
  constructor({ identity, facility = LOG_USER, address = '/dev/log' }: SyslogOptions) {
    this.#facility = checkInt(facility / 8, 'facility / 8', 0, 23) * 8;
    this.#identity = identity;
    this.#address = address;
    this.#socket = new OwnedFd(unixSocket({ type: SOCK_DGRAM }));
  }

  /**
   * Writes one message. It is dropped when the logger's queue is full: logging never blocks.
   *
   * @param severity - LOG_EMERG (0) to LOG_DEBUG (7)
   * @throws {@link SysError} ENOENT and ECONNREFUSED when no logger listens, EMSGSIZE
   */
  write(severity: number, text: string): void {
    const priority = this.#facility | checkInt(severity, 'severity', 0, 7);
    const message = `<${priority}>${timestamp(new Date())} ${this.#identity}[${process.pid}]: ${text}`;
    try {
      sendDatagram(this.#socket, Buffer.from(message), this.#address, MSG_DONTWAIT);
    } catch (error) {
      if (!(error instanceof SysError && (error.errno === EAGAIN || error.errno === ENOBUFS))) throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }
}

/** `Nov  2 08:05:09`, local time. */
function timestamp(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  return `${MONTHS[date.getMonth()]} ${String(date.getDate()).padStart(2)} ${time}`;
}
