import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IdTranslationError, idMap, parseIdTranslation } from '../src/id-translation/index.js';

const LAST = 2 ** 32 - 2;
const NOBODY = 2 ** 32 - 1;

describe('each form', () => {
  const translation = parseIdTranslation(
    [
      'guest:1000:2000:10',
      'host:2000:1500:5',
      'map:3000:4000:1',
      'squash-guest:5000:5:1000',
      'squash-host:6000:6:1000',
      'forbid-guest:7000:2',
    ],
    'uid',
  );

  it.each([
    ['not mentioned', 999, 999],
    ['guest, the first', 1000, 2000],
    ['guest, the last', 1009, 2009],
    ['behind guest', 1010, 1010],
    ['host is for the other direction', 2000, 2000],
    ['map', 3000, 4000],
    ['squash-guest, the first', 5000, 5],
    ['squash-guest, the last', 5999, 5],
    ['forbid-guest, the first', 7000, undefined],
    ['forbid-guest, the last', 7001, undefined],
    ['behind forbid-guest', 7002, 7002],
    ['nobody', NOBODY, NOBODY],
  ])('toward the host: %s', (_, guest, host) => {
    expect(translation.toHost(guest)).toBe(host);
  });

  it.each([
    ['not mentioned', 1999, 1999],
    ['host, the first', 2000, 1500],
    ['host, the last', 2004, 1504],
    ['guest is for the other direction', 2005, 2005],
    ['map', 4000, 3000],
    ['squash-host', 6999, 6],
    ['forbid-guest is for the other direction', 7000, 7000],
  ])('toward the guest: %s', (_, host, guest) => {
    expect(translation.toGuest(host)).toBe(guest);
  });
});

describe('the whole range of 32 bits', () => {
  it.each([
    ['squash-guest:0:1000:4294967296', LAST, 1000],
    ['squash-guest:0:1000:4294967296', 0, 1000],
    ['squash-guest:0:1000:4294967296', NOBODY, NOBODY],
    ['map:0:0:4294967296', LAST, LAST],
    ['guest:0:1:4294967294', LAST - 1, LAST],
    ['guest:4294967294:0:1', LAST, 0],
    ['guest:1:0:4294967295', LAST, LAST - 1],
    ['forbid-guest:0:4294967296', NOBODY, NOBODY],
    ['forbid-guest:1:4294967295', LAST, undefined],
  ])('%s of %i', (text, guest, host) => {
    expect(parseIdTranslation([text], 'gid').toHost(guest)).toBe(host);
  });
});

