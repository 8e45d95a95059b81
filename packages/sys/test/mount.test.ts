import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  AT_EMPTY_PATH,
  AT_FDCWD,
  chdir,
  chroot,
  close,
  fchdir,
  mount,
  mountId,
  mountSetattr,
  moveMount,
  O_DIRECTORY,
  O_PATH,
  O_RDONLY,
  openat,
  openTree,
  parseMountinfo,
  pivotRoot,
  raw,
  readMountinfo,
  setns,
  umount2,
  uniqueMountId,
  unshare,
} from '../src/index.js';
import { inChild } from './child.js';
import { Arena, expectSysError, isRoot, temporaryDirectory } from './support.js';

const root = temporaryDirectory();

/** A path of a new directory. */
let counter = 0;
function directory(): string {
  const path = join(root, `d${counter++}`);
  mkdirSync(path);
  return path;
}

describe('arguments are checked before any system call', () => {
  test('text with a NUL, of another type, or not well-formed', () => {
    for (const text of ['a\0b', '\ud800']) {
      expect(() => mount(text)).toThrow(TypeError);
      expect(() => mount('/', { source: text })).toThrow(TypeError);
      expect(() => mount('/', { fstype: text })).toThrow(TypeError);
      expect(() => mount('/', { data: text })).toThrow(TypeError);
      expect(() => umount2(text)).toThrow(TypeError);
      expect(() => openTree(AT_FDCWD, text)).toThrow(TypeError);
      expect(() => moveMount(AT_FDCWD, text, AT_FDCWD, '/', 0)).toThrow(TypeError);
      expect(() => mountSetattr(AT_FDCWD, text, {})).toThrow(TypeError);
      expect(() => chdir(text)).toThrow(TypeError);
      expect(() => chroot(text)).toThrow(TypeError);
      expect(() => pivotRoot(text, '/')).toThrow(TypeError);
      expect(() => pivotRoot('/', text)).toThrow(TypeError);
    }
    expect(() => mount('/', { fstype: 7 as never })).toThrow(TypeError);
    expect(() => chdir(undefined as never)).toThrow(TypeError);
  });

  test('numbers out of range', () => {
    for (const flags of [-1, 2 ** 32, 1.5, Number.NaN]) {
      expect(() => mount('/', { flags })).toThrow(RangeError);
      expect(() => umount2('/', flags)).toThrow(RangeError);
      expect(() => openTree(AT_FDCWD, '/', flags)).toThrow(RangeError);
      expect(() => mountSetattr(AT_FDCWD, '/', { set: flags === 2 ** 32 ? -1 : flags })).toThrow(RangeError);
      expect(() => mountSetattr(AT_FDCWD, '/', {}, flags)).toThrow(RangeError);
      expect(() => unshare(flags)).toThrow(RangeError);
      expect(() => setns(0, flags)).toThrow(RangeError);
    }
    expect(() => fchdir(-1)).toThrow(RangeError);
    expect(() => setns(-1)).toThrow(RangeError);
  });

  test('paths beyond PATH_MAX', () => {
    const long = 'x'.repeat(4096);
    expectSysError(() => mount(long), 'ENAMETOOLONG');
    expectSysError(() => mount('/', { data: long }), 'ENAMETOOLONG');
    expectSysError(() => chroot(long), 'ENAMETOOLONG');
  });

  test('places of the raw tier', () => {
    const arena = new Arena();
    const path = arena.path('/');
    const bad = 0x7fff_ffff;
    expect(raw.mount(bad, 0, arena.id, path, 0, 0, 0, 0, 0)).toBe(-14);
    expect(raw.mount(0, 0, 0, 0, 0, 0, 0, 0, 0)).toBe(-14);
    expect(raw.mount(0, 0, arena.id, path, bad, 0, 0, 0, 0)).toBe(-14);
    expect(raw.mount(0, 0, arena.id, path, 0, 0, 0, bad, 0)).toBe(-14);
    expect(raw.mountSetattr(AT_FDCWD, arena.id, path, 0, arena.id, arena.window.byteLength - 31)).toBe(-14);
    expect(raw.pivotRoot(arena.id, path, bad, 0)).toBe(-14);
    expect(raw.umount2(bad, 0, 0)).toBe(-14);
    expect(raw.openTree(AT_FDCWD, bad, 0, 0)).toBe(-14);
    expect(raw.moveMount(AT_FDCWD, arena.id, path, AT_FDCWD, bad, 0, 0)).toBe(-14);
    expect((raw.chroot as (...args: unknown[]) => number)('x', {})).toBe(-22);
  });
});

