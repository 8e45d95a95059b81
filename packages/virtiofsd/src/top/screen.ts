import type { WriteStream } from 'node:tty';

const ENTER = '\x1b[?1049h\x1b[?25l';
const LEAVE = '\x1b[?25h\x1b[?1049l';
const HOME = '\x1b[H';
const CLEAR_LINE = '\x1b[K';
const CLEAR_BELOW = '\x1b[J';

/** A terminal that is drawn over and over again; what was there before comes back at the end. */
export class Screen implements Disposable {
  readonly #out: WriteStream;
  readonly #leave = () => this[Symbol.dispose]();
  #entered = true;

  constructor(out: WriteStream) {
    this.#out = out;
    out.write(ENTER);
    process.once('exit', this.#leave);
  }

  /** Shows lines, as far as there is room. */
  draw(lines: readonly string[]): void {
    const { columns = 80, rows = 24 } = this.#out;
    const shown = lines.slice(0, rows - 1).map((line) => line.slice(0, columns) + CLEAR_LINE);
    this.#out.write(HOME + shown.join('\r\n') + CLEAR_LINE + CLEAR_BELOW);
  }

  [Symbol.dispose](): void {
    if (!this.#entered) return;
    this.#entered = false;
    process.off('exit', this.#leave);
    this.#out.write(LEAVE);
  }
}
