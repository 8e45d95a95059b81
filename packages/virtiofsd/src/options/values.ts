import { UsageError } from './entry.js';

/** Text that names something. */
export function parseText(text: string, advice: string): string {
  if (text === '') throw new UsageError(`it is empty: ${advice}`);
  if (text.includes('\0')) throw new UsageError('it contains a NUL character');
  // Node has put it there: the file that is meant has another name.
  if (text.includes('\u{fffd}')) {
    throw new UsageError('it is not UTF-8: give other text, or, for a path, a symbolic link to it');
  }
  return text;
}

/** Text of which UTF-8 takes at most `limit` bytes. */
export function parseShortText(text: string, limit: number): string {
  parseText(text, `give 1 to ${limit} bytes`);
  const length = Buffer.byteLength(text);
  if (length > limit) throw new UsageError(`it is ${length} bytes long: give at most ${limit}`);
  return text;
}

/** One of a few words, in any case. */
export function parseChoice<Word extends string>(text: string, words: readonly Word[]): Word {
  const word = words.find((each) => each === text.toLowerCase());
  if (word === undefined) throw new UsageError(`use one of: ${words.join(', ')}`);
  return word;
}

/** A whole number in decimal digits. */
export function parseWhole(text: string, least: number, most: number): number {
  if (!/^\+?\d+$/.test(text)) throw new UsageError(`give a whole number from ${least} to ${most}`);
  const number = Number(text);
  if (number < least || number > most) throw new UsageError(`give a number from ${least} to ${most}`);
  return number;
}

/** A time in seconds, possibly with a fraction. */
export function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (!/^(\d+\.?\d*|\.\d+)$/.test(text) || seconds > 0xffff_ffff) {
    throw new UsageError('give a number of seconds, such as 60 or 0.5');
  }
  return seconds;
}
