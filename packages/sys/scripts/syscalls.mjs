#!/usr/bin/env node
// Writes src/constants/syscalls.ts from the kernel headers of this machine (linux-libc-dev), for both architectures.
//
//   node scripts/syscalls.mjs            writes the file
//   node scripts/syscalls.mjs --check    exits 1 when a number of the headers is not in the file
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const target = fileURLToPath(new URL('../src/constants/syscalls.ts', import.meta.url));

/** What arm64 asks of the generic table; see arch/arm64/include/uapi/asm/unistd.h of the kernel. */
const ARM64 = [
  '__ARCH_WANT_RENAMEAT',
  '__ARCH_WANT_NEW_STAT',
  '__ARCH_WANT_SET_GET_RLIMIT',
  '__ARCH_WANT_TIME32_SYSCALLS',
  '__ARCH_WANT_SYS_CLONE3',
  '__ARCH_WANT_MEMFD_SECRET',
];

/** Younger than some headers; since 424 numbers are the same on all architectures. */
const YOUNG = {
  cachestat: 451,
  fchmodat2: 452,
  futex_wake: 454,
  futex_wait: 455,
  futex_requeue: 456,
  statmount: 457,
  listmount: 458,
  lsm_get_self_attr: 459,
  lsm_set_self_attr: 460,
  lsm_list_modules: 461,
  mseal: 462,
  setxattrat: 463,
  getxattrat: 464,
  listxattrat: 465,
  removexattrat: 466,
  open_tree_attr: 467,
  file_getattr: 468,
  file_setattr: 469,
};

/** Not system calls but marks of the table. */
const MARKS = new Set(['syscalls', 'arch_specific_syscall']);

/** The numbers by name that a header defines. */
function numbers(header, defines) {
  const text = execFileSync(
    process.env.CC ?? 'cc',
    ['-E', '-dM', ...defines.map((name) => `-D${name}`), '-include', header, '-x', 'c', '/dev/null'],
    { encoding: 'utf8', maxBuffer: 1 << 24 },
  );
  const macros = new Map(
    [...text.matchAll(/^#define (__NR\w*) (\S+)$/gm)].map(([, name, value]) => [name, value]),
  );
  const found = new Map();
  for (const [macro, value] of macros) {
    const name = /^__NR_(\w+)$/.exec(macro)?.[1];
    if (name === undefined || MARKS.has(name)) continue;
    const number = Number(macros.get(value) ?? value);
    if (Number.isInteger(number)) found.set(name, number);
  }
  return found;
}

function table() {
  const x64 = numbers('asm/unistd_64.h', []);
  const arm64 = numbers('asm-generic/unistd.h', ARM64);
  for (const [name, number] of Object.entries(YOUNG)) {
    x64.set(name, number);
    arm64.set(name, number);
  }
  const names = [...new Set([...x64.keys(), ...arm64.keys()])].sort();
  return names.map((name) => [name, x64.get(name) ?? -1, arm64.get(name) ?? -1]);
}

const rows = table();
if (process.argv.includes('--check')) {
  const present = new Set(
    readFileSync(target, 'utf8')
      .split('\n')
      .map((line) => line.trim()),
  );
  const missing = rows.filter(([name, x64, arm64]) => !present.has(`${name}: [${x64}, ${arm64}],`));
  for (const row of missing) console.error(`missing or different: ${row.join(' ')}`);
  process.exit(missing.length > 0 ? 1 : 0);
}
writeFileSync(
  target,
  `/**
 * The numbers of Linux's system calls by name: [x86-64, arm64], -1 where an architecture does not have the call. Written by
 * scripts/syscalls.mjs from the kernel's headers; do not edit.
 */
export const SYSCALLS = {
${rows.map(([name, x64, arm64]) => `  ${name}: [${x64}, ${arm64}],`).join('\n')}
} as const satisfies Readonly<Record<string, readonly [number, number]>>;
`,
);
