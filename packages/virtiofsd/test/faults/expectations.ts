/** What becomes of a failed system call, where that is anything but its errno as the reply. */

/** An exception from the rule that the guest is told the errno. */
export interface Exception {
  /** Module below src/passthrough and call; `*`: any call of the module. */
  readonly call: string;
  /** '' for success, or the name of the errno that the guest is told. */
  readonly outcome: string;
  /** Only for these. */
  readonly errnos?: readonly string[];
  /** Only where all descriptors are in use. */
  readonly tight?: boolean;
  /** Only in requests whose name begins so. */
  readonly requests?: readonly string[];
  readonly why: string;
}

const NO_DESCRIPTOR = ['EMFILE', 'ENFILE'];
const CREATIONS = ['CREATE', 'MKDIR', 'MKNOD', 'SYMLINK', 'LINK', 'TMPFILE'];
const REOPENED = 'others are closed, and the call is made again';
const LOOKED_UP_AGAIN = 'it has been made by then, and is looked up once more';
const LISTED_WITHOUT = 'the entry is listed without a node: the guest looks it up when it wants it';
const CLOSED = 'Linux releases the descriptor whatever it says; what a close may report, FLUSH does';

export const EXCEPTIONS: readonly Exception[] = [
  { call: 'descriptor-room.ts close', outcome: '', why: CLOSED },
  { call: 'node-descriptors.ts close', outcome: '', why: CLOSED },
  { call: 'mounts.ts close', outcome: '', why: CLOSED },
  { call: 'attribute-changes.ts close', outcome: '', why: CLOSED },
  { call: 'offload.ts close', outcome: '', requests: ['RELEASE'], why: CLOSED },
  {
    call: 'storage.ts fstatfs',
    outcome: '',
    why: 'what is not known is taken for something that may wait, and done on another thread',
  },
  {
    call: 'attribute-changes.ts statxFd',
    outcome: '',
    requests: ['SETATTR'],
    why: 'the size only decides whether the change is worth another thread; that of the reply is told',
  },
  {
    call: 'kill-privileges.ts statxFd',
    outcome: '',
    why: 'a file of which that is not known is changed as if it had set-id bits',
  },
  {
    call: 'kill-privileges.ts capset',
    outcome: '',
    why: 'the way back to the own capabilities is tried again',
  },
  { call: 'credentials.ts setresuid', outcome: '', why: 'the way back to the own user is tried again' },
  { call: 'credentials.ts setresgid', outcome: '', why: 'likewise' },
  { call: 'credentials.ts setgroups', outcome: '', why: 'likewise' },
  { call: 'credentials.ts capget', outcome: '', why: 'likewise' },
  { call: 'credentials.ts capset', outcome: '', why: 'likewise' },
  {
    call: 'creation.ts statxFd',
    outcome: '',
    why: 'the directory’s group is only a guess at what lets the user in: the next thing is tried',
  },
  {
    call: 'direct-io.ts fcntl',
    outcome: '',
    why: 'where O_DIRECT cannot be set again, the file is used through the cache',
  },
  { call: 'nodes.ts *', outcome: '', requests: CREATIONS, why: LOOKED_UP_AGAIN },
  { call: 'way-back.ts nameToHandleAt', outcome: '', requests: CREATIONS, why: LOOKED_UP_AGAIN },
  { call: 'reopen.ts openat', outcome: '', requests: ['CREATE', 'TMPFILE'], why: LOOKED_UP_AGAIN },
  { call: 'nodes.ts *', outcome: '', requests: ['READDIRPLUS'], why: LISTED_WITHOUT },
  { call: 'way-back.ts *', outcome: '', requests: ['READDIRPLUS'], why: LISTED_WITHOUT },
  {
    call: 'directory-stream.ts getdents64',
    outcome: '',
    why: 'what has been read is given first; the error comes with the next request, if it is still there',
  },
  {
    call: 'nodes.ts statx',
    outcome: '',
    requests: ['RENAME'],
    why: 'the file has its new name; a node that does not know it is found again by the next lookup',
  },
  { call: 'nodes.ts openat', outcome: '', errnos: NO_DESCRIPTOR, why: REOPENED },
  { call: 'reopen.ts openat', outcome: '', errnos: NO_DESCRIPTOR, why: REOPENED },
  { call: 'file-creation.ts openat', outcome: '', errnos: NO_DESCRIPTOR, why: REOPENED },
  { call: 'opening.ts dup', outcome: '', errnos: NO_DESCRIPTOR, why: REOPENED },
  { call: 'locks/file-locks.ts dup', outcome: '', errnos: NO_DESCRIPTOR, why: REOPENED },
  {
    call: 'locks/file-locks.ts dup',
    outcome: 'ENOLCK',
    why: 'a lock needs a descriptor: without, there are no locks to be had',
  },
  {
    call: 'reopen.ts openat',
    outcome: '',
    requests: ['SETLK'],
    why: 'the handle that the guest has is shared instead of opening the file once more',
  },
  {
    call: 'locks/host-locks.ts fcntlLock',
    outcome: 'ENOLCK',
    requests: ['SETLK by a handle'],
    why: 'the locks cannot be moved to a descriptor that can do more, and stay where they are',
  },
  {
    call: 'locks/host-locks.ts fcntlLock',
    outcome: '',
    requests: ['FLUSH', 'RELEASE'],
    why: 'the process is gone, and its locks with it: giving them up on the host is tried again',
  },
  {
    call: 'locks/flocks.ts flock',
    outcome: '',
    requests: ['RELEASE'],
    why: 'the lock goes with the descriptor, which is closed next',
  },
  {
    call: 'xattr-calls.ts fchdir',
    outcome: '',
    why: 'nothing depends on the working directory: the next such call goes back there',
  },
  {
    call: 'way-back.ts *',
    outcome: '',
    errnos: ['ESTALE'],
    requests: ['UNLINK', 'RMDIR', 'RENAME'],
    why: 'the file that the guest knew by that name is gone: nothing has to be kept of it',
  },
  {
    call: '*',
    outcome: 'EOPNOTSUPP',
    errnos: ['ESTALE'],
    requests: ['LOOKUP of a mount'],
    why: 'a handle that does not lead to its file says that the mount has none that can be used',
  },
  {
    call: 'way-back.ts *',
    outcome: '',
    tight: true,
    why: 'a descriptor that was to be closed stays open, and another one is closed',
  },
  {
    call: 'way-back.ts *',
    outcome: 'ENFILE',
    tight: true,
    why: 'a descriptor that was to be closed stays open, and there is no other',
  },
  {
    call: 'way-back.ts *',
    outcome: 'ENOLCK',
    tight: true,
    requests: ['SETLK'],
    why: 'likewise, and without a descriptor there are no locks to be had',
  },
];

/** The exception that a call falls under; undefined if there is none. */
export function exceptionFor(
  tight: boolean,
  site: string,
  name: string,
  errno: string,
  request: string,
  outcome: string,
): Exception | undefined {
  const [module, any] = [`${site} ${name}`, `${site} *`];
  return EXCEPTIONS.find(
    (each) =>
      (each.call === module || each.call === any || each.call === '*') &&
      (tight || !each.tight) &&
      each.outcome === outcome &&
      (each.errnos?.includes(errno) ?? true) &&
      (each.requests?.some((start) => request.startsWith(start)) ?? true),
  );
}
