import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  AT_FDCWD,
  close,
  EBADF,
  EFAULT,
  EINVAL,
  ENAMETOOLONG,
  ENOENT,
  eventfd,
  MappedMemory,
  memfdCreate,
  raw,
  SegmentList,
  SO_TYPE,
  SOL_SOCKET,
  unixSocketPair,
} from '../src/index.js';
import { Arena } from './support.js';

const arena = new Arena();
const fd = memfdCreate('places');
const [left, right] = unixSocketPair();
const counter = eventfd(1);
const good = arena.path('/nonexistent');
const out = arena.reserve(4096);
const table = arena.reserve(64);

/** Every call that takes a place, with that place as a parameter. */
const calls: Record<string, (id: number, at: number) => number> = {
  splitChains: (id, at) => raw.splitChains(id, at),
  spinWhileEqual: (id, at) => raw.spinWhileEqual(id, at, 1, 0),
  landlockCreateRuleset: (id, at) => raw.landlockCreateRuleset(id, at, 8, 0),
  landlockAddRule: (id, at) => raw.landlockAddRule(fd, 1, id, at, 0),
  openat: (id, at) => raw.openat(AT_FDCWD, id, at, 0, 0),
  openat2: (id, at) => raw.openat2(AT_FDCWD, id, at, 0, 0, 0),
  memfdCreate: (id, at) => raw.memfdCreate(id, at, 0),
  pipe2: (id, at) => raw.pipe2(id, at, 0),
  statxPath: (id, at) => raw.statx(AT_FDCWD, id, at, 0, 0xfff, arena.id, out),
  statxOut: (id, at) => raw.statx(AT_FDCWD, arena.id, good, 0, 0xfff, id, at),
  statxFd: (id, at) => raw.statxFd(fd, 0xfff, id, at),
  fstat: (id, at) => raw.fstat(fd, id, at),
  fstatfs: (id, at) => raw.fstatfs(fd, id, at),
  fchmodat: (id, at) => raw.fchmodat(AT_FDCWD, id, at, 0o600),
  fchownat: (id, at) => raw.fchownat(AT_FDCWD, id, at, 0, 0, 0),
  utimensatPath: (id, at) => raw.utimensat(AT_FDCWD, id, at, arena.id, out, 0),
  utimensatTimes: (id, at) => raw.utimensat(AT_FDCWD, arena.id, good, id, at, 0),
  futimens: (id, at) => raw.futimens(fd, id, at),
  faccessat2: (id, at) => raw.faccessat2(AT_FDCWD, id, at, 0, 0),
  mkdirat: (id, at) => raw.mkdirat(AT_FDCWD, id, at, 0o700),
  mknodat: (id, at) => raw.mknodat(AT_FDCWD, id, at, 0o100600, 0, 0),
  symlinkatTarget: (id, at) => raw.symlinkat(id, at, AT_FDCWD, arena.id, good),
  symlinkatPath: (id, at) => raw.symlinkat(arena.id, good, AT_FDCWD, id, at),
  linkatOld: (id, at) => raw.linkat(AT_FDCWD, id, at, AT_FDCWD, arena.id, good, 0),
  linkatNew: (id, at) => raw.linkat(AT_FDCWD, arena.id, good, AT_FDCWD, id, at, 0),
  unlinkat: (id, at) => raw.unlinkat(AT_FDCWD, id, at, 0),
  renameat2Old: (id, at) => raw.renameat2(AT_FDCWD, id, at, AT_FDCWD, arena.id, good, 0),
  renameat2New: (id, at) => raw.renameat2(AT_FDCWD, arena.id, good, AT_FDCWD, id, at, 0),
  readlinkatPath: (id, at) => raw.readlinkat(AT_FDCWD, id, at, arena.id, out, 100),
  readlinkatOut: (id, at) => raw.readlinkat(AT_FDCWD, arena.id, good, id, at, 100),
  getdents64: (id, at) => raw.getdents64(fd, id, at, 1024),
  preadv2: (id, at) => raw.preadv2(fd, id, at, 1, 0, 1, 0, 0, 0),
  pwritev2: (id, at) => raw.pwritev2(fd, id, at, 1, 0, 1, 0, 0, 0),
  lseek: (id, at) => raw.lseek(fd, 0, 0, 0, id, at),
  setgroups: (id, at) => raw.setgroups(id, at, 1),
  getresuid: (id, at) => raw.getresuid(id, at),
  getresgid: (id, at) => raw.getresgid(id, at),
  getgroups: (id, at) => raw.getgroups(id, at, 16),
  prlimitGet: (id, at) => raw.prlimit(0, 7, 0, 0, id, at),
  prlimitSet: (id, at) => raw.prlimit(0, 7, id, at, 0, 0),
  eventfdRead: (id, at) => raw.eventfdRead(counter, id, at),
  socketpair: (id, at) => raw.socketpair(1, 1, 0, id, at),
  bindUnix: (id, at) => raw.bindUnix(left, id, at, 8),
  connectUnix: (id, at) => raw.connectUnix(left, id, at, 8),
  getsockopt: (id, at) => raw.getsockopt(left, SOL_SOCKET, SO_TYPE, id, at, 4),
  setsockopt: (id, at) => raw.setsockopt(left, SOL_SOCKET, SO_TYPE, id, at, 4),
  recvmsgData: (id, at) => raw.recvmsg(left, id, at, 16, arena.id, out, 0, 0x40),
  recvmsgFds: (id, at) => raw.recvmsg(left, arena.id, out, 16, id, at, 3, 0x40),
  sendmsgData: (id, at) => raw.sendmsg(right, id, at, 16, arena.id, out, 0, 0x40),
  sendmsgFds: (id, at) => raw.sendmsg(right, arena.id, out, 16, id, at, 3, 0x40),
};

