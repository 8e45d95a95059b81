// First of all: what comes after it keeps functions of `raw`.
import './injector.js';
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ReplyError } from '@vfs/fuse-proto';
import { EDQUOT, EINTR, EIO, EMFILE, ENFILE, ENOMEM, ENOSPC, EROFS, ESTALE, errnoName } from '@vfs/sys';
import { describe, expect, it } from 'vitest';
import { EXCEPTIONS, type Exception, exceptionFor } from './expectations.js';
import { type Call, type Fault, observe } from './injector.js';
import type { Attempt, Scenario, Trait } from './scenario.js';
import { FILE_SCENARIOS } from './scenarios-files.js';
import { LOCK_SCENARIOS } from './scenarios-locks.js';
import { NAME_SCENARIOS } from './scenarios-names.js';
import { type Setting, World } from './world.js';

const SCENARIOS: readonly Scenario[] = [...NAME_SCENARIOS, ...FILE_SCENARIOS, ...LOCK_SCENARIOS];
const ERRNOS = [ENOSPC, EDQUOT, EIO, EROFS, ESTALE, ENFILE, EMFILE, ENOMEM, EINTR];
/** Where calls are made that others have made before. */
const FEW = [EIO, ESTALE, EMFILE, ENOMEM];
/** Of faults that last, two kinds: of the file system, and of the moment. */
const LASTING = [EIO, ENOMEM];
/** Without these there is no way back, see mustReturn: `way-home.test.ts`. */
const UNRETURNING = /^(setres[ug]id|setgroups|capset|capget)$/;
const MEMORY = '/dev/shm';
const DISK = tmpdir();

const SETTINGS: Record<string, Setting & { traits?: readonly Trait[]; errnos?: readonly number[] }> = {
  'nodes with descriptors': { parent: MEMORY, inodeFileHandles: 'never' },
  'nodes that are found again by name': { parent: MEMORY, inodeFileHandles: 'never', closed: true },
  'nodes with descriptors, file handles to be had': {
    parent: DISK,
    inodeFileHandles: 'mandatory',
    errnos: FEW,
  },
  'nodes that are found again by file handle': { parent: DISK, inodeFileHandles: 'mandatory', closed: true },
  'no descriptor left, names': { parent: MEMORY, inodeFileHandles: 'never', tight: true, errnos: FEW },
  'no descriptor left, file handles': {
    parent: DISK,
    inodeFileHandles: 'mandatory',
    tight: true,
    errnos: FEW,
  },
  'a thread pool': {
    parent: DISK,
    inodeFileHandles: 'never',
    threads: 2,
    memory: 'segments',
    traits: ['data', 'attributes'],
  },
  'a thread pool, and files of another machine': {
    parent: DISK,
    inodeFileHandles: 'never',
    threads: 2,
    memory: 'segments',
    remote: true,
    traits: ['data', 'attributes'],
  },
  'another user': { parent: MEMORY, inodeFileHandles: 'never', uid: 1000, mode: 0o777, traits: ['creates'] },
  'another user, whom a group lets in': {
    parent: MEMORY,
    inodeFileHandles: 'never',
    uid: 1000,
    mode: 0o775,
    traits: ['creates'],
  },
  'another user, whom only the guest lets in': {
    parent: MEMORY,
    inodeFileHandles: 'never',
    uid: 1000,
    mode: 0o755,
    traits: ['creates'],
  },
  'attributes under other names': {
    parent: MEMORY,
    inodeFileHandles: 'never',
    mapped: true,
    traits: ['data', 'attributes', 'opens'],
  },
  'the calls for attributes of older kernels': {
    parent: MEMORY,
    inodeFileHandles: 'never',
    oldXattrs: true,
    traits: ['xattrs'],
  },
};

/** Calls that have failed, by module and name, and exceptions that were met. */
const failed = new Set<string>();
const met = new Set<Exception>();

/** Makes the request of an attempt: '' or what it was answered. */
async function outcomeOf(attempt: Attempt): Promise<string> {
  try {
    await attempt.request();
    return '';
  } catch (error) {
    if (error instanceof ReplyError) return errnoName(error.errno);
    return (error as Error).message;
  }
}

