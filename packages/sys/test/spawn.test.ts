import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  AT_FDCWD,
  CapabilitySet,
  CLONE_NEWIPC,
  CLONE_NEWNET,
  CLONE_NEWNS,
  CLONE_NEWPID,
  CLONE_NEWUSER,
  CLONE_NEWUTS,
  MS_BIND,
  MS_NODEV,
  MS_NOEXEC,
  MS_NOSUID,
  MS_PRIVATE,
  MS_REC,
  O_DIRECTORY,
  O_PATH,
  O_RDONLY,
  OPEN_TREE_CLONE,
  P_PID,
  parseThreadStatus,
  pidfdOpen,
  pidfdSendSignal,
  raw,
  readThreads,
  SpawnError,
  type SpawnOptions,
  SysError,
  spawn,
  type ThreadStatus,
  WEXITED,
  WNOHANG,
  waitid,
} from '../src/index.js';
import { inChild } from './child.js';
import { Arena, descriptorCount, expectSysError, isRoot, temporaryDirectory, until } from './support.js';

const root = temporaryDirectory();
chmodSync(root, 0o755);
const output = join(root, 'output');

/** Runs a shell script to its end: what it wrote, and how it ended. */
function shell(script: string, options: Partial<SpawnOptions> = {}) {
  const out = openSync(output, 'w', 0o666);
  const child = spawn({ file: '/bin/sh', args: ['-c', script], fds: [0, out, out], ...options });
  closeSync(out);
  const status = child.wait();
  return { ...status, text: readFileSync(output, 'utf8') };
}

/** The status of the program that is executed, read by itself. */
function statusOf(options: Partial<SpawnOptions>): ThreadStatus {
  const { text, code } = shell('exec cat /proc/self/status', options);
  expect(code, text).toBe(0);
  return parseThreadStatus(text);
}

/** What spawn() throws. */
function failure(options: Partial<SpawnOptions>): SpawnError {
  try {
    spawn({ file: '/bin/true', ...options });
  } catch (error) {
    expect(error).toBeInstanceOf(SpawnError);
    expect(error).toBeInstanceOf(SysError);
    return error as SpawnError;
  }
  expect.fail('expected a SpawnError');
}

describe('a program', () => {
  test('its arguments, environment, directory, mask and end', async () => {
    const { text, code } = shell('echo "$0 $1 $A-$B $(pwd) $(umask)"; exit 7', {
      args: ['-c', 'echo "$0 $1 $A-$B $(pwd) $(umask)"; exit 7', 'zero', 'a b'],
      env: { A: '1', B: undefined, PATH: process.env['PATH'] },
      cwd: '/usr',
      umask: 0o27,
    });
    expect(text).toBe('zero a b 1- /usr 0027\n');
    expect(code).toBe(7);
    const child = spawn({ file: '/bin/sh', args: ['-c', 'kill -9 $$'] });
    expect(child.pid).toBeGreaterThan(1);
    expect(await child.exited).toEqual({ code: null, signal: 'SIGKILL', coreDumped: false });
    expect(child.status).toEqual(child.wait());
    expect(child.kill()).toBe(false);
  });

  test('has the descriptors given and no others, in any order', () => {
    const inherited = openSync('/dev/zero', 'r');
    // Close-on-exec by mistake is what others rely on: this one would be inherited.
    expect(raw.fcntl(inherited, 2, 0)).toBe(0);
    const a = openSync('/etc/passwd', 'r');
    const b = openSync('/etc/group', 'r');
    const out = openSync(output, 'w');
    const list =
      'for n in 0 1 2 3 4 5 6 7 8 9 20 21 22 23 24 25 26 27 28 29 30; do echo $n $(readlink /proc/$$/fd/$n); done';
    using child = spawn({ file: '/bin/sh', args: ['-c', `exec 2>&3; ${list} >&3`], fds: [b, a, 0, out, b] });
    child.wait();
    const lines = new Map(
      readFileSync(output, 'utf8')
        .trim()
        .split('\n')
        .map((line) => line.split(' ') as [string, string]),
    );
    expect(lines.get('0')).toBe('/etc/group');
    expect(lines.get('1')).toBe(output);
    expect(lines.get('3')).toBe(output);
    expect(lines.get('4')).toBe('/etc/group');
    expect([...lines.values()]).not.toContain('/dev/zero');
    for (const fd of [inherited, a, b, out]) closeSync(fd);
  });

  test('no descriptor, no zombie and no memory is left here', async () => {
    const run = (): void => {
      spawn({ file: '/bin/true' }).wait();
      expect(failure({ file: '/nonexistent' }).code).toBe('ENOENT');
    };
    run();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const before = descriptorCount();
    for (let i = 0; i < 20; i++) run();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(descriptorCount()).toBe(before);
    expectSysError(() => waitid(P_PID, process.pid, WEXITED | WNOHANG), 'ECHILD');
  });

  test('has default signals and an empty mask, whatever is handled here', () => {
    const { text } = shell('cat /proc/self/status | grep -E "^Sig(Blk|Ign|Cgt)" | cut -f2 | tr "\\n" " "', {
      // Without a sanitizer's library, which handles some in every program.
      env: { PATH: process.env['PATH'] },
    });
    expect(text.trim()).toMatch(/^0{16} 0{16} 0{16}$/);
  });

  test('may lead a session, and be killed', async () => {
    const child = spawn({ file: '/bin/sleep', args: ['1000'], newSession: true });
    const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(' ');
    expect(Number(fields[5])).toBe(child.pid);
    expect(child.kill('SIGUSR1')).toBe(true);
    expect((await child.exited).signal).toBe('SIGUSR1');
    {
      using other = spawn({ file: '/bin/sleep', args: ['1000'] });
      expect(other.status).toBeUndefined();
    }
  });

  test('unref lets the process end', () => {
    const result = inChild((sys) => {
      const child = sys.spawn({ file: '/bin/sleep', args: ['1'] });
      child.unref();
      return child.pid > 0;
    });
    expect(result).toBe(true);
  });
});

