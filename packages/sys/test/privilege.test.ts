import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  allCapabilities,
  CAP_CHOWN,
  CAP_SYS_ADMIN,
  type Capabilities,
  CapabilitySet,
  capabilityName,
  capabilityNumber,
  checkIdMap,
  denySetgroups,
  formatIdMap,
  getAmbientSet,
  getBoundingSet,
  getCapabilities,
  getDumpable,
  getKeepCaps,
  getNoNewPrivs,
  getParentDeathSignal,
  getSecurebits,
  IdMapHelperError,
  type IdMapping,
  lastCapability,
  parseIdMap,
  parseThreadStatus,
  prctl,
  raw,
  readThreads,
  runIdMapHelper,
  ScopedCapabilities,
  setCapabilities,
  setDumpable,
  setKeepCaps,
  setParentDeathSignal,
  signalName,
  signalNumber,
  writeIdMap,
} from '../src/index.js';
import { inChild } from './child.js';
import { Arena, expectSysError, isRoot } from './support.js';

describe('CapabilitySet', () => {
  test('names, in any case, with and without the prefix', () => {
    expect(capabilityNumber('CAP_CHOWN')).toBe(CAP_CHOWN);
    expect(capabilityNumber('sys_admin')).toBe(CAP_SYS_ADMIN);
    expect(capabilityNumber('Cap_Sys_Admin')).toBe(CAP_SYS_ADMIN);
    expect(capabilityName(40)).toBe('CAP_CHECKPOINT_RESTORE');
    expect(capabilityName(63)).toBe('CAP_63');
    for (const bad of ['', 'CAP_', 'chownn', -1, 64, 1.5]) {
      expect(() => capabilityNumber(bad)).toThrow(RangeError);
      expect(() => CapabilitySet.of(bad)).toThrow(RangeError);
    }
  });

  test('is a set of up to 64 bits', () => {
    const sets = fc.uniqueArray(fc.integer({ min: 0, max: 63 }));
    fc.assert(
      fc.property(sets, sets, (a, b) => {
        const [left, right] = [CapabilitySet.of(...a), CapabilitySet.of(...b)];
        const sorted = (numbers: Iterable<number>) => [...numbers].sort((x, y) => x - y);
        expect([...left]).toEqual(sorted(a));
        expect([...left.union(right)]).toEqual(sorted(new Set([...a, ...b])));
        expect([...left.intersection(right)]).toEqual(sorted(a.filter((each) => b.includes(each))));
        expect([...left.minus(right)]).toEqual(sorted(a.filter((each) => !b.includes(each))));
        expect(left.with(...b).equals(left.union(right))).toBe(true);
        expect(left.without(...b).equals(left.minus(right))).toBe(true);
        expect(CapabilitySet.fromMask(left.mask).equals(left)).toBe(true);
        expect(BigInt(left.mask)).toBe(a.reduce((mask, bit) => mask | (1n << BigInt(bit)), 0n));
        expect(CapabilitySet.of(...left.names().filter((name) => !/\d/.test(name))).minus(left).isEmpty).toBe(
          true,
        );
      }),
    );
  });

  test('the set that the reference keeps', () => {
    const kept = CapabilitySet.of(
      'chown',
      'dac_override',
      'fowner',
      'fsetid',
      'setgid',
      'setuid',
      'mknod',
      'setfcap',
    );
    expect(kept.mask).toBe(0x8800_00db);
    expect(String(CapabilitySet.of('kill', 'chown'))).toBe('CAP_CHOWN,CAP_KILL');
  });
});