/** One request from beginning to end; the calls that it made. What is wrong with it is added to `wrong`. */
async function attemptOnce(
  world: World,
  scenario: Scenario,
  wrong: string[],
  fault?: Fault,
): Promise<readonly Call[]> {
  await world.begin();
  const attempt = await scenario.prepare(world);
  world.press();
  const { uid, tight = false } = world.setting;
  if (uid !== undefined) Object.assign(world.client, { uid, gid: uid });
  const { result, calls } = await observe(() => outcomeOf(attempt), fault);
  const call = fault && calls[fault.index];
  const about = call
    ? `${scenario.name}: ${call.site} ${call.name} ${errnoName(fault.errno)}${fault.lasting ? ' for good' : ''}`
    : scenario.name;
  try {
    if (fault === undefined || call === undefined) {
      if (result !== '' || fault !== undefined) wrong.push(`${about}: ${result || 'no such call'}`);
    } else {
      const errno = errnoName(fault.errno);
      failed.add(`${call.site} ${call.name}`);
      if (result !== errno) {
        const exception = exceptionFor(tight, call.site, call.name, errno, scenario.name, result);
        if (exception) met.add(exception);
        else wrong.push(`${about}: the guest is told ${result || 'success'}`);
      }
      if (result !== '') {
        world.press();
        const again = await outcomeOf(attempt);
        const isInTheWay = again === 'EEXIST' && scenario.exclusive && fault.lasting;
        if (again !== '' && !isInTheWay) wrong.push(`${about}: and then, without a fault, ${again}`);
      }
    }
    attempt.verify?.(fault && result === '' ? errnoName(fault.errno) : '');
  } catch (error) {
    wrong.push(`${about}: it has not been done: ${(error as Error).message.split('\n')[0]}`);
  }
  Object.assign(world.client, { uid: 0, gid: 0 });
  const left = await world.end();
  if (left !== '') wrong.push(`${about}: left behind: ${left}`);
  return calls;
}

const isRoot = process.geteuid!() === 0;

describe.runIf(isRoot)(
  'whatever system call fails, the guest is told, nothing is left behind, and the next attempt succeeds',
  () => {
    it.each(Object.entries(SETTINGS))('%s', { timeout: 600_000 }, async (_, setting) => {
      const world = await World.open(setting);
      const wrong: string[] = [];
      const { traits, errnos = ERRNOS } = setting;
      for (const scenario of SCENARIOS) {
        if (traits && !scenario.traits.some((trait) => traits.includes(trait))) continue;
        // What only the first of all requests needs is not part of what is repeated.
        await attemptOnce(world, scenario, wrong);
        const calls = await attemptOnce(world, scenario, wrong);
        for (const [index, { name }] of calls.entries()) {
          for (const errno of errnos)
            await attemptOnce(world, scenario, wrong, { index, errno, lasting: false });
          for (const errno of UNRETURNING.test(name) ? [] : LASTING) {
            await attemptOnce(world, scenario, wrong, { index, errno, lasting: true });
          }
        }
      }
      expect([...new Set(wrong)]).toEqual([]);
    });

    it('which is true of every call in the sources, and of every exception from the rule', () => {
      const sources = fileURLToPath(new URL('../../src/passthrough', import.meta.url));
      const written = new Set<string>();
      for (const file of readdirSync(sources, { recursive: true, encoding: 'utf8' })) {
        if (!file.endsWith('.ts')) continue;
        const text = readFileSync(join(sources, file), 'utf8');
        for (const [, name] of text.matchAll(/\braw\.(\w+)/g)) written.add(`${file} ${name}`);
      }
      expect([...written].filter((call) => !failed.has(call) && !ELSEWHERE.has(call)).sort()).toEqual([]);
      expect(EXCEPTIONS.filter((exception) => !met.has(exception))).toEqual([]);
    });
  },
);

/** Calls that no request makes by itself. */
const ELSEWHERE = new Set([
  // At the end of a share.
  'share.ts close',
  'xattr-calls.ts close',
  // By the first of all requests.
  'xattr-calls.ts openat',
  'kill-privileges.ts capget',
  // After something else has failed.
  'file-creation.ts close',
  'nodes.ts close',
  'way-back.ts close',
  'locks/file-locks.ts close',
  'security-labels.ts unlinkat',
  // When a forgotten file is kept for a moment: if it fails, it is not.
  'forgotten-nodes.ts statxFd',
  // Without privilege, and before Linux 5.8.
  'access.ts statxFd',
  // It cannot fail.
  'umask.ts umask',
]);
