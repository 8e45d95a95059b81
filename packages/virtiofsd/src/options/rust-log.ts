import { LOG_LEVELS, type LogLevel } from '../log.js';

/** The variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The level that RUST_LOG has, which scripts for the daemon written in Rust set. Of a list of modules and their levels only a
 * level without a module counts: the modules are those of another program.
 */
export function levelIn({ RUST_LOG: value = '' }: Environment): LogLevel | undefined {
  const words = value.split(',').map((word) => word.trim().toLowerCase());
  const word = words.findLast((each) => (LOG_LEVELS as readonly string[]).includes(each));
  return LOG_LEVELS.find((level) => level === word);
}