describe('capabilities of the calling thread', () => {
  test('are those in /proc', () => {
    const status = parseThreadStatus(readFileSync('/proc/thread-self/status', 'utf8'));
    const { effective, permitted, inheritable } = getCapabilities();
    expect(effective.mask).toBe(status.effective.mask);
    expect(permitted.mask).toBe(status.permitted.mask);
    expect(inheritable.mask).toBe(status.inheritable.mask);
    expect(getBoundingSet().mask).toBe(status.bounding.mask);
    expect(getAmbientSet().mask).toBe(status.ambient.mask);
    expect(getCapabilities(process.pid).permitted.mask).toBe(permitted.mask);
    expect(lastCapability()).toBe(Number(readFileSync('/proc/sys/kernel/cap_last_cap', 'utf8')));
    expectSysError(() => getCapabilities(0x3fff_ffff), 'ESRCH');
    expect(() => getCapabilities(-1)).toThrow(RangeError);
  });

  test.runIf(isRoot)('are set for it alone, and not for the thread pool', async () => {
    await readFile('/proc/self/status');
    const self = raw.gettid();
    const before = new Map(readThreads().map((each) => [each.tid, each.effective.mask]));
    expect(before.size).toBeGreaterThan(4);
    const { effective } = getCapabilities();
    const reads: Promise<string>[] = [];
    {
      using _ = new ScopedCapabilities('fsetid', 'CAP_CHOWN');
      reads.push(...[1, 2, 3, 4].map(() => readFile('/proc/thread-self/status', 'utf8')));
      expect(getCapabilities().effective.mask).toBe(effective.without('fsetid', 'chown').mask);
      for (const thread of readThreads()) {
        const expected =
          thread.tid === self ? effective.without('fsetid', 'chown').mask : before.get(thread.tid);
        expect(thread.effective.mask).toBe(expected);
      }
    }
    for (const status of await Promise.all(reads)) {
      expect(parseThreadStatus(status).effective.mask).toBe(effective.mask);
    }
    expect(getCapabilities().effective.mask).toBe(effective.mask);
  });

  test.runIf(isRoot)('a scope is restored after a throw, and once', () => {
    const { effective } = getCapabilities();
    expect(() => {
      using _ = new ScopedCapabilities('kill');
      throw new Error('x');
    }).toThrow('x');
    expect(getCapabilities().effective.mask).toBe(effective.mask);
    const scope = new ScopedCapabilities('kill');
    scope[Symbol.dispose]();
    setCapabilities({ effective: effective.without('chown') });
    scope[Symbol.dispose]();
    expect(getCapabilities().effective.has('chown')).toBe(false);
    setCapabilities({ effective });
  });

  test.runIf(isRoot)('given up for good; what is not permitted is refused', () => {
    const seen = inChild((sys) => {
      const codes: string[] = [];
      const fails = (action: () => void): void => {
        try {
          action();
        } catch (error) {
          codes.push((error as { code: string }).code);
        }
      };
      const kept = sys.CapabilitySet.of('chown', 'setpcap');
      sys.setCapabilities({ effective: kept, permitted: kept, inheritable: sys.CapabilitySet.of('chown') });
      fails(() => sys.setCapabilities({ effective: sys.CapabilitySet.of('kill') }));
      fails(() => sys.setCapabilities({ permitted: sys.CapabilitySet.of('kill') }));
      sys.limitBoundingSet(sys.CapabilitySet.of('chown', 'kill'));
      fails(() => sys.setCapabilities({ inheritable: sys.CapabilitySet.of('fowner') }));
      fails(() => sys.setAmbientSet(sys.CapabilitySet.of('kill')));
      sys.setAmbientSet(sys.CapabilitySet.of('chown'));
      const ambient = sys.getAmbientSet().names();
      sys.lowerAmbient('chown');
      const bounding = sys.getBoundingSet().names();
      sys.setCapabilities({ effective: sys.CapabilitySet.none, permitted: sys.CapabilitySet.none });
      fails(() => sys.limitBoundingSet(sys.CapabilitySet.none));
      const { effective, permitted } = sys.getCapabilities();
      const empty = effective.isEmpty && permitted.isEmpty && sys.getAmbientSet().isEmpty;
      return { codes, ambient, bounding, empty };
    });
    expect(seen).toEqual({
      codes: ['EPERM', 'EPERM', 'EPERM', 'EPERM', 'EPERM'],
      ambient: ['CAP_CHOWN'],
      bounding: ['CAP_CHOWN', 'CAP_KILL'],
      empty: true,
    });
  });

  test.runIf(isRoot)('without privilege', () => {
    const seen = inChild(
      (sys) => {
        const codes: string[] = [];
        for (const action of [
          () => sys.setCapabilities({ permitted: sys.CapabilitySet.of('chown') }),
          () => sys.limitBoundingSet(sys.CapabilitySet.none),
          () => sys.setSecurebits(sys.SECBIT_NOROOT),
        ]) {
          try {
            action();
          } catch (error) {
            codes.push((error as { code: string }).code);
          }
        }
        return { codes, none: sys.getCapabilities().permitted.isEmpty };
      },
      undefined,
      { uid: 65534 },
    );
    expect(seen).toEqual({ codes: ['EPERM', 'EPERM', 'EPERM'], none: true });
  });

  test('nothing that is passed crashes', () => {
    expect(() => setCapabilities({ effective: 7 } as unknown as Capabilities)).toThrow(TypeError);
    const arena = new Arena();
    expect(raw.capget(0, arena.id, arena.window.byteLength - 23)).toBe(-14);
    expect(raw.capset(0, 0)).toBe(-14);
    expect(allCapabilities().has(lastCapability())).toBe(true);
  });
});

