/** Where a session reports what it cannot tell its peer. Any logger with these four methods will do. */
export interface Logger {
  error(message: string): void;
  warn(message: string): void;
  info(message: string): void;
  debug(message: string): void;
}

const nothing = () => {};

/** Drops everything. */
export const silent: Logger = { error: nothing, warn: nothing, info: nothing, debug: nothing };