describe('failures say which step', () => {
  test('of the program', () => {
    const error = failure({ file: '/nonexistent' });
    expect(error).toMatchObject({
      syscall: 'execve',
      code: 'ENOENT',
      path: '/nonexistent',
      stage: 'program',
    });
    expect(error.message).toContain("execve '/nonexistent'");
    expect(failure({ file: root })).toMatchObject({ syscall: 'execve', code: 'EACCES' });
    expect(failure({ cwd: '/nonexistent' })).toMatchObject({ syscall: 'chdir', code: 'ENOENT' });
    expect(failure({ fds: [999_999] })).toMatchObject({ syscall: 'fcntl', code: 'EBADF' });
  });

  test.runIf(isRoot)('of a mount, of the isolator, and of a step that is not tolerated', () => {
    const namespaces = CLONE_NEWNS | CLONE_NEWPID;
    expect(
      failure({ namespaces, setup: (steps) => void steps.bindMount('/nonexistent', '/mnt') }),
    ).toMatchObject({
      syscall: 'mount',
      path: '/mnt',
      code: 'ENOENT',
      stage: 'program',
    });
    expect(failure({ namespaces: 0x7fff_ffff })).toMatchObject({ syscall: 'unshare', code: 'EINVAL' });
    const { code } = shell('exit 3', { setup: (steps) => void steps.chdir('/nonexistent').tolerate(2) });
    expect(code).toBe(3);
    expect(failure({ setup: (steps) => void steps.chdir('/nonexistent').tolerate(13) }).code).toBe('ENOENT');
    shell('exit 0', { setup: (steps) => void steps.chdir('/nonexistent').tolerate() });
  });

  test.runIf(isRoot)('without privilege', () => {
    const seen = inChild(
      (sys) => {
        const attempts: Partial<SpawnOptions>[] = [
          { namespaces: sys.CLONE_NEWNS },
          { credentials: { uid: 0 } },
          { credentials: { groups: [1] } },
          { capabilities: { keep: sys.CapabilitySet.none } },
          { capabilities: { keep: sys.CapabilitySet.of('chown'), bounding: 'unchanged' } },
          { noNewPrivs: true, capabilities: { keep: sys.CapabilitySet.none, bounding: 'unchanged' } },
        ];
        return attempts.map((options) => {
          try {
            return sys.spawn({ file: '/bin/true', ...options }).wait().code;
          } catch (error) {
            const { code, syscall } = error as SysError;
            return `${code} ${syscall}`;
          }
        });
      },
      undefined,
      { uid: 65534 },
    );
    expect(seen).toEqual([
      'EPERM unshare',
      'EPERM setresuid',
      'EPERM setgroups',
      'EPERM capset',
      'EPERM capset',
      0,
    ]);
  });
});