describe('root and working directory', () => {
  test('chdir and fchdir', () => {
    const moved = inChild((sys, path) => {
      const { readlinkSync } = process.getBuiltinModule('fs');
      sys.chdir(path);
      const first = readlinkSync('/proc/self/cwd');
      const fd = sys.openat(sys.AT_FDCWD, '/usr', sys.O_PATH);
      sys.fchdir(fd);
      return [first, readlinkSync('/proc/self/cwd')];
    }, root);
    expect(moved).toEqual([root, '/usr']);
    expectSysError(() => chdir(join(root, 'missing')), 'ENOENT');
    expectSysError(() => chdir('/etc/passwd'), 'ENOTDIR');
    const file = openat(AT_FDCWD, '/etc/passwd', O_RDONLY);
    expectSysError(() => fchdir(file), 'ENOTDIR');
    close(file);
    expectSysError(() => fchdir(file), 'EBADF');
  });

  test.runIf(isRoot)('chroot', () => {
    const path = directory();
    writeFileSync(join(path, 'inside'), '');
    const names = inChild((sys, path) => {
      const { readdirSync } = process.getBuiltinModule('fs');
      sys.chroot(path);
      sys.chdir('/');
      return readdirSync('/');
    }, path);
    expect(names).toEqual(['inside']);
    expectSysError(() => chroot(join(root, 'missing')), 'ENOENT');
    expectSysError(() => chroot('/etc/passwd'), 'ENOTDIR');
  });
});

