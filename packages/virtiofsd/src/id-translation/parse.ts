import { IdTranslationError } from './error.js';
import { IdTranslation } from './id-translation.js';
import { ID_COUNT, NO_ID, type Range, Ranges } from './ranges.js';

/** Whose numbers they are. */
export type IdKind = 'uid' | 'gid';

interface Form {
  /** What its numbers are, for messages. */
  readonly numbers: readonly string[];
  /** The ranges of each direction, from base, base of the other side, and count. */
  readonly toHost?: Range['kind'];
  readonly toGuest?: Range['kind'];
  /** The base of the host comes first. */
  readonly hostFirst?: boolean;
}

const FORMS: Readonly<Record<string, Form>> = {
  guest: { numbers: ['GUEST', 'HOST', 'COUNT'], toHost: 'shift' },
  host: { numbers: ['HOST', 'GUEST', 'COUNT'], toGuest: 'shift', hostFirst: true },
  'squash-guest': { numbers: ['GUEST', 'HOST', 'COUNT'], toHost: 'squash' },
  'squash-host': { numbers: ['HOST', 'GUEST', 'COUNT'], toGuest: 'squash', hostFirst: true },
  map: { numbers: ['GUEST', 'HOST', 'COUNT'], toHost: 'shift', toGuest: 'shift' },
  'forbid-guest': { numbers: ['GUEST', 'COUNT'], toHost: 'forbid' },
};
const NAMES = Object.keys(FORMS);

/**
 * Reads translations as `--translate-uid` and `--translate-gid` take them, one text each.
 *
 * @throws IdTranslationError
 */
export function parseIdTranslation(texts: readonly string[], kind: IdKind): IdTranslation {
  const toHost: Range[] = [];
  const toGuest: Range[] = [];
  for (const text of texts) parseOne(text, kind, toHost, toGuest);
  return new IdTranslation(disjoint(toHost, kind, 'guest'), disjoint(toGuest, kind, 'host'));
}

function parseOne(text: string, kind: IdKind, toHost: Range[], toGuest: Range[]): void {
  const fail = (problem: string) => new IdTranslationError(`'${text}': ${problem}`);
  // Only these characters cannot be the delimiter; the first other one is.
  const delimiter = /[^\p{L}\p{N}_-]/u.exec(text)?.[0] ?? ':';
  const [word = '', ...fields] = text.split(delimiter);
  const name = word.toLowerCase();
  const form = Object.hasOwn(FORMS, name) ? FORMS[name]! : undefined;
  if (!form) {
    const found = word === '' ? 'it does not begin with a type' : `there is no type '${word}'`;
    throw fail(`${found}: use ${NAMES.slice(0, -1).join(', ')} or ${NAMES.at(-1)}`);
  }
  if (fields.length !== form.numbers.length) {
    throw fail(`write it as ${[name, ...form.numbers].join(delimiter)}`);
  }
  const numbers = fields.map((field, i) => {
    const largest = form.numbers[i] === 'COUNT' ? ID_COUNT : NO_ID;
    if (!/^[0-9]{1,10}$/.test(field) || Number(field) > largest) {
      throw fail(`'${field}' is no ${form.numbers[i]}: give a whole number from 0 to ${largest}`);
    }
    return Number(field);
  });
  const count = numbers.at(-1)!;
  if (count === 0) throw fail(`it is about no ${kind} at all: give a COUNT of at least 1`);
  const [first, second = first] = numbers as [number, number];
  const [guest, host] = form.hostFirst ? [second, first] : [first, second];
  if (form.toHost) toHost.push(range(guest, host, count, form.toHost));
  if (form.toGuest) toGuest.push(range(host, guest, count, form.toGuest));

  function range(start: number, target: number, length: number, shape: Range['kind']): Range {
    const shifts = shape === 'shift';
    if (start + length > ID_COUNT) {
      throw fail(
        `the last ${kind} is ${NO_ID}: from ${start} on, give a COUNT of at most ${ID_COUNT - start}`,
      );
    }
    // The id that is nobody's may only be met by itself, which is never translated.
    if (shifts && start !== target && target + length > NO_ID) {
      throw fail(
        `the last ${kind} to translate to is ${NO_ID - 1}: give a COUNT of at most ${NO_ID - target}`,
      );
    }
    if (shape === 'squash' && target === NO_ID) throw fail(`${NO_ID} is the ${kind} of nobody: give another`);
    return { start, end: start + length, target, kind: shape, text };
  }
}

function disjoint(ranges: readonly Range[], kind: IdKind, side: string): Ranges {
  const result = new Ranges(ranges);
  const { overlap } = result;
  if (!overlap) return result;
  const [one, next] = overlap;
  const last = Math.min(one.end, next.end) - 1;
  const ids = next.start === last ? `${kind} ${last}` : `${kind}s ${next.start} to ${last}`;
  throw new IdTranslationError(
    `'${one.text}' and '${next.text}' both say what becomes of ${ids} of the ${side}: leave that to one of them`,
  );
}
