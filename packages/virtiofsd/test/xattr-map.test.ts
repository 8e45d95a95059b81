import { EOPNOTSUPP, EPERM, ERANGE } from '@vfs/sys';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseXattrMap, type XattrMap, XattrMapError } from '../src/xattr-map/index.js';

/** What a name of the guest is called on the host, or −errno. */
function toHost(map: XattrMap, name: string | Uint8Array): string | number {
  const bytes = Buffer.from(name as string);
  const target = new Uint8Array(256).fill(0xff);
  const length = map.toHost(Buffer.concat([Buffer.from('??'), bytes]), 2, bytes.length, target, 1);
  expect(target[0], 'nothing is written in front').toBe(0xff);
  return length < 0 ? length : Buffer.from(target.subarray(1, 1 + length)).toString('latin1');
}

/** What a name of the host is called by the guest; undefined if it is hidden. */
function toGuest(map: XattrMap, name: string | Uint8Array): string | undefined {
  const bytes = Buffer.from(name as string, 'latin1');
  const left = map.toGuest(Buffer.concat([Buffer.from('??'), bytes]), 2, bytes.length);
  return left < 0 ? undefined : bytes.subarray(left).toString('latin1');
}

/** The examples of the documentation of the C and of the Rust daemon. */
const PREFIX_ALL = ':prefix:all::user.virtiofs.::bad:all:::';
const MAP_ALL = ':map::user.virtiofs.:';
const TRUSTED = `/prefix/all/trusted./user.virtiofs./
                 /bad/server//trusted./
                 /bad/client/user.virtiofs.//
                 /ok/all///`;
const MAP_TRUSTED = '/map/trusted./user.virtiofs./';
const HIDE_SECURITY = `/bad/all/security./security./
                       /ok/all///`;
const NO_SELINUX = '/unsupported/all/security.selinux/security.selinux//ok/all///';
const SELINUX = ':map:security.selinux:trusted.virtiofs.:';

describe('names of the guest', () => {
  it.each<[string, string, string | number]>([
    [PREFIX_ALL, 'user.a', 'user.virtiofs.user.a'],
    [PREFIX_ALL, 'user.virtiofs.user.a', 'user.virtiofs.user.virtiofs.user.a'],
    [MAP_ALL, 'security.capability', 'user.virtiofs.security.capability'],
    [TRUSTED, 'trusted.a', 'user.virtiofs.trusted.a'],
    [TRUSTED, 'user.a', 'user.a'],
    [TRUSTED, 'user.virtiofs.a', -EPERM],
    [TRUSTED, 'trusted', 'trusted'],
    [MAP_TRUSTED, 'trusted.a', 'user.virtiofs.trusted.a'],
    [MAP_TRUSTED, 'security.a', 'security.a'],
    [MAP_TRUSTED, 'user.virtiofs.trusted.a', -EPERM],
    [HIDE_SECURITY, 'security.selinux', -EPERM],
    [HIDE_SECURITY, 'trusted.a', 'trusted.a'],
    [NO_SELINUX, 'security.selinux', -EOPNOTSUPP],
    [NO_SELINUX, 'security.capability', 'security.capability'],
    [SELINUX, 'security.selinux', 'trusted.virtiofs.security.selinux'],
    [SELINUX, 'trusted.virtiofs.security.selinux', -EPERM],
    [':prefix:client:trusted.:user.virtiofs.: :ok:all:::', 'trusted.a', 'user.virtiofs.trusted.a'],
    [':prefix:server:trusted.:user.virtiofs.: :ok:all:::', 'trusted.a', 'trusted.a'],
    // No rule for it: the daemons abort, or refuse it, as here.
    [':ok:client:user.::', 'trusted.a', -EPERM],
    [':ok:server:::', 'user.a', -EPERM],
  ])('%s: %s', (rules, name, expected) => {
    expect(toHost(parseXattrMap(rules), name)).toBe(expected);
  });

  it('get no longer than the kernel takes', () => {
    const map = parseXattrMap(':map::user.virtiofs.:');
    expect(toHost(map, 'n'.repeat(255 - 14))).toHaveLength(255);
    expect(toHost(map, 'n'.repeat(256 - 14))).toBe(-ERANGE);
    expect(toHost(parseXattrMap(`:map::${'p'.repeat(5000)}:`), 'n')).toBe(-ERANGE);
  });
});