describe.runIf(isRoot)('mounts, in a namespace of their own', () => {
  test('a tmpfs with options: mounted, listed, busy, unmounted', () => {
    const path = directory();
    const seen = inChild(
      (sys, path) => {
        const { MS_NODEV, MS_NOSUID, AT_FDCWD, O_PATH } = sys;
        const codes: string[] = [];
        const fails = (action: () => void): void => {
          try {
            action();
            codes.push('none');
          } catch (error) {
            codes.push((error as { code: string }).code);
          }
        };
        const outside = sys.mountId(AT_FDCWD, path);
        sys.mount(path, {
          source: 'a b',
          fstype: 'tmpfs',
          flags: MS_NOSUID | MS_NODEV,
          data: 'size=64k,mode=700',
        });
        const info = sys.readMountinfo().find((each) => each.mountPoint === path);
        const inside = sys.mountId(AT_FDCWD, path);
        const fd = sys.openat(AT_FDCWD, path, sys.O_RDONLY);
        fails(() => sys.umount2(path));
        sys.close(fd);
        fails(() => sys.umount2(path, sys.MNT_EXPIRE));
        fails(() => sys.umount2(path, sys.MNT_EXPIRE));
        fails(() => sys.umount2(path));
        fails(() => sys.mount(path, { fstype: 'no-such-type' }));
        fails(() => sys.mount(`${path}/missing`, { fstype: 'tmpfs' }));
        fails(() => sys.mount('/etc/passwd', { fstype: 'tmpfs' }));
        fails(() => sys.mount(path, { fstype: 'tmpfs', data: 'no-such-option=1' }));
        fails(() => sys.mount(path, { source: '/etc/passwd', fstype: 'ext4' }));
        fails(() => sys.mount(path, { flags: sys.MS_REMOUNT }));
        fails(() => sys.mount(path, { flags: sys.MS_PRIVATE | sys.MS_SHARED }));
        return { info, inside, outside, codes, O_PATH };
      },
      path,
      { mounts: true },
    );
    expect(seen.info).toMatchObject({ mountPoint: path, source: 'a b', fstype: 'tmpfs', root: '/' });
    expect(seen.info!.options).toEqual(expect.arrayContaining(['rw', 'nosuid', 'nodev']));
    expect(seen.info!.superOptions).toEqual(expect.arrayContaining(['size=64k', 'mode=700']));
    expect(seen.info!.mountId).toBe(seen.inside);
    expect(seen.inside).not.toBe(seen.outside);
    expect(seen.codes).toEqual([
      'EBUSY',
      'EAGAIN',
      'none',
      'EINVAL',
      'ENODEV',
      'ENOENT',
      'ENOTDIR',
      'EINVAL',
      'ENOTBLK',
      'EINVAL',
      'EINVAL',
    ]);
    // Nothing of it is seen here.
    expect(readMountinfo().some((each) => each.mountPoint === path)).toBe(false);
  });

  test('bind, change of attributes, remount, propagation', () => {
    const [from, to] = [directory(), directory()];
    const seen = inChild(
      (sys, [from, to]) => {
        const { writeFileSync, readdirSync } = process.getBuiltinModule('fs');
        const at = (path: string) => sys.readMountinfo().find((each) => each.mountPoint === path)!;
        const attempt = (): string => {
          try {
            writeFileSync(`${to}/file`, '');
            return 'written';
          } catch (error) {
            return (error as { code: string }).code;
          }
        };
        sys.mount(to!, { source: from!, flags: sys.MS_BIND });
        const result: unknown[] = [attempt(), readdirSync(from!)];
        sys.mount(to!, { flags: sys.MS_BIND | sys.MS_REMOUNT | sys.MS_RDONLY });
        result.push(attempt());
        sys.mountSetattr(sys.AT_FDCWD, to!, { clear: sys.MOUNT_ATTR_RDONLY, set: sys.MOUNT_ATTR_NOEXEC });
        result.push(attempt(), at(to!).options.includes('noexec'));
        sys.mount(to!, { flags: sys.MS_SHARED });
        result.push(at(to!).shared !== undefined);
        sys.mountSetattr(sys.AT_FDCWD, to!, { propagation: sys.MS_UNBINDABLE });
        result.push(at(to!).shared === undefined && at(to!).unbindable);
        return result;
      },
      [from, to],
      { mounts: true },
    );
    expect(seen).toEqual(['written', ['file'], 'EROFS', 'written', true, true, true]);
  });

  test('a name with a space, a newline, a backslash and bytes that are not UTF-8', () => {
    const path = Buffer.concat([Buffer.from(`${root}/a b\n\\c#`), Buffer.from([0xff, 0xfe])]);
    mkdirSync(path);
    const found = inChild(
      (sys, bytes) => {
        const path = Uint8Array.from(bytes);
        sys.mount(path, { fstype: 'tmpfs' });
        const { mountPoint } = sys.readMountinfo().at(-1)!;
        sys.umount2(mountPoint);
        return typeof mountPoint === 'string' ? mountPoint : Array.from(mountPoint);
      },
      Array.from(path),
      { mounts: true },
    );
    expect(found).toEqual(Array.from(path));
  });

  test('a detached copy of a tree is attached, moved, and goes with its descriptor', () => {
    const [from, to] = [directory(), directory()];
    writeFileSync(join(from, 'file'), '');
    const seen = inChild(
      (sys, [from, to]) => {
        const { readdirSync } = process.getBuiltinModule('fs');
        const { AT_FDCWD, OPEN_TREE_CLONE, MOVE_MOUNT_F_EMPTY_PATH, AT_RECURSIVE } = sys;
        const before = sys.readMountinfo().length;
        const unused = sys.openTree(AT_FDCWD, from!, OPEN_TREE_CLONE);
        const names = [readdirSync(`/proc/self/fd/${unused}`)];
        sys.close(unused);
        const fd = sys.openTree(AT_FDCWD, from!, OPEN_TREE_CLONE | AT_RECURSIVE);
        sys.moveMount(fd, '', AT_FDCWD, to!, MOVE_MOUNT_F_EMPTY_PATH);
        names.push(readdirSync(to!));
        const cloexec = sys.getDescriptorFlags(fd) === sys.FD_CLOEXEC;
        return { names, added: sys.readMountinfo().length - before, cloexec };
      },
      [from, to],
      { mounts: true },
    );
    expect(seen).toEqual({ names: [['file'], ['file']], added: 1, cloexec: true });
  });

  test('pivot_root onto a mount, the old root gone', () => {
    const path = directory();
    writeFileSync(join(path, 'inside'), '');
    const seen = inChild(
      (sys, path) => {
        const { readdirSync } = process.getBuiltinModule('fs');
        const codes: string[] = [];
        const fails = (action: () => void): void => {
          try {
            action();
          } catch (error) {
            codes.push((error as { code: string }).code);
          }
        };
        fails(() => sys.pivotRoot(path, path));
        fails(() => sys.pivotRoot(`${path}/missing`, path));
        const proc = sys.openat(sys.AT_FDCWD, '/proc', sys.O_PATH);
        sys.mount(path, { source: path, flags: sys.MS_BIND });
        sys.chdir(path);
        sys.pivotRoot('.', '.');
        sys.umount2('.', sys.MNT_DETACH);
        sys.chdir('/');
        const mountinfo = sys.openat(proc, 'thread-self/mountinfo', sys.O_RDONLY);
        return {
          codes,
          names: readdirSync('/'),
          mounts: sys.readMountinfo(mountinfo).map((each) => each.mountPoint),
        };
      },
      path,
      { mounts: true },
    );
    expect(seen).toEqual({ codes: ['EBUSY', 'ENOENT'], names: ['inside'], mounts: ['/'] });
  });

  test('a namespace is entered again by setns', () => {
    const path = directory();
    const seen = inChild((sys, path) => {
      const { AT_FDCWD, O_RDONLY, CLONE_NEWNS, CLONE_NEWNET } = sys;
      const old = sys.openat(AT_FDCWD, '/proc/thread-self/ns/mnt', O_RDONLY);
      sys.unshare(CLONE_NEWNS);
      sys.mount('/', { flags: sys.MS_REC | sys.MS_PRIVATE });
      sys.mount(path, { fstype: 'tmpfs' });
      const count = (): number => sys.readMountinfo().filter((each) => each.mountPoint === path).length;
      const counts = [count()];
      let code = '';
      try {
        sys.setns(old, CLONE_NEWNET);
      } catch (error) {
        code = (error as { code: string }).code;
      }
      sys.setns(old, CLONE_NEWNS);
      counts.push(count());
      return { counts, code };
    }, path);
    expect(seen).toEqual({ counts: [1, 0], code: 'EINVAL' });
  });

  test('unshare concerns the calling thread alone', async () => {
    const links = await inChild(async (sys) => {
      const { readFile, readlink } = process.getBuiltinModule('fs').promises;
      const { readlinkSync } = process.getBuiltinModule('fs');
      await readFile('/proc/self/status');
      const before = readlinkSync('/proc/thread-self/ns/mnt');
      sys.unshare(sys.CLONE_NEWNS);
      return [before, readlinkSync('/proc/thread-self/ns/mnt'), await readlink('/proc/thread-self/ns/mnt')];
    });
    expect(links[1]).not.toBe(links[0]);
    expect(links[2]).toBe(links[0]);
  });

  test('a process with several threads cannot have a user namespace; a descriptor must be a namespace', () => {
    expectSysError(() => unshare(0x1000_0000), 'EINVAL');
    const fd = openat(AT_FDCWD, '/', O_PATH | O_DIRECTORY);
    expectSysError(() => setns(fd), 'EBADF');
    expectSysError(() => openTree(fd, '', 0), 'ENOENT');
    close(openTree(fd, '', AT_EMPTY_PATH));
    close(fd);
  });
});