describe('the language', () => {
  it.each(['map/1/2/3', 'MAP 1 2 3', 'Map→1→2→3', 'map😀1😀2😀3'])('takes %s', (text) => {
    expect(parseIdTranslation([text], 'uid').toHost(3)).toBe(4);
  });

  const FORMS = 'use guest, host, squash-guest, squash-host, map or forbid-guest';
  it.each<[string | string[], string]>([
    ['', `'': it does not begin with a type: ${FORMS}`],
    [':map:1:2:3', `':map:1:2:3': it does not begin with a type: ${FORMS}`],
    ['both:1:2:3', `'both:1:2:3': there is no type 'both': ${FORMS}`],
    ['constructor:1:2:3', `'constructor:1:2:3': there is no type 'constructor': ${FORMS}`],
    ['map', `'map': write it as map:GUEST:HOST:COUNT`],
    ['host/1/2', `'host/1/2': write it as host/HOST/GUEST/COUNT`],
    ['forbid-guest:1:2:3', `'forbid-guest:1:2:3': write it as forbid-guest:GUEST:COUNT`],
    ['map:1:2:3:', `'map:1:2:3:': write it as map:GUEST:HOST:COUNT`],
    ['map:-1:2:3', `'map:-1:2:3': '-1' is no GUEST: give a whole number from 0 to 4294967295`],
    ['map:1:0x2:3', `'map:1:0x2:3': '0x2' is no HOST: give a whole number from 0 to 4294967295`],
    [
      'map:1:4294967296:1',
      `'map:1:4294967296:1': '4294967296' is no HOST: give a whole number from 0 to 4294967295`,
    ],
    [
      'map:0:0:4294967297',
      `'map:0:0:4294967297': '4294967297' is no COUNT: give a whole number from 0 to 4294967296`,
    ],
    ['map:1:2:', `'map:1:2:': '' is no COUNT: give a whole number from 0 to 4294967296`],
    ['map:1:2:0', `'map:1:2:0': it is about no uid at all: give a COUNT of at least 1`],
    [
      'forbid-guest:1:4294967296',
      `'forbid-guest:1:4294967296': the last uid is 4294967295: from 1 on, give a COUNT of at most 4294967295`,
    ],
    [
      'guest:0:1:4294967295',
      `'guest:0:1:4294967295': the last uid to translate to is 4294967294: give a COUNT of at most 4294967294`,
    ],
    [
      'squash-guest:0:4294967295:1',
      `'squash-guest:0:4294967295:1': 4294967295 is the uid of nobody: give another`,
    ],
    [
      ['guest:0:100:10', 'forbid-guest:9:5'],
      `'guest:0:100:10' and 'forbid-guest:9:5' both say what becomes of uid 9 of the guest: leave that to one of them`,
    ],
    [
      ['map:20:5:3', 'host:0:70:10'],
      `'host:0:70:10' and 'map:20:5:3' both say what becomes of uids 5 to 7 of the host: leave that to one of them`,
    ],
  ])('%j: %s', (texts, message) => {
    const parse = () => parseIdTranslation([texts].flat(), 'uid');
    expect(parse).toThrow(new IdTranslationError(message));
    expect(parse).toThrow(expect.objectContaining({ code: 'ERR_ID_TRANSLATION' }));
  });

  it('allows the same ids in different directions, and ranges that touch', () => {
    const translation = parseIdTranslation(['guest:0:10:5', 'host:0:20:5', 'guest:5:50:1'], 'uid');
    expect([translation.toHost(4), translation.toHost(5), translation.toGuest(4)]).toEqual([14, 50, 24]);
  });

  it('parsing yields a translation or an IdTranslationError, whatever the text', () => {
    const words = fc.constantFrom(
      'map',
      'guest',
      'host',
      'squash-guest',
      'forbid-guest',
      '0',
      '1',
      '4294967296',
      ':',
    );
    fc.assert(
      fc.property(fc.array(fc.array(fc.oneof(words, fc.string({ unit: 'binary' })))), (texts) => {
        try {
          parseIdTranslation(
            texts.map((parts) => parts.join(':')),
            'uid',
          );
        } catch (error) {
          expect(error).toBeInstanceOf(IdTranslationError);
        }
      }),
    );
  });
});

it('every id becomes what the one range that has it says', () => {
  const edges = fc.oneof(fc.nat(40), fc.constantFrom(LAST - 5, LAST - 1, LAST, NOBODY));
  const kinds = fc.constantFrom('guest', 'squash-guest', 'map');
  const ranges = fc.array(fc.tuple(kinds, edges, edges, fc.integer({ min: 1, max: 6 })), { maxLength: 6 });
  fc.assert(
    fc.property(ranges, edges, (list, id) => {
      let translation: ReturnType<typeof parseIdTranslation>;
      try {
        translation = parseIdTranslation(
          list.map((range) => range.join(':')),
          'uid',
        );
      } catch {
        return;
      }
      const found = list.find(([, start, , count]) => id >= start && id < start + count);
      if (!found || id === NOBODY) expect(translation.toHost(id)).toBe(id);
      else
        expect(translation.toHost(id)).toBe(
          found[0] === 'squash-guest' ? found[2] : found[2] + id - found[1],
        );
    }),
    { numRuns: 2000 },
  );
});

it('what is mapped in both directions comes back', () => {
  const translation = parseIdTranslation(['map:0:100000:65536'], 'uid');
  fc.assert(fc.property(fc.nat(65535), (id) => translation.toGuest(translation.toHost(id)!) === id));
});

it('without a translation, ids are the same', () => {
  const map = idMap(parseIdTranslation(['map:0:1:1'], 'uid'), undefined);
  expect([map.uidIn(0), map.uidOut(1), map.gidIn(0), map.gidOut(1)]).toEqual([1, 0, 0, 1]);
});
