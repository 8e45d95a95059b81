import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as constants from '../src/abi/constants.js';
import * as dirent from '../src/abi/dirent.js';
import * as flags from '../src/abi/flags.js';
import * as initFlags from '../src/abi/init-flags.js';
import * as opcodes from '../src/abi/opcodes.js';
import { SINCE } from '../src/abi/structs.js';
import { declarations } from '../tools/generate-views.js';

/**
 * The installed linux/fuse.h, asked by a C compiler. What is newer than that header cannot be asked and is
 * compared with nothing here: `since` says of each such name that it is newer, and that is checked too.
 */
const SINCE_CONSTANT: Readonly<Record<string, number>> = {
  FUSE_STATX: 39,
  FUSE_CREATE_SUPP_GROUP: 39,
  FUSE_DIRECT_IO_ALLOW_MMAP: 39,
  FUSE_DIRECT_IO_RELAX: 39,
  FUSE_EXT_GROUPS: 39,
  FUSE_PASSTHROUGH: 40,
  FUSE_NO_EXPORT_SUPPORT: 40,
  FUSE_HAS_RESEND: 40,
  FUSE_UNIQUE_RESEND: 40,
  FOPEN_PASSTHROUGH: 40,
  FUSE_NOTIFY_RESEND: 40,
  FUSE_DEV_IOC_BACKING_OPEN: 40,
  FUSE_DEV_IOC_BACKING_CLOSE: 40,
  FUSE_ALLOW_IDMAP: 41,
  FUSE_INVALID_UIDGID: 41,
  FUSE_OVER_IO_URING: 42,
  FUSE_URING_IN_OUT_HEADER_SZ: 42,
  FUSE_URING_OP_IN_OUT_SZ: 42,
  FUSE_IO_URING_CMD_INVALID: 42,
  FUSE_IO_URING_CMD_REGISTER: 42,
  FUSE_IO_URING_CMD_COMMIT_AND_FETCH: 42,
  FUSE_REQUEST_TIMEOUT: 43,
  FUSE_NOTIFY_INC_EPOCH: 44,
  FUSE_NOTIFY_PRUNE: 45,
  FUSE_COPY_FILE_RANGE_64: 45,
  FUSE_DEV_IOC_SYNC_INIT: 45,
};

const ours: Record<string, bigint> = {};
for (const module of [constants, dirent, flags, initFlags, opcodes]) {
  for (const [name, value] of Object.entries(module)) {
    if (typeof value === 'number' || typeof value === 'bigint') ours[name] = BigInt(value);
  }
}
// The version we answer with is ours to choose; it only may not be newer than what is declared.
const { FUSE_KERNEL_MINOR_VERSION: _, ...comparable } = ours;

/** Lines of a C program, each printing one fact, and each only where the header is new enough for it. */
function program(): string {
  const since = (minor: number | undefined, line: string) =>
    minor === undefined ? line : `#if FUSE_KERNEL_MINOR_VERSION >= ${minor}\n${line}\n#endif`;
  const structs = declarations().flatMap(({ name, fields }) => [
    since(SINCE[name], `printf("sizeof %s %zu\\n", "${name}", sizeof(struct ${name}));`),
    ...fields.map((field) =>
      since(
        SINCE[name] ?? SINCE[`${name}.${field.name}`],
        `printf("field %s %s %zu %zu\\n", "${name}", "${field.name}", ` +
          `offsetof(struct ${name}, ${field.name}), sizeof(((struct ${name} *)0)->${field.name}));`,
      ),
    ),
  ]);
  // A cast to unsigned first: 1 << 31 is negative in C and must not be sign-extended.
  const values = Object.keys(comparable).map((name) =>
    since(
      SINCE_CONSTANT[name],
      `printf("value %s %llu\\n", "${name}", ` +
        `sizeof(${name}) > 4 ? (unsigned long long)(${name}) : (unsigned long long)(unsigned)(${name}));`,
    ),
  );
  return [
    '#include <stdio.h>',
    '#include <stddef.h>',
    '#include <sys/ioctl.h>',
    '#include <linux/fuse.h>',
    'int main(void) {',
    'printf("minor %d\\n", FUSE_KERNEL_MINOR_VERSION);',
    ...structs,
    ...values,
    'return 0; }',
  ].join('\n');
}

