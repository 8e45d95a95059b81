import { type LineSink, Log, type LogLevel, toStandardError } from '../log.js';
import { systemLog } from './system-log.js';

/** Opens the log that the command line asks for; without a system logger it goes to standard error, and says so. */
export function openLog({
  logLevel,
  syslog,
}: {
  readonly logLevel: LogLevel;
  readonly syslog: boolean;
}): Log {
  if (!syslog) return new Log(logLevel);
  let sink: LineSink;
  try {
    sink = systemLog(toStandardError);
  } catch (error) {
    const log = new Log(logLevel);
    log
      .module('log')
      .warn(`the system's log is out of reach (${(error as Error).message}): this one takes its place`);
    return log;
  }
  return new Log(logLevel, sink);
}
