import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, type TestContext } from 'vitest';

/** A file system that was made for a test and is mounted on the host. */
export interface HostFileSystem {
  /** An empty directory in it, which everybody may enter. */
  readonly path: string;
  remove(): void;
}

export const FILE_SYSTEMS = ['ext4', 'tmpfs', 'overlay', 'xfs', 'btrfs'] as const;
export type FileSystemName = (typeof FILE_SYSTEMS)[number];

/** Sparse: what is not written takes no room. */
const IMAGE_SIZE = 2 ** 31;

function makeFileSystem(name: FileSystemName): HostFileSystem {
  const base = mkdtempSync(join(tmpdir(), 'virtiofsd-fs-'));
  const mountpoint = join(base, 'mounted');
  mkdirSync(mountpoint);
  const remove = () => {
    rmSync(base, { recursive: true, force: true });
  };
  try {
    const unmount = MOUNT[name](base, mountpoint);
    const path = join(mountpoint, 'folder');
    mkdirSync(path);
    execFileSync('chmod', ['755', base, mountpoint, path]);
    return {
      path,
      remove: () => {
        unmount();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}

/** A file system for the tests of a `describe` block: what is returned skips a test, and says why, if it cannot be had. */
export function fileSystemForTheseTests(name: FileSystemName): (context: TestContext) => HostFileSystem {
  let fileSystem: HostFileSystem | undefined;
  let reason = 'only root can mount one';
  beforeAll(() => {
    if (process.getuid?.() !== 0) return;
    try {
      fileSystem = makeFileSystem(name);
    } catch (error) {
      reason = error instanceof Error ? error.message.trim().split('\n').at(-1)! : String(error);
      console.info(`no ${name} here: ${reason}`);
    }
  });
  afterAll(() => fileSystem?.remove());
  return (context) => fileSystem ?? context.skip(`no ${name} here: ${reason}`);
}

/** Each mounts at the given place, and returns what undoes it. */
const MOUNT: Readonly<Record<FileSystemName, (base: string, mountpoint: string) => () => void>> = {
  ext4: (base, mountpoint) => loop(base, mountpoint, ['mkfs.ext4', '-q', '-F']),
  xfs: (base, mountpoint) => loop(base, mountpoint, ['mkfs.xfs', '-q']),
  btrfs: (base, mountpoint) => loop(base, mountpoint, ['mkfs.btrfs', '-q']),
  tmpfs: (_, mountpoint) => mount(mountpoint, '-t', 'tmpfs', '-o', 'mode=755', 'tmpfs'),
  overlay: (base, mountpoint) => {
    // On a tmpfs: the temporary directory may itself be an overlay, which cannot lie below another.
    const below = join(base, 'below');
    mkdirSync(below);
    const unmountBelow = MOUNT.tmpfs(base, below);
    try {
      const [lower, upper, work] = ['lower', 'upper', 'work'].map((name) => join(below, name));
      for (const path of [lower, upper, work]) mkdirSync(path!);
      const options = `lowerdir=${lower},upperdir=${upper},workdir=${work}`;
      const unmount = mount(mountpoint, '-t', 'overlay', '-o', options, 'overlay');
      return () => {
        unmount();
        unmountBelow();
      };
    } catch (error) {
      unmountBelow();
      throw error;
    }
  },
};

function loop(base: string, mountpoint: string, make: readonly [string, ...string[]]): () => void {
  const image = join(base, 'image');
  writeFileSync(image, '');
  truncateSync(image, IMAGE_SIZE);
  const [command, ...args] = make;
  run(command, ...args, image);
  return mount(mountpoint, '-o', 'loop', image);
}

function mount(mountpoint: string, ...args: string[]): () => void {
  run('mount', ...args, mountpoint);
  return () => run('umount', mountpoint);
}

/** Administrators' programs may not be on a user's PATH. */
function run(command: string, ...args: string[]): void {
  execFileSync(command, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin`, LC_ALL: 'C' },
  });
}