const stale = MappedMemory.anonymous(4096);
const staleId = stale.windows[0]!.id;
stale.unmap();
const next = MappedMemory.anonymous(4096).windows[0]!.id;

const attribute = arena.path('user.test');
const handle = arena.reserve(136);
Object.assign(calls, {
  fgetxattrName: (id, at) => raw.fgetxattr(fd, id, at, arena.id, out, 16),
  fgetxattrOut: (id, at) => raw.fgetxattr(fd, arena.id, attribute, id, at, 16),
  fsetxattrName: (id, at) => raw.fsetxattr(fd, id, at, arena.id, out, 16, 0),
  fsetxattrValue: (id, at) => raw.fsetxattr(fd, arena.id, attribute, id, at, 16, 0),
  flistxattr: (id, at) => raw.flistxattr(fd, id, at, 16),
  fremovexattr: (id, at) => raw.fremovexattr(fd, id, at),
  getxattratPath: (id, at) => raw.getxattrat(AT_FDCWD, id, at, arena.id, attribute, arena.id, out, 16),
  getxattratName: (id, at) => raw.getxattrat(AT_FDCWD, arena.id, good, id, at, arena.id, out, 16),
  getxattratOut: (id, at) => raw.getxattrat(AT_FDCWD, arena.id, good, arena.id, attribute, id, at, 16),
  setxattratPath: (id, at) => raw.setxattrat(AT_FDCWD, id, at, arena.id, attribute, arena.id, out, 16, 0),
  setxattratName: (id, at) => raw.setxattrat(AT_FDCWD, arena.id, good, id, at, arena.id, out, 16, 0),
  setxattratValue: (id, at) => raw.setxattrat(AT_FDCWD, arena.id, good, arena.id, attribute, id, at, 16, 0),
  listxattratPath: (id, at) => raw.listxattrat(AT_FDCWD, id, at, arena.id, out, 16),
  listxattratOut: (id, at) => raw.listxattrat(AT_FDCWD, arena.id, good, id, at, 16),
  removexattratPath: (id, at) => raw.removexattrat(AT_FDCWD, id, at, arena.id, attribute),
  removexattratName: (id, at) => raw.removexattrat(AT_FDCWD, arena.id, good, id, at),
  nameToHandleAtPath: (id, at) => raw.nameToHandleAt(AT_FDCWD, id, at, arena.id, handle, arena.id, out, 0),
  nameToHandleAtOut: (id, at) => raw.nameToHandleAt(AT_FDCWD, arena.id, good, id, at, arena.id, out, 0),
  nameToHandleAtMount: (id, at) => raw.nameToHandleAt(AT_FDCWD, arena.id, good, arena.id, handle, id, at, 0),
  openByHandleAt: (id, at) => raw.openByHandleAt(fd, id, at, 0),
  fcntlLock: (id, at) => raw.fcntlLock(fd, 36, id, at),
  fsGetFlags: (id, at) => raw.fsGetFlags(fd, id, at),
  fsSetFlags: (id, at) => raw.fsSetFlags(fd, id, at),
  fsGetXattr: (id, at) => raw.fsGetXattr(fd, id, at),
  fsSetXattr: (id, at) => raw.fsSetXattr(fd, id, at),
} satisfies typeof calls);
for (const name of ['getxattr', 'lgetxattr'] as const) {
  Object.assign(calls, {
    [`${name}Path`]: (id: number, at: number) => raw[name](id, at, arena.id, attribute, arena.id, out, 16),
    [`${name}Name`]: (id: number, at: number) => raw[name](arena.id, good, id, at, arena.id, out, 16),
    [`${name}Out`]: (id: number, at: number) => raw[name](arena.id, good, arena.id, attribute, id, at, 16),
  });
}
for (const name of ['setxattr', 'lsetxattr'] as const) {
  Object.assign(calls, {
    [`${name}Path`]: (id: number, at: number) => raw[name](id, at, arena.id, attribute, arena.id, out, 16, 0),
    [`${name}Name`]: (id: number, at: number) => raw[name](arena.id, good, id, at, arena.id, out, 16, 0),
    [`${name}Value`]: (id: number, at: number) =>
      raw[name](arena.id, good, arena.id, attribute, id, at, 16, 0),
  });
}
for (const name of ['listxattr', 'llistxattr'] as const) {
  Object.assign(calls, {
    [`${name}Path`]: (id: number, at: number) => raw[name](id, at, arena.id, out, 16),
    [`${name}Out`]: (id: number, at: number) => raw[name](arena.id, good, id, at, 16),
  });
}
for (const name of ['removexattr', 'lremovexattr'] as const) {
  Object.assign(calls, {
    [`${name}Path`]: (id: number, at: number) => raw[name](id, at, arena.id, attribute),
    [`${name}Name`]: (id: number, at: number) => raw[name](arena.id, good, id, at),
  });
}