describe('prctl', () => {
  test('only options whose arguments are integers', () => {
    // PR_SET_NAME, PR_GET_TSC, PR_SET_MM, PR_SET_SECCOMP: addresses, or worse.
    for (const option of [15, 25, 35, 22, 0, 0x7fff_ffff])
      expectSysError(() => prctl(option, 1, 2), 'EINVAL');
    expect(() => prctl(-1)).toThrow(RangeError);
    expect(() => prctl(38, 2 ** 32)).toThrow(RangeError);
    expect(() => prctl(38, 0.5)).toThrow(RangeError);
  });

  test('attributes are read and set', () => {
    const keep = getKeepCaps();
    setKeepCaps(true);
    expect(getKeepCaps()).toBe(true);
    setKeepCaps(keep);
    expect(getDumpable()).toBe(1);
    setDumpable(false);
    expect(getDumpable()).toBe(0);
    setDumpable(true);
    expect(getSecurebits()).toBe(0);
    const signal = getParentDeathSignal();
    setParentDeathSignal('SIGUSR1');
    expect(getParentDeathSignal()).toBe(signalNumber('SIGUSR1'));
    setParentDeathSignal(0);
    expect(getParentDeathSignal()).toBe(0);
    if (signal !== 0) setParentDeathSignal(signal);
    expect(() => setParentDeathSignal(65)).toThrow(RangeError);
    expect(() => setParentDeathSignal('SIGNONE' as NodeJS.Signals)).toThrow(RangeError);
  });

  test('no_new_privs stays, for the thread that sets it', () => {
    const seen = inChild(async (sys) => {
      const { readFile } = process.getBuiltinModule('fs').promises;
      await readFile('/proc/self/status');
      sys.setNoNewPrivs();
      return {
        own: sys.getNoNewPrivs(),
        others: sys.readThreads().filter((each) => !each.noNewPrivs).length > 3,
      };
    });
    expect(seen).toEqual({ own: true, others: true });
    expect(getNoNewPrivs()).toBe(false);
  });

  test('names of signals', () => {
    expect(signalName(15)).toBe('SIGTERM');
    expect(signalName(40)).toBe('SIG40');
    expect(signalNumber(64)).toBe(64);
    for (const bad of [0, 65, -1, 1.5, Number.NaN]) expect(() => signalNumber(bad)).toThrow(RangeError);
  });
});

describe('threads', () => {
  test('of this process and of another', () => {
    const own = readThreads();
    expect(own.map((each) => each.tid)).toContain(process.pid);
    expect(own.every((each) => each.uid.real === process.getuid!() && each.seccomp === own[0]!.seccomp)).toBe(
      true,
    );
    expect(readThreads(1).map((each) => each.tid)).toContain(1);
    expect(() => readThreads(0x3fff_ffff)).toThrow('ENOENT');
    expect(() => readThreads(0)).toThrow(RangeError);
  });

  test('what is not a status', () => {
    expect(() => parseThreadStatus('Name:\tx\n')).toThrow(SyntaxError);
  });
});

describe('id maps', () => {
  const range = (inside: number, outside: number, count: number): IdMapping => ({ inside, outside, count });

  test('are checked', () => {
    for (const map of [
      [],
      [range(0, 0, 0)],
      [range(-1, 0, 1)],
      [range(0, 2 ** 32 - 1, 1)],
      [range(1, 0, 2 ** 32 - 1)],
      [range(0, 0, 2), range(1, 5, 1)],
      [range(0, 5, 2), range(7, 6, 1)],
      Array.from({ length: 341 }, (_, i) => range(i, i, 1)),
      [range(0.5, 0, 1)],
    ]) {
      expect(() => checkIdMap(map), JSON.stringify(map)).toThrow(RangeError);
      expect(() => writeIdMap('uid', process.pid, map)).toThrow(RangeError);
      expect(() => runIdMapHelper('uid', process.pid, map)).toThrow(RangeError);
    }
    checkIdMap([range(0, 0, 2 ** 32 - 1)]);
    checkIdMap([range(5, 0, 5), range(0, 5, 5)]);
  });

  test('are the text of the kernel', () => {
    const map = parseIdMap(readFileSync('/proc/self/uid_map', 'utf8'));
    expect(map.length).toBeGreaterThan(0);
    expect(parseIdMap(formatIdMap(map))).toEqual(map);
    expect(parseIdMap('')).toEqual([]);
    expect(() => parseIdMap('0 0\n')).toThrow(SyntaxError);
  });

  test('a namespace has its maps once', () => {
    expectSysError(() => writeIdMap('uid', process.pid, [range(0, 0, 1)]), 'EPERM');
    expectSysError(() => writeIdMap('gid', process.pid, [range(0, 0, 1)]), 'EPERM');
    // Without privilege the file cannot even be opened.
    expectSysError(() => denySetgroups(process.pid), isRoot ? 'EPERM' : 'EACCES');
    expectSysError(() => writeIdMap('uid', 0x3fff_ffff, [range(0, 0, 1)]), 'ENOENT');
    expect(() => writeIdMap('uid', 0, [range(0, 0, 1)])).toThrow(RangeError);
  });

  test('a helper that is missing or refuses says so', () => {
    const path = process.env['PATH'];
    try {
      process.env['PATH'] = '/nonexistent';
      expect(() => runIdMapHelper('uid', process.pid, [range(0, 0, 1)])).toThrow(IdMapHelperError);
      expect(() => runIdMapHelper('gid', process.pid, [range(0, 0, 1)])).toThrow('newgidmap: not installed');
    } finally {
      process.env['PATH'] = path;
    }
  });
});
