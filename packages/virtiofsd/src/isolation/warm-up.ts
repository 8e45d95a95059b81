import type { Log } from '../log.js';

/**
 * Has Node load what it otherwise loads when it is first needed: later its files are out of sight, and what lies at their
 * paths is the guest's.
 */
export function warmUp(log: Log): void {
  // The time zone: /etc/localtime.
  new Date().getHours();
  // How errors are shown.
  void new Error('warm up').stack;
  const own = log.module('isolation');
  own.debug('loaded');
  // Node would open its own stream for them, with system calls that the filter does not allow.
  process.on('warning', ({ name, message }) => own.warn(`${name}: ${message}`));
  // Node's own handler of SIGUSR1 would open a port for a debugger.
  process.on('SIGUSR1', () => {});
}