/** Ids that name no window; 0 is none at all, which some calls allow. */
const badIds = [-1, 1, 0x7fff_ffff, -0x8000_0000, staleId, arena.id ^ 0x4000, next ^ (1 << 30)];
const length = arena.window.byteLength;

/** The declarations of the raw tier. */
function interfaces(...files: string[]): string {
  return files.map((file) => readFileSync(new URL(`../src/${file}`, import.meta.url), 'utf8')).join('');
}

test.each(Object.keys(calls))('%s answers EFAULT for a place that is none', (name) => {
  const call = calls[name]!;
  for (const id of badIds) expect(call(id, 0), `id ${id}`).toBe(-EFAULT);
  if (!name.startsWith('prlimit')) expect(call(0, 0)).toBe(-EFAULT);
  for (const at of [length, length + 1, -1, 0x7fff_ffff, -0x8000_0000]) {
    expect(call(arena.id, at), `offset ${at}`).toBe(-EFAULT);
  }
});

test.each(Object.keys(calls))('%s answers EFAULT for a place that reaches behind the window', (name) => {
  // A path without a NUL up to the end, or a structure of which only one byte is inside.
  arena.window.u8[length - 1] = 0x2f;
  expect(calls[name]!(arena.id, length - 1)).toBe(-EFAULT);
});