describe('the installed linux/fuse.h', () => {
  const directory = mkdtempSync(join(tmpdir(), 'fuse-abi-'));
  let minor = 0;
  const sizes = new Map<string, number>();
  const fields = new Map<string, { offset: number; size: number }>();
  const values = new Map<string, bigint>();

  beforeAll(() => {
    writeFileSync(join(directory, 'abi.c'), program());
    execFileSync('cc', ['-o', join(directory, 'abi'), join(directory, 'abi.c')]);
    for (const line of execFileSync(join(directory, 'abi'), { encoding: 'utf8' }).trim().split('\n')) {
      const [kind, name = '', a = '', b = '', c = ''] = line.split(' ');
      if (kind === 'minor') minor = Number(name);
      if (kind === 'sizeof') sizes.set(name, Number(a));
      if (kind === 'field') fields.set(`${name}.${a}`, { offset: Number(b), size: Number(c) });
      if (kind === 'value') values.set(name, BigInt(a));
    }
  });

  afterAll(() => rmSync(directory, { recursive: true }));

  const isNewer = (since: number | undefined) => (since ?? 0) > minor;

  test('has every structure at our size', () => {
    const old = declarations().filter(({ name }) => !isNewer(SINCE[name]));
    expect(old.length).toBeGreaterThanOrEqual(65);
    expect(Object.fromEntries(sizes)).toEqual(Object.fromEntries(old.map(({ name, size }) => [name, size])));
  });

  test('has every field at our offset', () => {
    const old = declarations().flatMap(({ name, fields }) =>
      fields
        .filter((field) => !isNewer(SINCE[name] ?? SINCE[`${name}.${field.name}`]))
        .map((field) => [`${name}.${field.name}`, { offset: field.offset, size: field.type.size }]),
    );
    expect(Object.fromEntries(fields)).toEqual(Object.fromEntries(old));
  });

  test('gives every constant our value', () => {
    const old = Object.entries(comparable).filter(([name]) => !isNewer(SINCE_CONSTANT[name]));
    expect(old.length).toBeGreaterThan(150);
    expect(Object.fromEntries(values)).toEqual(Object.fromEntries(old));
  });

  test('has no structure that we have not', () => {
    const text = execFileSync('cc', ['-E', '-include', 'linux/fuse.h', '-x', 'c', '/dev/null'], {
      encoding: 'utf8',
    });
    const theirs = [...text.matchAll(/^struct ((?:fuse|cuse)_\w+) \{/gm)].map((match) => match[1]);
    const known = new Set(declarations().map(({ name }) => name));
    // A structure around one other and nothing else: Kstatfs is used directly.
    expect(theirs.length).toBeGreaterThan(60);
    expect(theirs.filter((name) => name !== undefined && !known.has(name))).toEqual([]);
  });

  test('has no constant that we have not', () => {
    const text = execFileSync('cc', ['-E', '-dM', '-include', 'linux/fuse.h', '-x', 'c', '/dev/null'], {
      encoding: 'utf8',
    });
    const defined = [...text.matchAll(/^#define ((?:FUSE|FOPEN|FATTR|CUSE)_\w+) /gm)].map(
      (match) => match[1]!,
    );
    // Not numbers: one needs the page size, one is the minor version that we choose ourselves.
    const others = ['FUSE_REMOVEMAPPING_MAX_ENTRY', 'FUSE_KERNEL_MINOR_VERSION'];
    expect(defined.length).toBeGreaterThan(90);
    expect(defined.filter((name) => !(name in comparable) && !others.includes(name))).toEqual([]);
    const enumerated = [...text.matchAll(/^\t((?:FUSE|CUSE)_\w+)\s*=/gm)].map((match) => match[1]!);
    expect(enumerated.filter((name) => !(name in comparable))).toEqual([]);
  });

  test('declares nothing newer than the SINCE tables say', () => {
    const known = new Set([...declarations().map(({ name }) => name)]);
    for (const name of Object.keys(SINCE)) expect(known).toContain(name.split('.')[0]);
    for (const name of Object.keys(SINCE_CONSTANT)) expect(ours).toHaveProperty(name);
  });
});