test('arguments are checked before anything is started', () => {
  const before = descriptorCount();
  const bad = (options: object, type: typeof TypeError | typeof RangeError): void => {
    expect(() => spawn({ file: '/bin/true', ...options }), JSON.stringify(options)).toThrow(type);
  };
  bad({ file: 'a\0b' }, TypeError);
  bad({ file: 7 }, TypeError);
  bad({ args: ['a\0b'] }, TypeError);
  bad({ args: ['\ud800'] }, TypeError);
  bad({ env: { A: 'a\0b' } }, TypeError);
  bad({ cwd: 'a\0b' }, TypeError);
  bad({ fds: [-1] }, RangeError);
  bad({ namespaces: -1 }, RangeError);
  bad({ umask: 0o1000 }, RangeError);
  bad({ parentDeathSignal: 65 }, RangeError);
  bad({ idMaps: { uid: [], gid: [] } }, RangeError);
  bad({ credentials: { uid: -2 } }, RangeError);
  bad({ capabilities: { keep: 7 } }, TypeError);
  bad({ setup: (steps: { call(name: string): void }) => steps.call('nonsense') }, RangeError);
  expect(descriptorCount()).toBe(before);
});

test('plans of the raw tier are checked', () => {
  const arena = new Arena();
  const plan = (...words: number[]): number => {
    const at = arena.reserve(52 * 2);
    arena.window.i32.fill(0, at / 4, at / 4 + 26);
    arena.window.i32.set(words, at / 4);
    return raw.spawn(arena.id, at, 1, 0, arena.id, arena.reserve(4));
  };
  expect(plan(99)).toBe(-22); // no such operation
  expect(plan(0, 9999)).toBe(-22); // no such call
  expect(plan(0, -1)).toBe(-22);
  expect(plan(0, Object.keys(raw).indexOf('spawn'))).toBe(-22); // itself
  expect(plan(0, 0, 1, 0, 0)).toBe(-22); // refers to itself
  expect(plan(1, 0, 0, 0, 0)).toBe(-22); // forks into itself
  expect(plan(2, 0, 0, 0, 0, 0)).toBe(-14); // no text
  expect(plan(2, 0, 0, 0, arena.id, arena.path('x'), 0, -1)).toBe(-14);
  expect(plan(2, 0, 0, 0, arena.id, arena.path('x'), arena.window.byteLength - 3, 1)).toBe(-14);
  expect(raw.spawn(arena.id, 0, 0, 0, arena.id, 0)).toBe(-22);
  expect(raw.spawn(arena.id, 0, 4097, 0, arena.id, 0)).toBe(-22);
  expect(raw.spawn(arena.id, arena.window.byteLength - 51, 1, 0, arena.id, 0)).toBe(-14);
  expect(raw.spawn(arena.id, 0, 1, 0, 0, 0)).toBe(-14);
});