describe('names of the host', () => {
  it.each<[string, string, string | undefined]>([
    [PREFIX_ALL, 'user.virtiofs.trusted.a', 'trusted.a'],
    [PREFIX_ALL, 'user.a', undefined],
    [MAP_ALL, 'user.virtiofs.user.a', 'user.a'],
    [MAP_ALL, 'security.selinux', undefined],
    [TRUSTED, 'user.virtiofs.trusted.a', 'trusted.a'],
    [TRUSTED, 'trusted.a', undefined],
    [TRUSTED, 'user.a', 'user.a'],
    [MAP_TRUSTED, 'user.virtiofs.trusted.a', 'trusted.a'],
    [MAP_TRUSTED, 'trusted.a', undefined],
    [MAP_TRUSTED, 'security.selinux', 'security.selinux'],
    [HIDE_SECURITY, 'security.selinux', undefined],
    [HIDE_SECURITY, 'user.a', 'user.a'],
    [NO_SELINUX, 'security.selinux', undefined],
    [SELINUX, 'trusted.virtiofs.security.selinux', 'security.selinux'],
    [SELINUX, 'security.selinux', undefined],
    [':prefix:server::user.virtiofs.: :ok:all:::', 'user.virtiofs.a', 'a'],
    [':prefix:client::user.virtiofs.: :ok:all:::', 'user.virtiofs.a', 'user.virtiofs.a'],
    [':bad:server::security.::ok:all:::', 'security.a', undefined],
    // An empty name would end the guest's list.
    [MAP_ALL, 'user.virtiofs.', undefined],
    [':ok:server::user.:', 'trusted.a', undefined],
    [':ok:client:::', 'user.a', undefined],
  ])('%s: %s', (rules, name, expected) => {
    expect(toGuest(parseXattrMap(rules), name)).toBe(expected);
  });
});

