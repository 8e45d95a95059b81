import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type SyscallName, spawn, syscallNumber } from '@vfs/sys';
import { describe, expect, test } from 'vitest';
import { ALLOWED_CALLS } from '../../src/isolation/allowed-calls.js';
import { filterProgram, withoutIoUring } from '../../src/isolation/filter.js';
import { temporaryDirectory } from '../support/fixture.js';

const sys = import.meta.resolve('@vfs/sys');

/** What a process with the filter of the worker is told: the errno of each call, made with arguments that do nothing. */
function inFilteredProcess(body: string): unknown {
  // Refused calls fail with an errno here that nothing else gives, so that one process can try them all.
  const code = `
    import * as sys from ${JSON.stringify(sys)};
    import { writeSync } from 'node:fs';
    const program = Uint8Array.from(Buffer.from(process.argv[1], 'base64'));
    // Loaded in time.
    new Date().getHours();
    sys.loadSeccomp(program);
    const refused = (call) => call() === -${REFUSED};
    const value = await (async () => { ${body} })();
    writeSync(1, JSON.stringify(value));
    process.exit(0);`;
  // The pid is not known before, and tgkill(2) of others is what must be refused.
  const program = Buffer.from(filterProgram({ errno: REFUSED }, 1)).toString('base64');
  const result = join(temporaryDirectory(), 'result');
  const output = openSync(result, 'w');
  const child = spawn({
    file: process.execPath,
    args: ['--input-type=module', '-e', code, program],
    fds: [0, output, 2],
    noNewPrivs: true,
    // As a worker has it.
    seccomp: withoutIoUring(),
  });
  closeSync(output);
  expect(child.wait().code).toBe(0);
  return JSON.parse(readFileSync(result, 'utf8'));
}

const REFUSED = 4000;

describe('the filter of the worker', () => {
  test('refuses what leads out of it, with the arguments that would', () => {
    const attempts: Record<string, string> = {
      socket: 'sys.raw.socket(1, 1, 0)',
      'socket (network)': 'sys.raw.socket(2, 1, 0)',
      connect: 'sys.raw.connectUnix(0, w, path, 1)',
      bind: 'sys.raw.bindUnix(0, w, path, 1)',
      unshare: 'sys.raw.unshare(0x10000000)',
      setns: 'sys.raw.setns(0, 0)',
      chroot: 'sys.raw.chroot(w, path)',
      mount: 'sys.raw.mount(0, 0, w, path, 0, 0, 0, 0, 0)',
      umount2: 'sys.raw.umount2(w, path, 0)',
      pivot_root: 'sys.raw.pivotRoot(w, path, w, path)',
      open_tree: 'sys.raw.openTree(-100, w, path, 0)',
      move_mount: 'sys.raw.moveMount(-100, w, path, -100, w, path, 0)',
      chdir: 'sys.raw.chdir(w, path)',
      pidfd_open: 'sys.raw.pidfdOpen(1, 0)',
      pidfd_send_signal: 'sys.raw.pidfdSendSignal(0, 0)',
      waitid: 'sys.raw.waitid(0, 0, 0, w, 0)',
      setsid: 'sys.raw.setsid()',
      seccomp: 'sys.raw.seccompActionAvail(0)',
      'prctl (PR_SET_DUMPABLE)': 'sys.raw.prctl(4, 1, 0)',
      'prctl (PR_CAP_AMBIENT)': 'sys.raw.prctl(47, 2, 0)',
    };
    const body = `
      const memory = sys.MappedMemory.anonymous(4096);
      const w = memory.windows[0].id;
      memory.windows[0].u8.set(Buffer.from('/\\0'), 64);
      const path = 64;
      return Object.entries({ ${Object.entries(attempts)
        .map(([name, call]) => `${JSON.stringify(name)}: () => ${call}`)
        .join(', ')} }).filter(([, call]) => !refused(call)).map(([name]) => name);`;
    expect(inFilteredProcess(body)).toEqual([]);
  });

  test('refuses programs and processes of any kind', () => {
    const body = `
      const { spawnSync } = process.getBuiltinModule('child_process');
      const { error, status } = spawnSync('/bin/true');
      let code = '';
      try { process.kill(1, 0); } catch (e) { code = String(e.errno); }
      return { status, failed: error !== undefined, code };`;
    expect(inFilteredProcess(body)).toEqual({ status: null, failed: true, code: String(-REFUSED) });
  });

  test('leaves Node what it needs: garbage, timers, errors that nobody expects, threads', () => {
    const body = `
      const pool = new sys.ThreadPool({ threads: 2 });
      let kept = [];
      for (let i = 0; i < 60; i++) {
        kept.push(new Array(100_000).fill(i).map(String));
        if (kept.length > 20) kept = [];
        new Uint8Array(1 << 20).fill(1);
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
      const seen = await new Promise((resolve) => {
        process.once('uncaughtException', (error) => resolve(error.stack.includes('lost')));
        setImmediate(() => { throw new Error('lost'); });
      });
      pool[Symbol.dispose]();
      // Compiled late, and optimized.
      const hot = Array.from({ length: 200 }, (_, i) => (x) => x * i + 1);
      let sum = 0;
      for (let i = 0; i < 2_000_000; i++) sum += hot[i % 200](i);
      return { seen, finite: Number.isFinite(sum) };`;
    expect(inFilteredProcess(body)).toEqual({ seen: true, finite: true });
  });

  test('names system calls that exist, each once', () => {
    const names = Object.values(ALLOWED_CALLS).flat() as SyscallName[];
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) {
      const numbers = [syscallNumber(name, 'x64'), syscallNumber(name, 'arm64')];
      expect(numbers.some((number) => number !== undefined)).toBe(true);
    }
  });

  test('holds none of the calls by which a process gets out of a sandbox', () => {
    const names = new Set<string>(Object.values(ALLOWED_CALLS).flat());
    const never =
      'execve execveat fork vfork clone3 ptrace process_vm_readv process_vm_writev socket connect bind listen sendto mount ' +
      'umount2 pivot_root chroot unshare setns bpf io_uring_setup io_uring_enter userfaultfd perf_event_open keyctl add_key ' +
      'request_key init_module finit_module kexec_load reboot swapon pidfd_getfd kill seccomp open_tree move_mount fsopen ' +
      'fsmount mount_setattr personality modify_ldt iopl ioperm';
    expect(never.split(' ').filter((name) => names.has(name))).toEqual([]);
  });
});
