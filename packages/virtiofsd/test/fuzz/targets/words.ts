import type { Source } from '../engine/source.js';

/** Texts that are easily taken for something else. */
const ODD = [
  '',
  ' ',
  '-',
  '--',
  '=',
  ':',
  ',',
  '\n',
  '\r',
  '\0',
  '\u2028',
  '\ufeff',
  '\ufffd',
  'é',
  '😀',
  '__proto__',
  'constructor',
  'NaN',
  '0x10',
  '1e3',
  '+1',
  '-1',
  '٣',
  'a'.repeat(300),
];
const NUMBERS = [
  '0',
  '1',
  '2',
  '9',
  '63',
  '64',
  '100',
  '1000',
  '1024',
  '65536',
  '4294967294',
  '4294967295',
  '4294967296',
  '9007199254740992',
  '18446744073709551616',
  '007',
  '0.5',
  '.5',
  '5.',
  '1e400',
];
const CHARACTERS = [
  'a',
  'b',
  'Z',
  '0',
  '9',
  '.',
  ':',
  ',',
  '=',
  '/',
  '-',
  '_',
  '+',
  ' ',
  '\n',
  '\0',
  'é',
  '\u{1f600}',
  '\ud800',
  '|',
  '\\',
  "'",
];

/** A number as somebody might write it. */
export function numberWord(random: Source): string {
  return random.oneIn(8) ? oddWord(random) : random.pick(NUMBERS);
}

/** Anything. */
export function oddWord(random: Source): string {
  if (random.oneIn(2)) return random.pick(ODD);
  return Array.from({ length: random.below(10) }, () => random.pick(CHARACTERS)).join('');
}

/** One of these words; sometimes in another case, with something added, or another one. */
export function wordOf(random: Source, words: readonly string[]): string {
  const word = random.pick(words);
  switch (random.below(16)) {
    case 13:
      return word.toUpperCase();
    case 14:
      return word + oddWord(random);
    case 15:
      return oddWord(random);
    default:
      return word;
  }
}

const XATTR_NAMES = [
  '',
  'user.',
  'user.virtiofs.',
  'trusted.',
  'security.capability',
  'security.',
  'system.',
  'é.',
  ':',
];
const XATTR_TYPES = ['prefix', 'ok', 'bad', 'unsupported', 'map', 'Map'];
const XATTR_SCOPES = ['client', 'server', 'all'];

/** Rules for extended attributes. */
export function xattrRules(random: Source): string {
  const rules = Array.from({ length: 1 + random.below(3) }, () => {
    const delimiter = random.oneIn(8)
      ? oddWord(random).slice(0, 2)
      : random.pick([':', '/', '|', ' ', 'é', '😀']);
    const type = wordOf(random, XATTR_TYPES);
    const names = [wordOf(random, XATTR_NAMES), wordOf(random, XATTR_NAMES)];
    const fields = type === 'map' ? [type, ...names] : [type, wordOf(random, XATTR_SCOPES), ...names];
    if (random.oneIn(16)) fields.pop();
    return delimiter + fields.map((field) => field + delimiter).join('');
  });
  return rules.join(random.pick(['', ' ', '\n', '  ']));
}

const TRANSLATIONS = ['guest', 'host', 'map', 'squash-guest', 'squash-host', 'forbid-guest'];

/** A rule that translates ids. */
export function idRule(random: Source): string {
  const type = wordOf(random, TRANSLATIONS);
  const delimiter = random.oneIn(8) ? oddWord(random).slice(0, 1) : random.pick([':', '/', '.', ' ']);
  const numbers = Array.from({ length: type === 'forbid-guest' ? 2 : 3 }, () => numberWord(random));
  if (random.oneIn(16)) numbers.pop();
  return [type, ...numbers].join(delimiter);
}

/** A range of ids of a user namespace. */
export function idRange(random: Source): string {
  const delimiter = random.oneIn(8) ? oddWord(random).slice(0, 1) : random.pick([':', '/', ',']);
  const fields = [numberWord(random), numberWord(random), numberWord(random)];
  if (random.oneIn(16)) fields.pop();
  return `${delimiter}${fields.join(delimiter)}${random.oneIn(16) ? '' : delimiter}`;
}

const CAPABILITIES = [
  'chown',
  'SYS_ADMIN',
  'dac_read_search',
  'CAP_MKNOD',
  'cap_setuid',
  'checkpoint_restore',
  'none',
];

/** Changes of capabilities. */
export function capabilityChanges(random: Source): string {
  const changes = Array.from(
    { length: 1 + random.below(3) },
    () => random.pick(['+', '-', '-', '']) + wordOf(random, CAPABILITIES),
  );
  return changes.join(random.oneIn(16) ? ',' : ':');
}

/** What the environment says about logging. */
export function logSetting(random: Source): string {
  const words = ['error', 'warn', 'info', 'debug', 'off', 'trace', 'virtiofsd=debug', 'a::b=info', 'INFO'];
  return Array.from({ length: random.below(4) }, () => wordOf(random, words)).join(
    random.pick([',', ', ', ' ']),
  );
}
