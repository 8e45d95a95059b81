import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SYSCALLS } from '../src/constants/syscalls.js';
import {
  close,
  isSeccompActionAvailable,
  loadSeccomp,
  raw,
  receiveMessage,
  receiveSeccompNotification,
  SECCOMP_RET_ALLOW,
  SECCOMP_RET_ERRNO,
  SECCOMP_RET_KILL_PROCESS,
  SECCOMP_RET_TRAP,
  SECCOMP_RET_USER_NOTIF,
  type SeccompAction,
  SOCK_SEQPACKET,
  type SyscallArch,
  type SyscallName,
  seccompProgram,
  seccompReturn,
  spawn,
  syscallArch,
  syscallName,
  syscallNumber,
  unixSocketPair,
} from '../src/index.js';
import { evaluate } from './bpf-interpreter.js';
import { inChild, runInChild, type Sys } from './child.js';
import { Arena } from './support.js';

const AUDIT = { x64: 0xc000_003e, arm64: 0xc000_00b7 };
const ARCHES: SyscallArch[] = ['x64', 'arm64'];
const NAMES = Object.keys(SYSCALLS) as SyscallName[];

/** What a program answers for a number. */
function verdict(program: Uint8Array, number: number, audit: number): number {
  const data = new DataView(new ArrayBuffer(64));
  data.setUint32(0, number, true);
  data.setUint32(4, audit, true);
  return evaluate(program, data);
}

describe('the table of system calls', () => {
  test('is that of the headers', () => {
    if (existsSync('/usr/include/asm-generic/unistd.h') && process.arch === 'x64') {
      execFileSync(process.execPath, [
        fileURLToPath(new URL('../scripts/syscalls.mjs', import.meta.url)),
        '--check',
      ]);
    }
    expect([syscallNumber('read', 'x64'), syscallNumber('read', 'arm64')]).toEqual([0, 63]);
    expect([syscallNumber('openat2', 'x64'), syscallNumber('openat2', 'arm64')]).toEqual([437, 437]);
    expect(syscallNumber('open', 'arm64')).toBeUndefined();
  });

  test('is without doubles, both ways', () => {
    for (const arch of ARCHES) {
      const numbers = NAMES.map((name) => syscallNumber(name, arch)).filter((each) => each !== undefined);
      expect(new Set(numbers).size).toBe(numbers.length);
      for (const number of numbers) expect(syscallNumber(syscallName(number, arch)!, arch)).toBe(number);
      expect(syscallName(100_000, arch)).toBeUndefined();
    }
  });

  test('names that nobody has, and other architectures', () => {
    expect(() => syscallNumber('opennat' as SyscallName)).toThrow(RangeError);
    expect(() => syscallNumber('toString' as SyscallName)).toThrow(RangeError);
    expect(() => syscallArch('mips')).toThrow(RangeError);
  });
});

