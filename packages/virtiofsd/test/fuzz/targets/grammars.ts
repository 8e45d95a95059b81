import { isDeepStrictEqual } from 'node:util';
import { IdTranslationError, parseIdTranslation } from '../../../src/id-translation/index.js';
import { LOG_LEVELS } from '../../../src/log.js';
import { UsageError } from '../../../src/options/entry.js';
import { parseIdRange } from '../../../src/options/id-range.js';
import { parseModcaps } from '../../../src/options/modcaps.js';
import { levelIn } from '../../../src/options/rust-log.js';
import { parseXattrMap, type XattrMap, XattrMapError } from '../../../src/xattr-map/index.js';
import type { Choices } from '../engine/choices.js';
import type { Seen, Target } from '../engine/target.js';
import { gist, promised, undocumented } from './promise.js';
import { capabilityChanges, idRange, idRule, logSetting, xattrRules } from './words.js';

export const XATTR_MAP = target(
  'xattr-map',
  'rules for extended attributes are understood, or refused in one line',
  xattrMap,
);
export const ID_TRANSLATION = target(
  'id-translation',
  'rules for ids are understood, or refused in one line',
  idTranslation,
);
export const OPTION_VALUES = target(
  'option-values',
  'ranges of ids, capabilities and log levels are understood, or refused in one line',
  optionValues,
);

function target(name: string, promise: string, run: (choices: Choices, seen: Seen) => void): Target {
  return { name, promise, short: 3000, steps: 4, start: () => ({ run, [Symbol.dispose]: () => {} }) };
}

/** What a parser makes of a text; undefined when it refuses it as it should. */
function parsed<T>(
  text: string,
  parse: () => T,
  refusal: new (...args: never[]) => Error,
  seen: Seen,
): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof refusal)) throw undocumented(error, JSON.stringify(text));
    promised(
      error.message.length > 0 && error.message.length < 1000 + text.length * 4,
      () => `${JSON.stringify(text)} is refused with reason: ${error.message}`,
    );
    seen(gist(error.message));
    return undefined;
  }
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const NAMES = [
  'user.a',
  'user.virtiofs.user.a',
  'trusted.b',
  'security.capability',
  'a',
  'é.x',
  `user.${'n'.repeat(250)}`,
];
const XATTR_NAME_MAX = 255;

function xattrMap(choices: Choices, seen: Seen): void {
  const text = xattrRules(choices);
  const map = parsed(text, () => parseXattrMap(text), XattrMapError, seen);
  if (map === undefined) return;
  seen(`${map.rules.length} rules, ${map.gaps}`);
  const again = spelled(map);
  promised(
    isDeepStrictEqual(parseXattrMap(again).rules, map.rules),
    () => `${JSON.stringify(text)} means the same as ${JSON.stringify(again)}`,
  );
  const only = /^\s*:map:[^:]*:[^:]*:\s*$/u.test(text);
  const names = [
    ...NAMES,
    ...map.rules.map(({ key, prepend }) => decoder.decode(key) + decoder.decode(prepend)),
  ];
  for (const name of names) checkName(map, text, encoder.encode(name), only);
}

/** @param exact - whatever gets to the host with the map comes back */
function checkName(map: XattrMap, text: string, name: Uint8Array, exact: boolean): void {
  if (name.length === 0 || name.length > XATTR_NAME_MAX) return;
  const host = new Uint8Array(XATTR_NAME_MAX);
  const length = map.toHost(name, 0, name.length, host, 0);
  if (length < 0) return;
  promised(
    length > 0 && length <= XATTR_NAME_MAX,
    () => `${JSON.stringify(text)} makes names of 1 to 255 bytes, not ${length}`,
  );
  const left = map.toGuest(host, 0, length);
  promised(left < length, () => `${JSON.stringify(text)} leaves something of each name`);
  const back = Buffer.from(host.subarray(Math.max(0, left), length));
  promised(
    !exact || (left >= 0 && back.equals(name)),
    () => `${JSON.stringify(text)} brings ${decoder.decode(name)} back`,
  );
}

/** The rules, each in full. */
function spelled({ rules }: XattrMap): string {
  return rules
    .map(({ type, client, server, key, prepend }) => {
      const scope = client && server ? 'all' : client ? 'client' : 'server';
      return ['', type, scope, decoder.decode(key), decoder.decode(prepend), ''].join('\u{1}');
    })
    .join('\n');
}

const IDS = [0, 1, 2, 999, 1000, 1001, 65_535, 65_536, 2 ** 31, 2 ** 32 - 2, 2 ** 32 - 1];

function idTranslation(choices: Choices, seen: Seen): void {
  const texts = Array.from({ length: 1 + choices.below(3) }, () => idRule(choices));
  const kind = choices.pick(['uid', 'gid'] as const);
  const translation = parsed(
    texts.join(' '),
    () => parseIdTranslation(texts, kind),
    IdTranslationError,
    seen,
  );
  if (translation === undefined) return;
  seen(`${texts.length} rules`);
  const about = JSON.stringify(texts);
  for (const id of IDS) {
    for (const result of [translation.toHost(id), translation.toGuest(id)]) {
      promised(
        result === undefined || (Number.isInteger(result) && result >= 0 && result < 2 ** 32),
        () => `${about} makes ${id} an id, not ${result}`,
      );
    }
  }
  promised(translation.toHost(2 ** 32 - 1) === 2 ** 32 - 1, () => `${about} leaves nobody alone`);
  for (const text of texts) {
    const [word, guest, , count] = text.split(/[^\p{L}\p{N}_-]/u);
    if (word!.toLowerCase() !== 'map') continue;
    const last = Number(guest) + Number(count) - 1;
    for (const id of [Number(guest), last]) {
      const host = translation.toHost(id)!;
      promised(translation.toGuest(host) === id, () => `${about} brings ${id} back from ${host}`);
    }
  }
}

function optionValues(choices: Choices, seen: Seen): void {
  const range = idRange(choices);
  const mapping = parsed(range, () => parseIdRange(range), UsageError, seen);
  if (mapping !== undefined) {
    const { inside, outside, count } = mapping;
    const again = parseIdRange(`:${inside}:${outside}:${count}:`);
    promised(
      isDeepStrictEqual(again, mapping),
      () => `${JSON.stringify(range)} means ${JSON.stringify(again)}`,
    );
  }
  const changes = capabilityChanges(choices);
  const capabilities = parsed(changes, () => parseModcaps(changes), SyntaxError, seen);
  if (capabilities !== undefined) {
    const again = capabilities.map(({ add, capability }) => `${add ? '+' : '-'}${capability}`).join(':');
    promised(
      isDeepStrictEqual(parseModcaps(again), capabilities),
      () => `${JSON.stringify(changes)} means ${again}`,
    );
  }
  const setting = logSetting(choices);
  const level = levelIn({ RUST_LOG: setting });
  seen(`level ${level}`);
  promised(
    level === undefined || LOG_LEVELS.includes(level),
    () => `${JSON.stringify(setting)} names a level`,
  );
}
