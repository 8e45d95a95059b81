import { writeSync } from 'node:fs';
import { LineLimit } from './line-limit.js';

/** From silent to verbose. */
export const LOG_LEVELS = ['off', 'error', 'warn', 'info', 'debug', 'trace'] as const;
/** How much is logged: everything up to this. */
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
 * A message may quote what a guest sent, so control characters are escaped: one call is one line. Nor can a guest flood
 * the log, unless it is at the level `debug` or `trace`: that is for those who want to see everything.
 */
export class Log {
  readonly #threshold: number;
  /** Where the lines go. */
  readonly sink: LineSink;
  readonly #limit: LineLimit | undefined;

  constructor(level: LogLevel, sink: LineSink = toStandardError) {
    this.#threshold = LOG_LEVELS.indexOf(level);
    this.sink = sink;
    if (this.#threshold <= LOG_LEVELS.indexOf('info')) this.#limit = new LineLimit();
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
    if (LOG_LEVELS.indexOf(level) > this.#threshold || this.#limit?.take() === false) return;
    const leftOut = this.#limit?.takeLeftOut() ?? 0;
    if (leftOut > 0) this.sink(lineOf('warn', 'log', `${leftOut} lines left out: there were too many`));
    this.sink(lineOf(level, module, message));
  }
}

function lineOf(level: LogLevel, module: string, message: string): string {
  return `[${new Date().toISOString()} ${level.toUpperCase()} ${module}] ${withoutControls(message)}\n`;
}

/** Control characters, ends of lines of Unicode, marks that turn the direction of text around, and the byte order mark. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/** Makes one line of any text. */
export function withoutControls(text: string): string {
  return text.replace(UNPRINTABLE, (character) => {
    if (character === '\n') return '\\n';
    const code = character.codePointAt(0)!.toString(16);
    return code.length <= 2 ? `\\x${code.padStart(2, '0')}` : `\\u${code.padStart(4, '0')}`;
  });
}

/** Not process.stderr: that emits an error event, fatal by default, once the reader of a pipe is gone. */
export function toStandardError(line: string): void {
  try {
    writeSync(2, line);
  } catch {
    // Nobody reads the log; the daemon goes on.
  }
}
