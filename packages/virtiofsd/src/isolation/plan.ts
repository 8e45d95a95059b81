import {
  AT_EMPTY_PATH,
  AT_FDCWD,
  AT_RECURSIVE,
  CapabilitySet,
  CLONE_NEWIPC,
  CLONE_NEWNET,
  CLONE_NEWNS,
  CLONE_NEWPID,
  CLONE_NEWUSER,
  ENOSYS,
  EPERM,
  type FdLike,
  getCapabilities,
  MNT_DETACH,
  MOUNT_ATTR_NODEV,
  MOUNT_ATTR_NOSUID,
  MOVE_MOUNT_F_EMPTY_PATH,
  MOVE_MOUNT_T_EMPTY_PATH,
  MS_REC,
  MS_SLAVE,
  O_CLOEXEC,
  O_DIRECTORY,
  O_PATH,
  OPEN_TREE_CLOEXEC,
  OPEN_TREE_CLONE,
  type SpawnOptions,
  type Step,
  type Steps,
} from '@vfs/sys';
import type { Options } from '../options.js';
import { wantedCapabilities } from './capabilities.js';
import { withoutIoUring } from './filter.js';
import { idMaps, needsUserNamespace, workerCredentials } from './identity.js';

export const PROC_SELF_FD_PATH = '/proc/self/fd';

/** The part of a plan that depends on the sandbox. */
type SandboxPlan = Pick<SpawnOptions, 'namespaces' | 'idMaps' | 'setup' | 'later' | 'adopt' | 'sharedRoot'>;

/** What a worker runs, and with which descriptors from 0 on, without its own /proc/self/fd. */
export interface Program {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly fds: readonly FdLike[];
  /** Opened by the new process: behind the others. */
  readonly lock?: number;
  /** Behind that: FURTHER_FD and on. */
  readonly further?: readonly FdLike[];
  /** What it may change: see `landlock.ts`. */
  readonly landlock?: FdLike;
}

/**
 * How a worker is started: as a process that has nothing it does not need, from its first instruction on. Only its root
 * is still that of the host, so that Node can load; `proceed()` of the process moves it.
 */
export function planOf(options: Options, directory: string, program: Program): SpawnOptions {
  const { file, args, env, fds, lock, further = [], landlock } = program;
  const credentials = workerCredentials(options);
  return {
    ...sandboxPlan(options, directory),
    file,
    args,
    env,
    cwd: '/',
    fds: [...fds, openProcSelfFd, ...(lock === undefined ? [] : [lock]), ...further],
    ...(credentials && { credentials }),
    capabilities: workerCapabilities(options),
    noNewPrivs: true,
    ...(options.seccomp !== 'none' && { seccomp: withoutIoUring() }),
    ...(landlock !== undefined && { landlock }),
    parentDeathSignal: 'SIGKILL',
  };
}

/** What the worker has, by what this process can give. */
export function workerCapabilities(options: Options): NonNullable<SpawnOptions['capabilities']> {
  const wanted = wantedCapabilities(options);
  // In a user namespace of its own it has all of them.
  if (needsUserNamespace(options)) return { keep: wanted };
  const { permitted } = getCapabilities();
  return {
    keep: wanted.intersection(permitted),
    bounding: permitted.has('CAP_SETPCAP') ? CapabilitySet.none : 'unchanged',
  };
}

function sandboxPlan(options: Options, directory: string): SandboxPlan {
  switch (options.sandbox) {
    case 'namespace': {
      const user = needsUserNamespace(options);
      return {
        namespaces: CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | (user ? CLONE_NEWUSER : 0),
        ...(user && { idMaps: idMaps(options) }),
        // What is mounted on the host later appears, and nothing goes the other way.
        setup: (steps) => void steps.mount(undefined, '/', undefined, MS_REC | MS_SLAVE),
        later: (steps) => pivotInto(steps, directory),
        adopt: true,
      };
    }
    case 'chroot':
      return {
        later: (steps) => {
          steps.chroot(directory);
          steps.chdir('/');
        },
        adopt: true,
        sharedRoot: true,
      };
    case 'none':
      return {};
  }
}

/**
 * Makes a copy of the mounts of a folder the root of all processes in the mount namespace, and the only mounts that it
 * has. The copy is a slave, as its originals are here.
 */
function pivotInto(steps: Steps, directory: string): void {
  // Looked up once, through symbolic links: both ends are the same folder.
  const place = steps.openat(AT_FDCWD, directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
  const tree = steps.openTree(place, '', OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE | AT_EMPTY_PATH);
  hardenMounts(steps, tree);
  steps.moveMount(tree, '', place, '', MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
  steps.fchdir(tree);
  // Onto the same place: the old root is then the uppermost mount there.
  steps.pivotRoot('.', '.');
  steps.umount2('.', MNT_DETACH);
  steps.chdir('/');
}

/**
 * No device can be opened through the mounts of the share, and no program of it gives its executor more. Nothing that a guest
 * sees depends on these two; with MOUNT_ATTR_NOEXEC access(2) would deny that a file is executable. Linux 5.12.
 */
function hardenMounts(steps: Steps, tree: Step): void {
  const attr = new BigUint64Array([BigInt(MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV), 0n, 0n, 0n]);
  steps
    .call(
      'mountSetattr',
      tree,
      steps.text(''),
      AT_EMPTY_PATH | AT_RECURSIVE,
      steps.bytes(new Uint8Array(attr.buffer)),
    )
    .tolerate(ENOSYS);
}

/**
 * The worker's way from an O_PATH descriptor to one for reading and writing, where it has no /proc. As a mount of its own,
 * which nothing is above: from a folder in the host's /proc it would be two steps to the roots of other processes.
 * Without the privilege for that (chroot or none in a container) it is one in the host's.
 */
function openProcSelfFd(steps: Steps): Step {
  const plain = steps.openat(AT_FDCWD, PROC_SELF_FD_PATH, O_PATH | O_DIRECTORY | O_CLOEXEC);
  const mount = steps
    .openTree(AT_FDCWD, PROC_SELF_FD_PATH, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC)
    .tolerate(EPERM);
  // Not a descriptor when it was refused: the plain one stays.
  steps.call('dup3', mount, plain, O_CLOEXEC).tolerate();
  return plain;
}