describe.runIf(isRoot)('identity and capabilities', () => {
  const keep = CapabilitySet.of('chown', 'dac_override', 'fowner', 'setuid');

  test('of user id 0: kept ones permitted and effective, the bounding set empty', () => {
    const status = statusOf({ capabilities: { keep }, noNewPrivs: true });
    expect(status.permitted.mask).toBe(keep.mask);
    expect(status.effective.mask).toBe(keep.mask);
    expect(status.bounding.isEmpty && status.ambient.isEmpty && status.noNewPrivs).toBe(true);
  });

  test('of another user', () => {
    const status = statusOf({
      credentials: { uid: 1234, gid: 5678, groups: [3, 1] },
      capabilities: { keep },
    });
    expect(status.uid).toEqual({ real: 1234, effective: 1234, saved: 1234 });
    expect(status.gid).toEqual({ real: 5678, effective: 5678, saved: 5678 });
    expect(new Set(status.groups)).toEqual(new Set([1, 3]));
    expect(status.permitted.mask).toBe(keep.mask);
    expect(status.effective.mask).toBe(keep.mask);
    expect(status.bounding.isEmpty).toBe(true);
    expect(status.noNewPrivs).toBe(false);
  });

  test("none at all, and a bounding set of one's own", () => {
    const none = statusOf({ capabilities: { keep: CapabilitySet.none } });
    expect(none.permitted.isEmpty && none.effective.isEmpty && none.bounding.isEmpty).toBe(true);
    const bounding = keep.without('setuid');
    const some = statusOf({
      credentials: { uid: 1, groups: [] },
      capabilities: { keep: CapabilitySet.none, bounding },
    });
    expect(some.permitted.isEmpty).toBe(true);
    expect(some.bounding.mask).toBe(bounding.mask);
    expect(some.groups).toEqual([]);
  });

  test('nothing changes here, on any thread', async () => {
    await readFile('/proc/self/status');
    const summary = (): unknown =>
      readThreads().map(({ tid, uid, groups, effective, bounding, noNewPrivs }) => [
        tid,
        uid.effective,
        groups,
        effective.mask,
        bounding.mask,
        noNewPrivs,
      ]);
    const before = summary();
    statusOf({ credentials: { uid: 1, gid: 1, groups: [] }, capabilities: { keep }, noNewPrivs: true });
    expect(summary()).toEqual(before);
  });

  test('every thread of a Node program has what is kept and no more', () => {
    const script = `
      const { readdirSync, readFileSync } = require('fs');
      require('fs/promises').readFile('/proc/self/status').then(() => {
        for (const tid of readdirSync('/proc/self/task')) {
          const text = readFileSync('/proc/self/task/' + tid + '/status', 'utf8');
          console.log(['CapPrm', 'CapEff', 'CapBnd', 'NoNewPrivs'].map((f) => new RegExp(f + ':\\\\s*(\\\\S+)').exec(text)[1]).join(' '));
        }
      });`;
    const out = openSync(output, 'w');
    const child = spawn({
      file: process.execPath,
      args: ['-e', script],
      fds: [0, out, 2],
      capabilities: { keep },
      noNewPrivs: true,
    });
    closeSync(out);
    expect(child.wait().code).toBe(0);
    const lines = readFileSync(output, 'utf8').trim().split('\n');
    expect(lines.length).toBeGreaterThan(6);
    const mask = Number(keep.mask).toString(16).padStart(16, '0');
    expect(new Set(lines)).toEqual(new Set([`${mask} ${mask} ${'0'.repeat(16)} 1`]));
  });
});

