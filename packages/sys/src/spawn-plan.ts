import { SIZEOF_SOCK_FILTER } from './bpf.js';
import { allCapabilities, placeCapabilities } from './capabilities.js';
import { CapabilitySet } from './capability-set.js';
import { EPERM } from './constants/errno.js';
import { CLONE_FS, CLONE_NEWPID, CLONE_NEWUSER, CLONE_PARENT } from './constants/mount.js';
import { F_DUPFD_CLOEXEC } from './constants/open.js';
import {
  PR_CAP_AMBIENT,
  PR_CAP_AMBIENT_RAISE,
  PR_CAPBSET_DROP,
  PR_SET_KEEPCAPS,
  PR_SET_NO_NEW_PRIVS,
} from './constants/prctl.js';
import { type Credentials, UNCHANGED } from './credentials.js';
import { fdOf } from './fd.js';
import type { IdMaps } from './id-map.js';
import { signalNumber } from './signal.js';
import type { ExecCapabilities, SpawnOptions } from './spawn.js';
import type { Step } from './step.js';
import { Steps } from './steps.js';
import { checkInt } from './u64.js';

/** The ends of pipes that the children have; no number of the program's own descriptors is among them. */
export interface Pipes {
  /** Where a child reads that it may go on. */
  readonly go: number;
  /** Closed when the program is executed. */
  readonly executed: number;
  /** Where the children tell what they did: closed when the program is executed and nothing is left to do beside it. */
  readonly report: number;
}

/** Whether a process stays between this one and the program: it has the privilege, or it is outside the pid namespace. */
export function hasIsolator({ namespaces = 0, later }: SpawnOptions): boolean {
  return (namespaces & CLONE_NEWPID) !== 0 || later !== undefined;
}

/** The plan for a child. */
export function planOf(options: SpawnOptions, pipes: Pipes): Steps {
  const { namespaces = 0, idMaps } = options;
  const outer = new Steps();
  const isolated = hasIsolator(options);
  const bind = (steps: Steps): void => {
    if (options.parentDeathSignal !== undefined) steps.bind(signalNumber(options.parentDeathSignal));
    // Nothing of it remains when the process between is killed.
    else if (steps !== outer) steps.bind(signalNumber('SIGKILL'));
  };
  bind(outer);
  if (namespaces !== 0) outer.call('unshare', namespaces);
  if (idMaps) {
    outer.report();
    outer.wait(pipes.go);
    // A change of credentials makes the kernel forget it.
    bind(outer);
  }
  if (!isolated) {
    addProgram(outer, options, bind);
    return outer;
  }
  const inner = new Steps();
  bind(inner);
  addProgram(inner, options, bind);
  const { adopt = false, sharedRoot = false } = options;
  const pid = outer.fork(inner, (adopt ? CLONE_PARENT : 0) | (sharedRoot ? CLONE_FS : 0));
  if (adopt) outer.report(pid);
  outer.close(pipes.executed);
  if (options.later) {
    const pidfd = outer.call('pidfdOpen', pid, 0);
    outer.wait(pipes.go, pidfd, pid);
    options.later(outer);
    outer.report();
  }
  if (adopt) {
    outer.exit();
    return outer;
  }
  addRetirement(outer, options, pipes);
  outer.reap(pid);
  return outer;
}

/**
 * What remains for the process that waits needs no descriptor, and no privilege but to pass signals on to a process that
 * may be another user's.
 */
function addRetirement(steps: Steps, { credentials, capabilities }: SpawnOptions, { report }: Pipes): void {
  const foreign = credentials?.uid !== undefined || capabilities === undefined;
  steps.call('prctl', PR_SET_NO_NEW_PRIVS, 1, 0);
  // Without privilege there is none to give up.
  addCapset(steps, foreign ? CapabilitySet.of('CAP_KILL') : CapabilitySet.none, CapabilitySet.none).tolerate(
    EPERM,
  );
  steps.call('closeRange', 0, 0xffff_ffff, 0).tolerate();
  // Already closed, but where the kernel has no close_range(2): the parent waits for it.
  steps.close(report).tolerate();
}

