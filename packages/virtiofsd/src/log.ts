import { writeSync } from 'node:fs';

/** From silent to verbose. */
export const LOG_LEVELS = ['off', 'error', 'warn', 'info', 'debug', 'trace'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What a module of the daemon, or of the packages below it, logs through. */
export interface Logger {
  error(message: string): void;
  warn(message: string): void;
  info(message: string): void;
  debug(message: string): void;
}

/** Writes one line; it must not throw. */
export type LineSink = (line: string) => void;

/**
 * Leveled lines, `[2026-01-01T00:00:00.000Z LEVEL module] message`.
 *
 * A message may quote what a guest sent, so control characters are escaped: one call is one line.
 */
export class Log {
  readonly #threshold: number;
  readonly #sink: LineSink;

  constructor(level: LogLevel, sink: LineSink = toStandardError) {
    this.#threshold = LOG_LEVELS.indexOf(level);
    this.#sink = sink;
  }

  module(name: string): Logger {
    return {
      error: (message) => this.#write('error', name, message),
      warn: (message) => this.#write('warn', name, message),
      info: (message) => this.#write('info', name, message),
      debug: (message) => this.#write('debug', name, message),
    };
  }

  #write(level: LogLevel, module: string, message: string): void {
    if (LOG_LEVELS.indexOf(level) > this.#threshold) return;
    this.#sink(
      `[${new Date().toISOString()} ${level.toUpperCase()} ${module}] ${withoutControls(message)}\n`,
    );
  }
}

/** Makes one line of any text. */
export function withoutControls(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
  return text.replace(/[\u0000-\u001f\u007f]/g, (char) => {
    return char === '\n' ? '\\n' : `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
}

/** Not process.stderr: that emits an error event, fatal by default, once the reader of a pipe is gone. */
function toStandardError(line: string): void {
  try {
    writeSync(2, line);
  } catch {
    // Nobody reads the log; the daemon goes on.
  }
}
