import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as sys from '../src/index.js';
import { temporaryDirectory } from './support.js';

const directory = temporaryDirectory();

/** Upper-case exports that are this package's own, not the kernel's. */
const OWN = new Set([
  'AT_POSITION',
  'DATAGRAM_MAX',
  'ID_MAP_MAX',
  'MESSAGE_MAX',
  'SCM_MAX_FD', // not exported to user space
  'SIZEOF_STATX',
  'STATX_OFFSETS',
  'UNCHANGED',
  'WATCH_READABLE',
  'WATCH_WRITABLE',
  'SPLIT_CHAINS_LIMIT',
  'WINDOW_SIZE',
]);

/** Younger than the headers of some supported distributions. */
const YOUNG = new Set([
  'F_SEAL_EXEC',
  'LANDLOCK_ACCESS_FS_IOCTL_DEV',
  'LANDLOCK_ACCESS_FS_TRUNCATE',
  'LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET',
  'LANDLOCK_SCOPE_SIGNAL',
  'MFD_EXEC',
  'MFD_NOEXEC_SEAL',
  'MOVE_MOUNT_BENEATH',
  'RWF_ATOMIC',
  'RWF_DONTCACHE',
  'RWF_NOAPPEND',
  'STATX_MNT_ID_UNIQUE',
  'STATX_SUBVOL',
]);

const HEADERS = [
  'dirent.h',
  'errno.h',
  'fcntl.h',
  'limits.h',
  'linux/capability.h',
  'linux/close_range.h',
  'linux/fs.h',
  'linux/landlock.h',
  'linux/limits.h',
  'linux/memfd.h',
  'linux/openat2.h',
  'linux/prctl.h',
  'linux/sched.h',
  'linux/seccomp.h',
  'linux/securebits.h',
  'linux/stat.h',
  'linux/un.h',
  'linux/xattr.h',
  'poll.h',
  'signal.h',
  'stdio.h',
  'sys/eventfd.h',
  'sys/mman.h',
  'sys/mount.h',
  'sys/resource.h',
  'sys/socket.h',
  'sys/wait.h',
  'syslog.h',
  'linux/wait.h', // after libc's
  'unistd.h',
];

/** Compiles and runs a C program; its output, word by word, line by line. */
function run(name: string, headers: readonly string[], body: readonly string[]): string[][] {
  const source = join(directory, `${name}.c`);
  writeFileSync(
    source,
    `#define _GNU_SOURCE\n${headers.map((h) => `#include <${h}>\n`).join('')}int main(void) {\n${body.join('\n')}\nreturn 0; }\n`,
  );
  const program = join(directory, name);
  execFileSync(process.env['CC'] ?? 'cc', ['-o', program, source]);
  return execFileSync(program, { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.split(' '));
}

function printConstant(name: string): string {
  return `#ifdef ${name}\nprintf("${name} %llu\\n", (unsigned long long)${name});\n#else\nprintf("${name} -\\n");\n#endif`;
}

const constants = Object.entries(sys).filter(
  ([name, value]) =>
    /^[A-Z][A-Z0-9_]*$/.test(name) &&
    !OWN.has(name) &&
    (typeof value === 'number' || typeof value === 'bigint'),
) as [string, number | bigint][];

test('every constant has the value of the header', () => {
  const kernelOnly = ['O_LARGEFILE']; // glibc has 0
  const names = constants.map(([name]) => name).filter((name) => !kernelOnly.includes(name));
  const found = new Map([
    ...run('libc', HEADERS, names.map(printConstant)).map(([name, value]) => [name!, value!] as const),
    ...run('kernel', ['asm/fcntl.h', 'stdio.h'], kernelOnly.map(printConstant)).map(
      ([name, value]) => [name!, value!] as const,
    ),
  ]);
  expect(found.size).toBeGreaterThan(300);
  for (const [name, value] of constants) {
    const header = found.get(name);
    if (header === '-') {
      expect(YOUNG, `${name} is in no header`).toContain(name);
      continue;
    }
    expect(BigInt(header!), name).toBe(BigInt.asUintN(64, BigInt(value)));
  }
});

test('every field of struct statx is where the header has it', () => {
  const young = new Set(['stx_dio_mem_align', 'stx_dio_offset_align']);
  const fields = Object.entries(sys.STATX_OFFSETS);
  const lines = run(
    'statx',
    ['linux/stat.h', 'stddef.h', 'stdio.h'],
    [
      'printf("sizeof %zu\\n", sizeof(struct statx));',
      ...fields.map(([name]) =>
        young.has(name)
          ? `#ifdef STATX_DIOALIGN\nprintf("${name} %zu\\n", offsetof(struct statx, ${name}));\n#endif`
          : `printf("${name} %zu\\n", offsetof(struct statx, ${name}));`,
      ),
    ],
  );
  const found = new Map(lines.map(([name, value]) => [name!, Number(value)]));
  expect(found.get('sizeof')).toBe(sys.SIZEOF_STATX);
  for (const [name, offset] of fields) {
    if (found.has(name)) expect(found.get(name), name).toBe(offset);
  }
  expect(found.size).toBeGreaterThan(18);
});

test('WritevFlags has every RWF_ constant under its name', () => {
  const names = Object.keys(sys).filter((name) => name.startsWith('RWF_'));
  expect(Object.keys(sys.WritevFlags).sort()).toEqual(names.sort());
  for (const [name, value] of Object.entries(sys.WritevFlags)) {
    expect(value).toBe((sys as unknown as Record<string, number>)[name]);
  }
});