/** The last steps of the process that becomes the program. */
function addProgram(steps: Steps, options: SpawnOptions, bind: (steps: Steps) => void): void {
  const { file, args = [], env = process.env, fds = [0, 1, 2], credentials, capabilities } = options;
  if (options.newSession) steps.call('setsid');
  options.setup?.(steps);
  if (options.cwd !== undefined) steps.chdir(options.cwd);
  if (options.umask !== undefined) steps.call('umask', options.umask);
  // First out of the way of each other, then into their places.
  const moved = fds.map((fd) => {
    const source = typeof fd === 'function' ? fd(steps) : fdOf(fd);
    return steps.call('fcntl', source, F_DUPFD_CLOEXEC, fds.length);
  });
  const landlock =
    options.landlock === undefined
      ? undefined
      : steps.call('fcntl', fdOf(options.landlock), F_DUPFD_CLOEXEC, fds.length);
  for (const [number, fd] of moved.entries()) steps.call('dup3', fd, number, 0);
  if (capabilities) addCapabilities(steps, capabilities, credentials, uidOfProgram(options));
  else if (credentials) addCredentials(steps, credentials);
  if (options.noNewPrivs) steps.call('prctl', PR_SET_NO_NEW_PRIVS, 1, 0);
  if (landlock) steps.call('landlockRestrictSelf', landlock, 0);
  bind(steps);
  steps.call('cloexecFrom', fds.length);
  if (options.seccomp) {
    const count = options.seccomp.length / SIZEOF_SOCK_FILTER;
    steps.call('seccompFilter', 0, steps.bytes(options.seccomp), count);
  }
  const variables = Object.entries(env).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${value}`],
  );
  steps.exec(file, [options.argv0 ?? String(file), ...args], variables);
}

/** The user id when the program is executed, in its user namespace; undefined for one that is not mapped. */
function uidOfProgram({ credentials, namespaces = 0, idMaps }: SpawnOptions): number | undefined {
  const own = process.geteuid?.();
  if (credentials?.uid !== undefined && credentials.uid !== UNCHANGED) return credentials.uid;
  if ((namespaces & CLONE_NEWUSER) === 0) return own;
  return inside(idMaps, own);
}

function inside(maps: IdMaps | undefined, outside: number | undefined): number | undefined {
  if (outside === undefined) return undefined;
  const range = maps?.uid.find((each) => outside >= each.outside && outside < each.outside + each.count);
  return range && range.inside + (outside - range.outside);
}

function addCredentials(steps: Steps, { uid = UNCHANGED, gid = UNCHANGED, groups }: Credentials): void {
  for (const id of [uid, gid]) checkInt(id, 'id', UNCHANGED, 0xffff_fffe);
  for (const group of groups ?? []) checkInt(group, 'group', 0, 0xffff_fffe);
  if (groups) {
    const words = new Uint32Array(Math.max(groups.length, 1));
    words.set(groups);
    steps.call('setgroups', steps.bytes(new Uint8Array(words.buffer)), groups.length);
  }
  if (gid !== UNCHANGED) steps.call('setresgid', gid, gid, gid);
  if (uid !== UNCHANGED) steps.call('setresuid', uid, uid, uid);
}

function addCapset(steps: Steps, permitted: CapabilitySet, inheritable: CapabilitySet): Step {
  const words = new Uint32Array(6);
  placeCapabilities(words, 0, { effective: permitted, permitted, inheritable });
  return steps.call('capset', steps.bytes(new Uint8Array(words.buffer)));
}

/**
 * Credentials and capabilities in the one order that works: what is inherited must be in the bounding set when it is
 * made so; the bounding set needs CAP_SETPCAP; a change of the user id needs its capability and clears those that
 * are effective.
 *
 * execve(2) gives user id 0 what is inheritable or bounding, and others what is ambient.
 */
function addCapabilities(
  steps: Steps,
  { keep, bounding = CapabilitySet.none }: ExecCapabilities,
  credentials: Credentials | undefined,
  uid: number | undefined,
): void {
  const needed = CapabilitySet.of(
    ...(bounding === 'unchanged' ? [] : ['CAP_SETPCAP']),
    ...(credentials ? ['CAP_SETUID', 'CAP_SETGID'] : []),
  );
  addCapset(steps, keep.union(needed), keep);
  if (bounding !== 'unchanged') {
    for (const number of allCapabilities().minus(bounding)) steps.call('prctl', PR_CAPBSET_DROP, number, 0);
  }
  if (credentials) {
    steps.call('prctl', PR_SET_KEEPCAPS, 1, 0);
    addCredentials(steps, credentials);
  }
  addCapset(steps, keep, keep);
  if (uid === 0) return;
  for (const number of keep) steps.call('prctl', PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, number);
}