describe('the program', () => {
  const actions: SeccompAction[] = [
    'allow',
    'log',
    'trap',
    'kill_thread',
    'kill_process',
    { errno: 1 },
    { errno: 4095 },
  ];

  test('answers as its rules say, for every number of both architectures', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ARCHES),
        fc.subarray(NAMES),
        fc.constantFrom(...actions),
        fc.dictionary(fc.constantFrom(...NAMES), fc.constantFrom(...actions), { maxKeys: 8 }),
        (arch, allow, otherwise, exceptions) => {
          const program = seccompProgram({ allow, otherwise, actions: exceptions }, arch);
          const allowed = new Set(allow);
          for (let number = 0; number < 500; number++) {
            const name = syscallName(number, arch);
            const expected =
              name !== undefined && Object.hasOwn(exceptions, name)
                ? exceptions[name]!
                : name !== undefined && allowed.has(name)
                  ? 'allow'
                  : otherwise;
            expect(verdict(program, number, AUDIT[arch]), `${arch} ${number}`).toBe(seccompReturn(expected));
          }
          for (const number of [0x4000_0000, 0x4000_0001, 0xffff_ffff]) {
            expect(verdict(program, number, AUDIT[arch])).toBe(seccompReturn(otherwise));
          }
          for (const audit of [0, 0x4000_0003, AUDIT[arch === 'x64' ? 'arm64' : 'x64']]) {
            expect(verdict(program, 0, audit)).toBe(seccompReturn(otherwise));
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test('looks at arguments, at their low half', () => {
    const program = seccompProgram(
      {
        allow: ['clone', 'ioctl', 'rt_sigaction', 'read'],
        otherwise: 'notify',
        where: {
          clone: { argument: 0, oneOf: [0x3d_0f00, 7] },
          ioctl: { argument: 1, oneOf: [0x8008_6601] },
          rt_sigaction: { argument: 0, noneOf: [31, 9] },
          // Of no effect, as it is not allowed at all.
          write: { argument: 0, oneOf: [1] },
        },
      },
      'x64',
    );
    const ask = (name: SyscallName, argument: number, value: number): boolean => {
      const data = new DataView(new ArrayBuffer(64));
      data.setUint32(0, syscallNumber(name, 'x64')!, true);
      data.setUint32(4, AUDIT.x64, true);
      data.setUint32(16 + 8 * argument, value, true);
      data.setUint32(20 + 8 * argument, 0xdead, true);
      const answer = evaluate(program, data);
      expect([SECCOMP_RET_ALLOW, SECCOMP_RET_USER_NOTIF]).toContain(answer);
      return answer === SECCOMP_RET_ALLOW;
    };
    expect([0x3d_0f00, 7, 0, 0x1000_0000].map((flags) => ask('clone', 0, flags))).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect([0x8008_6601, 0x5412].map((request) => ask('ioctl', 1, request))).toEqual([true, false]);
    expect([31, 9, 11].map((signal) => ask('rt_sigaction', 0, signal))).toEqual([false, false, true]);
    expect([ask('read', 0, 5), ask('write', 0, 1), ask('execve', 0, 0)]).toEqual([true, false, false]);
    const where = { read: { argument: 6, oneOf: [1] } };
    expect(() => seccompProgram({ allow: ['read'], otherwise: 'trap', where })).toThrow(RangeError);
  });

  test('reaches far when it is long', () => {
    const alternate = NAMES.filter((name) => (syscallNumber(name, 'x64') ?? 1) % 2 === 0);
    const program = seccompProgram({ allow: alternate, otherwise: 'trap' }, 'x64');
    expect(program.length / 8).toBeGreaterThan(2 * 255);
    for (let number = 0; number < 500; number++) {
      const name = syscallName(number, 'x64');
      const allowed = name !== undefined && number % 2 === 0;
      expect(verdict(program, number, AUDIT.x64)).toBe(allowed ? SECCOMP_RET_ALLOW : SECCOMP_RET_TRAP);
    }
  });

  test('is short for a real list: one comparison more for twice as many spans', () => {
    const program = seccompProgram({
      allow: ['read', 'write', 'openat', 'close'],
      otherwise: 'kill_process',
    });
    expect(program.length / 8).toBeLessThan(20);
  });

  test('actions', () => {
    expect(seccompReturn('kill_process')).toBe(SECCOMP_RET_KILL_PROCESS);
    expect(seccompReturn({ errno: 38 })).toBe(SECCOMP_RET_ERRNO | 38);
    for (const errno of [0, 4096, -1, 1.5]) expect(() => seccompReturn({ errno })).toThrow(RangeError);
    expect(() => seccompReturn('kill' as SeccompAction)).toThrow(RangeError);
    for (const action of actions) expect(isSeccompActionAvailable(action)).toBe(true);
    expect(raw.seccompActionAvail(0x1234_0000)).toBe(-95);
  });
});

describe('arguments', () => {
  test('are checked before anything is set', () => {
    for (const length of [0, 7, 12, 8 * 4097])
      expect(() => loadSeccomp(new Uint8Array(length))).toThrow(RangeError);
    expect(() => loadSeccomp('x' as unknown as Uint8Array)).toThrow(TypeError);
    const arena = new Arena();
    expect(raw.seccompFilter(0, arena.id, 0, 0)).toBe(-22);
    expect(raw.seccompFilter(0, arena.id, 0, 4097)).toBe(-22);
    expect(raw.seccompFilter(0, 0, 0, 1)).toBe(-14);
    expect(raw.seccompFilter(0, arena.id, arena.window.byteLength - 7, 1)).toBe(-14);
  });

  test('a program that the kernel refuses', () => {
    const code = inChild((sys) => {
      try {
        sys.loadSeccomp(new Uint8Array(8));
        return 'none';
      } catch (error) {
        return (error as { code: string }).code;
      }
    });
    expect(code).toBe('EINVAL');
  });
});

/** Loads a filter that forbids mkdirat alone, looks at the threads, and tries it on this thread or in the pool. */
async function forbid(sys: Sys, { action, pool }: { action: SeccompAction; pool: boolean }) {
  const { mkdir, readFile, writeFile } = process.getBuiltinModule('fs').promises;
  const { tmpdir } = process.getBuiltinModule('os');
  await readFile('/proc/self/status');
  const path = `${tmpdir()}/vfs-sys-seccomp-${process.pid}`;
  const rest = Array.from({ length: 500 }, (_, number) => sys.syscallName(number)).filter(
    (name) => name !== undefined && name !== 'mkdirat' && name !== 'mkdir',
  );
  sys.loadSeccomp(sys.seccompProgram({ allow: rest as never, otherwise: action }));
  const threads = sys.readThreads().map(({ seccomp, noNewPrivs }) => `${seccomp} ${noNewPrivs}`);
  await writeFile('/dev/null', 'x');
  process.getBuiltinModule('fs').writeSync(1, `threads ${threads.length} ${[...new Set(threads)]}\n`);
  let outcome = 'made';
  try {
    if (pool) await mkdir(path);
    else sys.mkdirat(sys.AT_FDCWD, path);
    process.getBuiltinModule('fs').rmdirSync(path);
  } catch (error) {
    outcome = (error as { code: string }).code;
  }
  return { outcome, threads };
}

describe('a filter for all threads', () => {
  for (const pool of [false, true]) {
    const where = pool ? 'in the thread pool' : 'on the main thread';

    test(`errno, ${where}`, () => {
      const { outcome, threads } = inChild(forbid, { action: { errno: 16 }, pool });
      expect(outcome).toBe('EBUSY');
      expect(threads.length).toBeGreaterThan(4);
      expect(new Set(threads)).toEqual(new Set(['2 true']));
    });

    test(`log, ${where}`, () => {
      const { outcome, threads } = inChild(forbid, { action: 'log', pool });
      expect(outcome).toBe('made');
      expect(new Set(threads)).toEqual(new Set(['2 true']));
    });

    test(`trap and kill, ${where}`, () => {
      for (const action of ['trap', 'kill_process'] as const) {
        const { signal, value } = runInChild(forbid, { action, pool });
        expect({ signal, value }).toEqual({ signal: 'SIGSYS', value: undefined });
      }
    });
  }

  test('as a plain user, which no_new_privs makes possible', () => {
    const { outcome } = inChild(forbid, { action: { errno: 1 }, pool: false }, { uid: 65534 });
    expect(outcome).toBe('EPERM');
  });

  test('threads created later have it; a second filter can only take more away', () => {
    const seen = inChild(async (sys) => {
      const all = Array.from({ length: 500 }, (_, number) => sys.syscallName(number)).filter(
        (name) => name !== undefined,
      );
      const { Worker } = process.getBuiltinModule('worker_threads');
      const load = (without: string, errno: number): void =>
        sys.loadSeccomp(
          sys.seccompProgram({ allow: all, otherwise: 'kill_process', actions: { [without]: { errno } } }),
        );
      load('mkdirat', 16);
      load('unlinkat', 26);
      const code = (action: () => void): string => {
        try {
          action();
          return 'none';
        } catch (error) {
          return (error as { code: string }).code;
        }
      };
      const codes = [
        code(() => sys.mkdirat(sys.AT_FDCWD, '/tmp/x')),
        code(() => sys.unlinkat(sys.AT_FDCWD, '/tmp/x', 0)),
      ];
      const worker = new Worker(
        `const { readFileSync } = process.getBuiltinModule('fs');
         const status = readFileSync('/proc/thread-self/status', 'utf8');
         process.getBuiltinModule('worker_threads').parentPort.postMessage(/Seccomp:\\s*(\\d)/.exec(status)[1]);`,
        { eval: true },
      );
      const mode = await new Promise((resolve) => worker.once('message', resolve));
      return { codes, mode };
    });
    expect(seen).toEqual({ codes: ['EBUSY', 'ETXTBSY'], mode: '2' });
  });

  test('for the calling thread alone', () => {
    const seen = inChild(async (sys) => {
      const { readFile } = process.getBuiltinModule('fs').promises;
      await readFile('/proc/self/status');
      const all = Array.from({ length: 500 }, (_, number) => sys.syscallName(number)).filter(
        (name) => name !== undefined,
      );
      const program = sys.seccompProgram({ allow: all, otherwise: 'kill_process' });
      sys.loadSeccomp(program, { allThreads: false });
      const filtered = sys.readThreads().filter((each) => each.seccomp === 2);
      return {
        own: filtered.map((each) => each.tid === sys.raw.gettid()),
        all: sys.readThreads().length > 4,
      };
    });
    expect(seen).toEqual({ own: [true], all: true });
  });

  test('another thread with a filter of its own: none gets the new one', () => {
    const seen = inChild(
      async (sys, url) => {
        const { Worker } = process.getBuiltinModule('worker_threads');
        const allow = Array.from({ length: 500 }, (_, number) => sys.syscallName(number)).filter(
          (name) => name !== undefined,
        );
        const program = sys.seccompProgram({ allow, otherwise: 'kill_process' });
        const worker = new Worker(
          `const { parentPort, workerData } = process.getBuiltinModule('worker_threads');
         import(workerData.url).then((sys) => {
           sys.loadSeccomp(workerData.program, { allThreads: false });
           parentPort.postMessage('');
           setInterval(() => {}, 1000);
         });`,
          { eval: true, workerData: { url, program } },
        );
        await new Promise((resolve) => worker.once('message', resolve));
        let code = 'none';
        try {
          sys.loadSeccomp(program);
        } catch (error) {
          code = (error as { code: string }).code;
        }
        const filtered = sys.readThreads().filter((each) => each.seccomp === 2).length;
        await worker.terminate();
        return { code, filtered };
      },
      new URL('../dist/index.js', import.meta.url).href,
    );
    expect(seen).toEqual({ code: 'ESRCH', filtered: 1 });
  });
});

describe('calls that are refused are told', () => {
  /** Starts a program that loads a filter, sends what it got by descriptor 3, and calls umask(2), which the filter refuses. */
  const start = (load: string, action: SeccompAction) => {
    const [here, there] = unixSocketPair({ type: SOCK_SEQPACKET });
    const program = seccompProgram({ allow: [], otherwise: 'allow', actions: { umask: action } });
    const code = `
      import * as sys from ${JSON.stringify(new URL('../dist/index.js', import.meta.url).href)};
      const program = Uint8Array.from(Buffer.from('${Buffer.from(program).toString('base64')}', 'base64'));
      ${load}
      sys.umask(0o22);
      process.exit(0);`;
    const child = spawn({
      file: process.execPath,
      args: ['--input-type=module', '-e', code],
      fds: [0, 1, 2, there],
    });
    close(there);
    return { here, child };
  };

  test('to who has the listener; the caller stands still until it is ended', async () => {
    const load = `
      const listener = sys.loadSeccompWithListener(program);
      sys.sendMessage(3, Buffer.from('x'), [listener]);
      sys.close(listener);`;
    const { here, child } = start(load, 'notify');
    const listener = receiveMessage(here, 1, 1).fds[0]!;
    expect(receiveSeccompNotification(listener)).toEqual({
      tid: child.pid,
      number: syscallNumber('umask'),
      name: 'umask',
    });
    expect(child.status).toBeUndefined();
    child.kill('SIGKILL');
    expect((await child.exited).signal).toBe('SIGKILL');
    for (const fd of [listener, here]) close(fd);
  });

  test('by the process itself, which then ends at the call', async () => {
    const { here, child } = start('sys.reportSeccompTraps(3); sys.loadSeccomp(program);', 'trap');
    const { bytes } = receiveMessage(here, 16);
    expect(Buffer.from(bytes).readInt32LE()).toBe(syscallNumber('umask'));
    expect((await child.exited).signal).toBe('SIGSYS');
    close(here);
  });
});
