import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  AT_FDCWD,
  LANDLOCK_ACCESS_FS_MAKE_REG,
  LANDLOCK_ACCESS_FS_REFER,
  LANDLOCK_ACCESS_FS_WRITE_FILE,
  LANDLOCK_SCOPE_SIGNAL,
  landlockRuleset,
  landlockVersion,
  memfdCreate,
  O_DIRECTORY,
  O_PATH,
  OwnedFd,
  openat,
  spawn,
} from '../src/index.js';
import { temporaryDirectory } from './support.js';

const HANDLED = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REFER;

describe.runIf(landlockVersion() >= 2)('Landlock', () => {
  test('a program that is spawned with rules changes nothing outside of the directory', async () => {
    const root = temporaryDirectory();
    const inside = join(root, 'inside');
    mkdirSync(inside);
    writeFileSync(join(root, 'file'), '');
    using beneath = new OwnedFd(openat(AT_FDCWD, inside, O_PATH | O_DIRECTORY));
    using landlock = landlockRuleset({ handled: HANDLED, beneath, scoped: LANDLOCK_SCOPE_SIGNAL });
    const script = 'exec 2>&-; (: > inside/made); (: > made); (: > file); mv inside/made .; cat file; true';
    const child = spawn({
      file: '/bin/sh',
      args: ['-c', script],
      cwd: root,
      noNewPrivs: true,
      landlock,
    });
    expect((await child.exited).code).toBe(0);
    expect(readdirSync(inside)).toEqual(['made']);
    expect(readdirSync(root).sort()).toEqual(['file', 'inside']);
  });

  test('the descriptor of the rules is not left to the program, whatever its number', async () => {
    using beneath = new OwnedFd(openat(AT_FDCWD, '/', O_PATH | O_DIRECTORY));
    using landlock = landlockRuleset({ handled: HANDLED, beneath });
    const fds = Array.from({ length: landlock.fd + 2 }, (_, fd) => (fd < 3 ? fd : 2));
    const script = 'for fd in /proc/self/fd/*; do readlink "$fd"; done | grep -q landlock && exit 1; exit 0';
    const child = spawn({ file: '/bin/sh', args: ['-c', script], fds, noNewPrivs: true, landlock });
    expect((await child.exited).code).toBe(0);
  });

  test('rights that do not exist are refused, and what is no directory of a file system', () => {
    using nothing = new OwnedFd(memfdCreate('nothing'));
    for (const handled of [0, -1, 0x1_0000, 1.5]) {
      expect(() => landlockRuleset({ handled, beneath: nothing })).toThrow(RangeError);
    }
    using beneath = new OwnedFd(openat(AT_FDCWD, '/', O_PATH | O_DIRECTORY));
    expect(() => landlockRuleset({ handled: 1, beneath, scoped: 4 })).toThrow(RangeError);
    expect(() => landlockRuleset({ handled: HANDLED, beneath: nothing })).toThrow('landlock_add_rule');
  });
});