test('the list of calls above is complete', () => {
  const covered = new Set(
    Object.keys(calls).map((name) =>
      name.replace(/(Path|Out|Times|Target|Old|New|Get|Set|Data|Fds|Name|Value|Mount)$/, ''),
    ),
  );
  const without = new Set(
    (
      'close dup dup3 fcntl fchmod ftruncate fallocate fsync fdatasync setresuid setresgid umask gettid eventfd eventfdWrite ' +
      'poll schedYield cpuPause socket listen accept4 shutdown copyFileRange syncfs ficlone'
    ).split(' '),
  );
  // Other families have tables of their own, in their own tests.
  const text = interfaces('raw.ts', 'raw-file.ts');
  const names = [...text.matchAll(/^ {2}(\w+)\(/gm)].map((match) => match[1]!);
  expect(names.length).toBeGreaterThan(75);
  for (const name of names) expect(covered.has(name) || without.has(name), name).toBe(true);
});

test('an argument that is missing or no number is EINVAL, and nothing is called', () => {
  const text = interfaces('raw.ts', 'raw-file.ts', 'raw-isolation.ts');
  const functions = raw as unknown as Record<string, (...args: unknown[]) => number>;
  for (const [name, call] of Object.entries(functions)) {
    // Without arguments there is none to miss.
    if (text.includes(`  ${name}(): number;`)) continue;
    expect(call(), name).toBe(-EINVAL);
    expect(call('1', '1', '1', '1', '1', '1', '1', '1', '1'), name).toBe(-EINVAL);
    expect(call(1n, 1n, 1n, 1n, 1n, 1n, 1n, 1n, 1n), name).toBe(-EINVAL);
    expect(call({}, null, undefined), name).toBe(-EINVAL);
  }
});

test('a path may end at the last byte of the window', () => {
  const text = Buffer.from('/nonexistent\0');
  arena.window.u8.set(text, length - text.length);
  expect(raw.openat(AT_FDCWD, arena.id, length - text.length, 0, 0)).toBe(-ENOENT);
});

test('a path of PATH_MAX bytes with its NUL is handed on, a longer one is ENAMETOOLONG', () => {
  const at = arena.reserve(8192);
  arena.window.u8.fill(0x2f, at, at + 4095);
  arena.window.u8[at + 4095] = 0;
  const root = raw.openat(AT_FDCWD, arena.id, at, 0, 0);
  expect(root).toBeGreaterThan(0);
  close(root);
  arena.window.u8[at + 4095] = 0x2f;
  arena.window.u8[at + 4096] = 0;
  expect(raw.openat(AT_FDCWD, arena.id, at, 0, 0)).toBe(-ENAMETOOLONG);
  expect(raw.symlinkat(arena.id, at, AT_FDCWD, arena.id, good)).toBe(-ENAMETOOLONG);
  expect(raw.renameat2(AT_FDCWD, arena.id, good, AT_FDCWD, arena.id, at, 0)).toBe(-ENAMETOOLONG);
});

test('a segment outside its window is EFAULT, wherever it stands in the list', () => {
  const u32 = arena.window.u32;
  const segment = (index: number, id: number, offset: number, size: number): void => {
    u32.set([id, offset, size], table / 4 + index * 3);
  };
  const read = (count: number, skip = 0): number =>
    raw.preadv2(fd, arena.id, table, count, skip, 100, 0, 0, 0);
  segment(0, arena.id, out, 8);
  expect(read(1)).toBe(0);
  segment(1, staleId, 0, 8);
  expect(read(2)).toBe(-EFAULT);
  segment(1, arena.id, length - 4, 8);
  expect(read(2)).toBe(-EFAULT);
  segment(1, arena.id, 0xffff_fffc, 8);
  expect(read(2)).toBe(-EFAULT);
  segment(1, arena.id, 4, 0xffff_ffff);
  expect(read(2)).toBe(-EFAULT);
  // Skipped, but still checked.
  segment(0, staleId, 0, 8);
  segment(1, arena.id, out, 8);
  expect(read(2, 8)).toBe(-EFAULT);
});

test('a table that does not fit its window is EFAULT, a negative count EINVAL', () => {
  for (const count of [0x7fff_ffff, 0x1555_5556, length / 12 + 1]) {
    expect(raw.preadv2(fd, arena.id, 0, count, 0, 1, 0, 0, 0)).toBe(-EFAULT);
  }
  expect(raw.preadv2(fd, arena.id, 0, -1, 0, 1, 0, 0, 0)).toBe(-EINVAL);
  expect(raw.pwritev2(fd, arena.id, 0, -0x8000_0000, 0, 1, 0, 0, 0)).toBe(-EINVAL);
});

test('counts and lengths out of range are refused', () => {
  expect(raw.recvmsg(left, arena.id, 0, 16, arena.id, out, -1, 0)).toBe(-EINVAL);
  expect(raw.recvmsg(left, arena.id, 0, 16, arena.id, out, 254, 0)).toBe(-EINVAL);
  expect(raw.recvmsg(left, arena.id, 0, -1, arena.id, out, 0, 0x40)).toBe(-EFAULT);
  expect(raw.sendmsg(left, arena.id, 0, 16, arena.id, out, -1, 0)).toBe(-EINVAL);
  expect(raw.sendmsg(left, arena.id, 0, 16, arena.id, out, 254, 0)).toBe(-EINVAL);
  expect(raw.setgroups(arena.id, 0, -1)).toBe(-EINVAL);
  expect(raw.setgroups(arena.id, 0, 65537)).toBe(-EINVAL);
  expect(raw.getgroups(arena.id, 0, -1)).toBe(-EINVAL);
  expect(raw.bindUnix(left, arena.id, 0, -1)).toBe(-ENAMETOOLONG);
  expect(raw.bindUnix(left, arena.id, 0, 109)).toBe(-ENAMETOOLONG);
  expect(raw.readlinkat(AT_FDCWD, arena.id, good, arena.id, out, -1)).toBe(-EFAULT);
  expect(raw.getdents64(fd, arena.id, out, -1)).toBe(-EFAULT);
  expect(raw.getsockopt(left, SOL_SOCKET, SO_TYPE, arena.id, out, -1)).toBe(-EFAULT);
});

test('a u32 may come as either sign', () => {
  const list = new SegmentList(1);
  list.add(arena.window, out, 4);
  const read = (lo: number, hi: number): number =>
    raw.preadv2(fd, list.tableWindow, list.tableOffset, 1, 0, 4, lo, hi, 0);
  expect(read(0xffff_ffff, 0)).toBe(0);
  expect(read(-1, 0)).toBe(0);
  expect(raw.close(0xffff_ffff)).toBe(-EBADF);
});

test('the offered socket options and fcntl commands never take an address', () => {
  expect(raw.getsockopt(left, 6, 1, arena.id, out, 4)).toBe(-EINVAL);
  expect(raw.setsockopt(left, 6, 1, arena.id, out, 4)).toBe(-EINVAL);
  expect(raw.setsockopt(left, SOL_SOCKET, 26, arena.id, out, 16)).toBe(-EINVAL); // SO_ATTACH_FILTER
  expect(raw.setsockopt(left, SOL_SOCKET, 51, arena.id, out, 16)).toBe(-EINVAL); // SO_ATTACH_REUSEPORT_CBPF
  for (const command of [5, 6, 7, 8, 10, 15, 16, 36, 37, 38, 1024, 1026, 1035, 1037]) {
    expect(raw.fcntl(fd, command, 0x40_0000)).toBe(-EINVAL);
  }
});