test.runIf(isRoot)('without privilege everything is refused', () => {
  const codes = inChild(
    (sys) => {
      const attempts: (() => void)[] = [
        () => sys.mount('/tmp', { fstype: 'tmpfs' }),
        () => sys.mount('/tmp', { source: '/', flags: sys.MS_BIND }),
        () => sys.umount2('/proc'),
        () => sys.openTree(sys.AT_FDCWD, '/', sys.OPEN_TREE_CLONE),
        () => sys.mountSetattr(sys.AT_FDCWD, '/', { set: sys.MOUNT_ATTR_RDONLY }),
        () => sys.moveMount(sys.AT_FDCWD, '/proc', sys.AT_FDCWD, '/tmp', 0),
        () => sys.chroot('/'),
        () => sys.pivotRoot('/', '/'),
        () => sys.unshare(sys.CLONE_NEWNS),
        () => sys.unshare(sys.CLONE_FS),
      ];
      return attempts.map((attempt) => {
        try {
          attempt();
          return 'none';
        } catch (error) {
          return (error as { code: string }).code;
        }
      });
    },
    undefined,
    { uid: 65534 },
  );
  expect(codes).toEqual([...Array.from({ length: 9 }, () => 'EPERM'), 'none']);
});

describe('mountinfo', () => {
  test('the own mounts', () => {
    const mounts = readMountinfo();
    const top = mounts.filter((each) => each.mountPoint === '/').at(-1)!;
    expect(top.mountId).toBe(mountId(AT_FDCWD, '/'));
    expect(mounts.every((each) => each.mountId > 0 && each.options.length > 0)).toBe(true);
    const fd = openat(AT_FDCWD, '/proc/self/mountinfo', O_RDONLY);
    expect(readMountinfo(fd)).toEqual(mounts);
    expect(readMountinfo(fd)).toEqual(mounts);
    close(fd);
  });

  test('unique ids are beyond the others', () => {
    const id = uniqueMountId(AT_FDCWD, '/');
    if (id !== undefined) expect(id).toBeGreaterThan(2 ** 31);
  });

  test('optional fields, in any number, and what the kernel escapes', () => {
    const line =
      '36 35 98:0 /mnt1 /a\\040b\\011\\012\\134 rw,noatime shared:7 master:1 propagate_from:2 unbindable new:x - fuse.x\\040y /dev\\043root rw,a=\\134,errors=continue\n';
    expect(parseMountinfo(Buffer.from(line))).toEqual([
      {
        mountId: 36,
        parentId: 35,
        major: 98,
        minor: 0,
        root: '/mnt1',
        mountPoint: '/a b\t\n\\',
        options: ['rw', 'noatime'],
        shared: 7,
        master: 1,
        propagateFrom: 2,
        unbindable: true,
        fstype: 'fuse.x y',
        source: '/dev#root',
        superOptions: ['rw', 'a=\\', 'errors=continue'],
      },
    ]);
  });

  test('an empty source, and no optional field', () => {
    const [info] = parseMountinfo(Buffer.from('1 1 0:1 / / rw - tmpfs  rw\n'));
    expect(info).toMatchObject({ source: '', fstype: 'tmpfs', superOptions: ['rw'] });
    expect(info).not.toHaveProperty('shared');
  });

  test('what is not a line of mountinfo', () => {
    for (const text of [
      'x',
      '1 2 3 4 5 6 - a b c',
      '1 2 0:1 / / rw tmpfs none rw',
      '1 2 0:1 / / rw - tmpfs',
    ]) {
      expect(() => parseMountinfo(Buffer.from(text)), text).toThrow(SyntaxError);
    }
    expect(parseMountinfo(new Uint8Array())).toEqual([]);
  });
});