describe.runIf(isRoot)('namespaces', () => {
  const proc = (steps: Parameters<NonNullable<SpawnOptions['setup']>>[0]): void => {
    steps.mount(undefined, '/', undefined, MS_REC | MS_PRIVATE);
    steps.mount('proc', '/proc', 'proc', MS_NOSUID | MS_NODEV | MS_NOEXEC);
  };
  const all = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS;

  test('are all new; the program is the first of its pid namespace', () => {
    const names = ['mnt', 'pid', 'net', 'ipc', 'uts', 'user'];
    const list = names.map((name) => `readlink /proc/self/ns/${name}`).join('; ');
    const here = execFileSync('/bin/sh', ['-c', list], { encoding: 'utf8' }).trim().split('\n');
    const { text, code } = shell(`echo $$; ${list}; exit 9`, { namespaces: all, setup: proc });
    expect(code, text).toBe(9);
    const [pid, ...there] = text.trim().split('\n');
    expect(pid).toBe('1');
    for (const [i, name] of names.entries()) {
      if (name === 'user') expect(there[i]).toBe(here[i]);
      else expect(there[i], name).not.toBe(here[i]);
    }
  });

  test('the process outside passes signals on and ends as the program ended', async () => {
    const ready = join(root, 'ready');
    const script = `trap 'exit 42' TERM; echo > ${ready}; while :; do sleep 0.02; done`;
    const child = spawn({ file: '/bin/sh', args: ['-c', script], namespaces: CLONE_NEWPID });
    await until(() => readText(ready) !== '');
    expect(child.kill('SIGTERM')).toBe(true);
    expect(await child.exited).toEqual({ code: 42, signal: null, coreDumped: false });
    // The program in a pid namespace may end by a signal from outside: SIGKILL.
    const other = spawn({ file: '/bin/sleep', args: ['1000'], namespaces: CLONE_NEWPID });
    const [program] = readFileSync(`/proc/${other.pid}/task/${other.pid}/children`, 'utf8').trim().split(' ');
    const pidfd = pidfdOpen(Number(program));
    pidfdSendSignal(pidfd, 'SIGKILL');
    expect((await other.exited).signal).toBe('SIGKILL');
    expectSysError(() => pidfdSendSignal(pidfd, 0), 'ESRCH');
    closeSync(pidfd);
  });

  test('SIGKILL of the process outside ends the program', async () => {
    const child = spawn({ file: '/bin/sleep', args: ['1000'], namespaces: CLONE_NEWPID });
    const [program] = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim().split(' ');
    const pidfd = pidfdOpen(Number(program));
    child.kill('SIGKILL');
    expect((await child.exited).signal).toBe('SIGKILL');
    await until(() => raw.poll(pidfd, 1, 0) !== 0);
    closeSync(pidfd);
  });

  test('the process outside keeps neither descriptors nor capabilities', () => {
    using child = spawn({
      file: '/bin/sleep',
      args: ['1000'],
      namespaces: CLONE_NEWPID,
      capabilities: { keep: CapabilitySet.of('chown') },
    });
    const links = execFileSync('ls', [`/proc/${child.pid}/fd`], { encoding: 'utf8' });
    expect(links).toBe('');
    const [status] = readThreads(child.pid);
    expect(status!.permitted.isEmpty && status!.noNewPrivs).toBe(true);
    using other = spawn({ file: '/bin/sleep', args: ['1000'], namespaces: CLONE_NEWPID });
    expect(readThreads(other.pid)[0]!.permitted.names()).toEqual(['CAP_KILL']);
  });

  test('the process outside has given up its privilege when proceed() returns, every time', () => {
    for (let i = 0; i < 20; i++) {
      using child = spawn({
        file: '/bin/sleep',
        args: ['1000'],
        namespaces: CLONE_NEWPID,
        later: (steps) => void steps.chdir('/'),
      });
      child.proceed();
      expect(readThreads(child.pid)[0]!.permitted.names()).toEqual(['CAP_KILL']);
    }
  });

  test('maps by the helpers, found in $PATH; their complaint is the error', () => {
    const bin = join(root, 'bin');
    mkdirSync(bin);
    const install = (kind: string, script: string): void =>
      writeFileSync(join(bin, `new${kind}map`), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    const map = [
      { inside: 0, outside: 5, count: 1 },
      { inside: 1, outside: 100, count: 2 },
    ];
    const options = { namespaces: CLONE_NEWUSER, idMaps: { uid: map, gid: map, by: 'helper' } } as const;
    const path = process.env['PATH'];
    try {
      process.env['PATH'] = `${bin}:${path}`;
      for (const kind of ['uid', 'gid'])
        install(kind, `printf '%s %s %s\\n%s %s %s\\n' "$2" "$3" "$4" "$5" "$6" "$7" > /proc/$1/${kind}_map`);
      const { text } = shell('cat /proc/self/uid_map /proc/self/gid_map | tr -s " "', options);
      expect(text).toBe(' 0 5 1\n 1 100 2\n 0 5 1\n 1 100 2\n');
      install('gid', 'echo "range not allowed" >&2; exit 1');
      const before = descriptorCount();
      expect(() => spawn({ file: '/bin/true', ...options })).toThrow('newgidmap: range not allowed');
      expect(descriptorCount()).toBe(before);
    } finally {
      process.env['PATH'] = path;
    }
  });

  test('a user namespace with maps, in which the program is root over what is mapped', () => {
    const map = [
      { inside: 0, outside: 1000, count: 10 },
      { inside: 10, outside: 0, count: 1 },
    ];
    const { text, code } = shell(
      'cat /proc/self/uid_map /proc/self/gid_map | tr -s " "; id -u; cat /proc/self/setgroups',
      {
        namespaces: CLONE_NEWUSER | CLONE_NEWNS,
        idMaps: { uid: map, gid: map },
        credentials: { uid: 0, gid: 0, groups: [] },
      },
    );
    expect(code, text).toBe(0);
    expect(text).toBe(' 0 1000 10\n 10 0 1\n 0 1000 10\n 10 0 1\n0\nallow\n');
    expect(
      failure({ namespaces: CLONE_NEWUSER, idMaps: { uid: map, gid: map }, credentials: { uid: 11 } }),
    ).toMatchObject({
      syscall: 'setresuid',
      code: 'EINVAL',
    });
  });

  test("as a plain user: a user namespace with one's own ids", () => {
    const seen = inChild(
      (sys) => {
        const { openSync, readFileSync, rmSync } = process.getBuiltinModule('fs');
        const path = `/tmp/vfs-sys-user-${process.pid}`;
        const out = openSync(path, 'w+');
        const child = sys.spawn({
          file: '/bin/sh',
          args: ['-c', 'id -u; cat /proc/self/setgroups; exec cat /proc/self/status'],
          fds: [0, out, 2],
          namespaces: sys.CLONE_NEWUSER | sys.CLONE_NEWNS | sys.CLONE_NEWPID | sys.CLONE_NEWNET,
          idMaps: {
            uid: [{ inside: 7, outside: 65534, count: 1 }],
            gid: [{ inside: 8, outside: 65534, count: 1 }],
          },
          setup: (steps) => {
            steps.mount(undefined, '/', undefined, sys.MS_REC | sys.MS_SLAVE);
            steps.mount('proc', '/proc', 'proc', sys.MS_NOSUID | sys.MS_NODEV | sys.MS_NOEXEC);
          },
          capabilities: { keep: sys.CapabilitySet.of('chown') },
          noNewPrivs: true,
        });
        const { code } = child.wait();
        const text = readFileSync(path, 'utf8');
        rmSync(path);
        let refused = '';
        try {
          sys.spawn({
            file: '/bin/true',
            namespaces: sys.CLONE_NEWUSER,
            idMaps: {
              uid: [{ inside: 0, outside: 0, count: 1 }],
              gid: [{ inside: 0, outside: 0, count: 1 }],
              by: 'direct',
            },
          });
        } catch (error) {
          refused = (error as SysError).code;
        }
        return { code, text, refused };
      },
      undefined,
      { uid: 65534 },
    );
    expect(seen.code).toBe(0);
    expect(seen.text).toMatch(/^7\ndeny\n/);
    expect(seen.refused).toBe('EPERM');
    const status = parseThreadStatus(seen.text.slice(seen.text.indexOf('Name:')));
    expect(status.permitted.names()).toEqual(['CAP_CHOWN']);
    expect(status.bounding.isEmpty && status.noNewPrivs).toBe(true);
  });

  test('the root of a running program is moved, and its descriptors stay', async () => {
    const share = join(root, 'share');
    mkdirSync(share);
    writeFileSync(join(share, 'inside'), 'x');
    const [ready, list] = [join(root, 'ready2'), join(root, 'list2')];
    const out = openSync(list, 'w');
    // A shell that opens what it needs first, then waits for its root to change.
    const script = `
      const fs = require('fs');
      fs.writeFileSync(${JSON.stringify(ready)}, 'x');
      const timer = setInterval(() => {
        if (!fs.existsSync('/inside')) return;
        clearInterval(timer);
        fs.readdir('/', (error, names) => {
          fs.writeSync(1, JSON.stringify({ names, sync: fs.readdirSync('/'), up: fs.readdirSync('/..'), etc: fs.existsSync('/etc') }));
          process.exit(5);
        });
      }, 5);`;
    const child = spawn({
      file: process.execPath,
      args: ['-e', script],
      fds: [0, out, 2],
      namespaces: CLONE_NEWNS | CLONE_NEWPID,
      setup: (steps) => void steps.mount(undefined, '/', undefined, MS_REC | MS_PRIVATE),
      later: (steps) => {
        steps.mount(share, share, undefined, MS_BIND | MS_REC);
        const tree = steps.openat(AT_FDCWD, share, O_PATH | O_DIRECTORY);
        steps.fchdir(tree);
        steps.pivotRoot('.', '.');
        steps.umount2('.', 2);
        steps.chdir('/');
      },
      capabilities: { keep: CapabilitySet.none },
      noNewPrivs: true,
      parentDeathSignal: 'SIGTERM',
    });
    closeSync(out);
    await until(() => readText(ready) !== '');
    child.proceed();
    expect((await child.exited).code).toBe(5);
    expect(JSON.parse(readFileSync(list, 'utf8'))).toEqual({
      names: ['inside'],
      sync: ['inside'],
      up: ['inside'],
      etc: false,
    });
    expect(() => child.proceed()).toThrow(TypeError);
  });

  test('a later step that fails, a program that ends before, a child that is given up', async () => {
    const later: SpawnOptions['later'] = (steps) => void steps.pivotRoot('/nonexistent', '/');
    const failing = spawn({ file: '/bin/sleep', args: ['1000'], namespaces: CLONE_NEWNS, later });
    try {
      failing.proceed();
      expect.fail('expected a SpawnError');
    } catch (error) {
      expect(error).toMatchObject({ syscall: 'pivot_root', code: 'ENOENT', stage: 'isolator' });
    }
    expect((await failing.exited).code).toBe(127);
    const ended = spawn({ file: '/bin/sh', args: ['-c', 'exit 6'], later });
    expect((await ended.exited).code).toBe(6);
    expectSysError(() => ended.proceed(), 'ESRCH');
    // Watchers are closed by the event loop.
    await new Promise((resolve) => setTimeout(resolve, 50));
    const before = descriptorCount();
    {
      using _ = spawn({ file: '/bin/sleep', args: ['1000'], later });
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(descriptorCount()).toBe(before);
    const plain = spawn({ file: '/bin/true' });
    expect(() => plain.proceed()).toThrow(TypeError);
    plain.wait();
  });

  test('an adopted program is a child of this process, and nothing stays between', async () => {
    const before = descriptorCount();
    const ready = join(root, 'ready3');
    const script = `trap 'exit 42' TERM; echo > ${ready}; while :; do sleep 0.02; done`;
    const child = spawn({ file: '/bin/sh', args: ['-c', script], namespaces: CLONE_NEWPID, adopt: true });
    expect(parentOf(child.pid)).toBe(process.pid);
    expect(childrenHere()).toEqual([child.pid]);
    await until(() => readText(ready) !== '');
    expect(child.kill('SIGTERM')).toBe(true);
    expect(await child.exited).toEqual({ code: 42, signal: null, coreDumped: false });
    expect(failure({ file: '/nonexistent', namespaces: CLONE_NEWPID, adopt: true })).toMatchObject({
      syscall: 'execve',
      code: 'ENOENT',
      stage: 'program',
    });
    expect(() => spawn({ file: '/bin/true', adopt: true })).toThrow(RangeError);
    expectSysError(() => waitid(P_PID, process.pid, WEXITED | WNOHANG), 'ECHILD');
    await until(() => descriptorCount() <= before);
  });

  test('an adopted program has its later steps done, and goes with them when they fail', async () => {
    const before = descriptorCount();
    const start = (path: string): ReturnType<typeof spawn> =>
      spawn({
        file: '/bin/sleep',
        args: ['1000'],
        namespaces: CLONE_NEWNS | CLONE_NEWPID,
        adopt: true,
        setup: (steps) => void steps.mount(undefined, '/', undefined, MS_REC | MS_PRIVATE),
        later: (steps) => void steps.mount('none', path, 'tmpfs'),
      });
    {
      using child = start('/mnt');
      expect(childrenHere().length).toBe(2);
      child.proceed();
      expect(childrenHere()).toEqual([child.pid]);
      expect(readFileSync(`/proc/${child.pid}/mountinfo`, 'utf8')).toMatch(/ \/mnt .* tmpfs /);
    }
    const failing = start('/nonexistent');
    try {
      failing.proceed();
      expect.fail('expected a SpawnError');
    } catch (error) {
      expect(error).toMatchObject({ syscall: 'mount', code: 'ENOENT', stage: 'isolator' });
    }
    expect((await failing.exited).signal).toBe('SIGKILL');
    const ended = spawn({
      file: '/bin/sh',
      args: ['-c', 'exit 6'],
      adopt: true,
      later: (steps) => void steps.chdir('/'),
    });
    expect((await ended.exited).code).toBe(6);
    expectSysError(() => ended.proceed(), 'ESRCH');
    {
      using _ = start('/mnt');
    }
    expect(childrenHere()).toEqual([]);
    await until(() => descriptorCount() <= before);
  });

  test('a shared root: chroot of the process between moves the program', async () => {
    const jail = join(root, 'jail');
    mkdirSync(jail);
    using child = spawn({
      file: '/bin/sleep',
      args: ['1000'],
      cwd: '/',
      adopt: true,
      sharedRoot: true,
      later: (steps) => {
        steps.chroot(jail);
        steps.chdir('/');
      },
      capabilities: { keep: CapabilitySet.of('chown') },
      noNewPrivs: true,
    });
    expect(readlinkSync(`/proc/${child.pid}/root`)).toBe('/');
    // It needs its libraries before it loses sight of them.
    await until(() => readFileSync(`/proc/${child.pid}/wchan`, 'utf8').includes('nanosleep'));
    child.proceed();
    expect(readlinkSync(`/proc/${child.pid}/root`)).toBe(jail);
    expect(readlinkSync(`/proc/${child.pid}/cwd`)).toBe(jail);
    expect(readThreads(child.pid)[0]!.permitted.names()).toEqual(['CAP_CHOWN']);
  });

  test('a descriptor that the new process opens for its program', () => {
    const out = openSync(output, 'w');
    const child = spawn({
      file: '/bin/sh',
      // Without a pipe, which would be among the descriptors of the shell for a moment; and ls is not to take its place.
      args: ['-c', 'readlink /proc/self/fd/3; ls /proc/self/fd/4/; :'],
      fds: [
        0,
        out,
        2,
        (steps) => steps.openat(AT_FDCWD, '/usr', O_PATH | O_DIRECTORY),
        (steps) => steps.openTree(AT_FDCWD, '/proc/self/fd', OPEN_TREE_CLONE),
      ],
      namespaces: CLONE_NEWNS | CLONE_NEWPID,
    });
    closeSync(out);
    expect(child.wait().code).toBe(0);
    expect(readFileSync(output, 'utf8')).toBe('/usr\n0\n1\n2\n3\n4\n');
  });

  test('a step uses the result of an earlier one, and not of a later one', () => {
    const target = join(root, 'target');
    mkdirSync(target);
    symlinkSync('x', join(target, 'link'));
    const { text } = shell('pwd', {
      setup: (steps) => {
        const fd = steps.openat(AT_FDCWD, target, O_RDONLY | O_DIRECTORY);
        steps.mkdirat(fd, 'made', 0o700);
        steps.fchdir(fd);
        steps.close(fd);
      },
    });
    expect(text).toBe(`${target}\n`);
    expect(statSync(join(target, 'made')).mode & 0o777).toBe(0o700);
    let foreign: unknown;
    shell('exit', {
      setup: (steps) => {
        foreign = steps.openat(AT_FDCWD, '/', O_RDONLY);
      },
    });
    expect(() =>
      spawn({ file: '/bin/true', setup: (steps) => void steps.fchdir(foreign as number) }),
    ).toThrow(RangeError);
  });
});

test('an adopted program ends with its parent', async () => {
  const pid = inChild((sys) => {
    const child = sys.spawn({
      file: '/bin/sleep',
      args: ['1000'],
      parentDeathSignal: 'SIGKILL',
      adopt: true,
      later: (steps) => void steps.chdir('/'),
    });
    child.proceed();
    child.unref();
    return child.pid;
  });
  await until(() => {
    const stat = readText(`/proc/${pid}/stat`);
    return stat === '' || / [ZX] /.test(stat);
  });
});

test('the program ends with its parent', async () => {
  const pid = inChild((sys) => {
    const child = sys.spawn({ file: '/bin/sleep', args: ['1000'], parentDeathSignal: 'SIGKILL' });
    child.unref();
    return child.pid;
  });
  await until(() => {
    const stat = readText(`/proc/${pid}/stat`);
    return stat === '' || / [ZX] /.test(stat);
  });
});

/** The pid of the parent of a process. */
function parentOf(pid: number): number {
  return Number(/^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

/** The children of this process. */
function childrenHere(): number[] {
  const tasks = readdirSync('/proc/self/task').map((tid) => readText(`/proc/self/task/${tid}/children`));
  return tasks.join(' ').split(' ').filter(Boolean).map(Number);
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