describe('the language', () => {
  it.each([
    ['any character', '|map|trusted.|user.virtiofs.|'],
    ['a letter', 'xmapxtrusted.xuser.virtiofs.x'],
    ['a character of several bytes', '→map→trusted.→user.virtiofs.→'],
    ['two surrogates', '😀map😀trusted.😀user.virtiofs.😀'],
    ['another one in each rule', ' ,ok,client,user.virtiofs.ignored,,\n\t;map;trusted.;user.virtiofs.;\n'],
  ])('takes %s as the delimiter', (_, rules) => {
    const map = parseXattrMap(rules);
    expect(toHost(map, 'trusted.a')).toBe('user.virtiofs.trusted.a');
    expect(toGuest(map, 'user.virtiofs.trusted.a')).toBe('trusted.a');
  });

  it('takes white space inside a rule literally, and fields as UTF-8', () => {
    const map = parseXattrMap(':prefix:all:user.a b:trusted.ü : :ok:all:::');
    expect(toHost(map, 'user.a bc')).toBe('trusted.\xc3\xbc user.a bc');
  });

  it('compares bytes, whatever they mean', () => {
    const map = parseXattrMap(':prefix:all:user.:trusted.: :bad:all:::');
    const name = Uint8Array.of(...Buffer.from('user.'), 0xff, 0xc3);
    expect(toHost(map, name)).toBe('trusted.user.\xff\xc3');
    expect(toGuest(map, Buffer.concat([Buffer.from('trusted.'), name]))).toBe('user.\xff\xc3');
  });

  it.each([
    ['', 0, 'there is no rule: write, for example, :ok:all:::'],
    [' \n', 0, 'there is no rule: write, for example, :ok:all:::'],
    [':', 1, "no ':' ends its type: write it as :TYPE:SCOPE:KEY:PREPEND:"],
    [':ok', 1, "no ':' ends its type: write it as :TYPE:SCOPE:KEY:PREPEND:"],
    [':ok:all:', 1, "no ':' ends its key: write it as :ok:SCOPE:KEY:PREPEND:"],
    ['/ok/all//', 1, "no '/' ends its prefix to prepend: write it as /ok/SCOPE/KEY/PREPEND/"],
    [':ok:all::: :prefix:', 2, "no ':' ends its scope: write it as :prefix:SCOPE:KEY:PREPEND:"],
    [':map::user.', 1, "no ':' ends its prefix to prepend: write it as :map:KEY:PREPEND:"],
    ['ok:all:::', 1, "it begins with 'o', its delimiter therefore: begin it with, for example, ':'"],
    [':good:all:::', 1, "there is no type 'good': use prefix, ok, bad, unsupported or map"],
    [':OK:all:::', 1, "there is no type 'OK': use prefix, ok, bad, unsupported or map"],
    [
      `:${'long'.repeat(100)}:all:::`,
      1,
      `there is no type '${'long'.repeat(10)}…': use prefix, ok, bad, unsupported or map`,
    ],
    [':ok:both:::', 1, "there is no scope 'both': use client, server or all"],
    [
      ':ok:all:::x:ok:all:::',
      2,
      "it begins with 'x', its delimiter therefore: begin it with, for example, ':'",
    ],
    [':map:::\n:ok:all:::', 2, "nothing may follow a 'map' rule: put this one before it"],
    [':map::a.: :map::b.:', 2, "nothing may follow a 'map' rule: put this one before it"],
    [':ok:all:a\0b::', 1, 'its key has a NUL character in it'],
  ])('%j is wrong in rule %i: %s', (rules, rule, problem) => {
    let error: unknown;
    try {
      parseXattrMap(rules);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(XattrMapError);
    expect(error).toMatchObject({
      code: 'ERR_XATTR_MAP',
      rule,
      message: rule === 0 ? problem : `rule ${rule}: ${problem}`,
    });
  });

  it.each([
    [MAP_ALL, []],
    [TRUSTED, []],
    [':ok:client:::', ['server']],
    [':ok:server::: :bad:client:user.::', ['client']],
    [':prefix:all:trusted.:user.virtiofs.:', ['client', 'server']],
  ])('%s leaves open: %j', (rules, gaps) => {
    expect(parseXattrMap(rules).gaps).toEqual(gaps);
  });
});

describe('for any list of rules', () => {
  const word = fc.constantFrom(
    'prefix',
    'ok',
    'bad',
    'unsupported',
    'map',
    'client',
    'server',
    'all',
    '',
    ' ',
  );
  const name = fc.constantFrom('', 'user.', 'trusted.', 'a', 'user.a');
  const noise = fc.array(
    fc.oneof(word, name, fc.constantFrom(':', '/', '\n'), fc.string({ unit: 'binary' })),
  );

  it('parsing yields a map or an XattrMapError', () => {
    fc.assert(
      fc.property(noise, (parts) => {
        try {
          expect(parseXattrMap(parts.join('')).rules.length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(XattrMapError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  const part = fc.stringMatching(/^[.ab]{0,4}$/);

  it('what map lets through comes back under the same name', () => {
    fc.assert(
      fc.property(part, part, fc.stringMatching(/^[.ab]{1,12}$/), (key, prepend, guest) => {
        const map = parseXattrMap(`:map:${key}:${prepend}:`);
        const host = toHost(map, guest);
        if (typeof host === 'string') expect(toGuest(map, host)).toBe(guest);
        else expect(host).toBe(-EPERM);
      }),
      { numRuns: 2000 },
    );
  });

  it('map is what the documentation says it is short for', () => {
    fc.assert(
      fc.property(part, part, fc.stringMatching(/^[.ab]{1,12}$/), (key, prepend, anyName) => {
        const short = parseXattrMap(`:map:${key}:${prepend}:`);
        const long = parseXattrMap(
          key === ''
            ? `:prefix:all::${prepend}: :bad:all:::`
            : `:prefix:all:${key}:${prepend}: :bad:server::${key}: :bad:client:${prepend}:: :ok:all:::`,
        );
        expect(toHost(short, anyName)).toBe(toHost(long, anyName));
        expect(toGuest(short, anyName)).toBe(toGuest(long, anyName));
      }),
    );
  });
});
