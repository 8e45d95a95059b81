import {
  close,
  LOG_DEBUG,
  LOG_ERR,
  LOG_INFO,
  LOG_WARNING,
  SOCK_DGRAM,
  SysError,
  Syslog,
  unixConnect,
} from '@vfs/sys';
import type { LineSink } from '../log.js';

/** Where the system logger listens. */
const ADDRESS = '/dev/log';
/** A line of the log: time, level, module, message. */
const LINE = /^\[\S+ (ERROR|WARN|INFO|DEBUG|TRACE) ([^\]\s]+)\] (.*)$/s;
const SEVERITIES: Readonly<Record<string, number>> = {
  ERROR: LOG_ERR,
  WARN: LOG_WARNING,
  INFO: LOG_INFO,
  DEBUG: LOG_DEBUG,
  TRACE: LOG_DEBUG,
};

/**
 * Lines for the system's log. It has times of its own, and the severity takes the place of the level: what remains is
 * `module: message`. A line of another form, such as what Node says about its own end, is an error.
 *
 * @param otherwise - where a line goes that the system logger does not take
 * @throws SysError when no logger listens
 */
export function systemLog(otherwise: LineSink, address: string = ADDRESS): LineSink {
  // Syslog itself finds out with the first message only.
  close(unixConnect(address, { type: SOCK_DGRAM }));
  const syslog = new Syslog({ identity: 'virtiofsd', address });
  return (line) => {
    const [severity, message] = parse(line.trimEnd());
    try {
      syslog.write(severity, message);
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      otherwise(line);
    }
  };
}

function parse(line: string): [severity: number, message: string] {
  const [, level, module, message] = LINE.exec(line) ?? [];
  return level === undefined ? [LOG_ERR, line] : [SEVERITIES[level]!, `${module}: ${message}`];
}
