import type { Subject } from './difference.js';

export const policies: Subject = {
  title: 'Read-only shares and translated ids',
  differences: [
    {
      title: 'What a read-only share refuses',
      verdict: 'better',
      text: `Opening for reading is allowed whatever other flags come with it, as on a file system that is mounted read-only; truncating
is EROFS; and creating exclusively what exists is EEXIST. The Rust daemon answers EROFS to O_EXCL and EINVAL to O_TRUNC.`,
      seen: [
        { at: 'read-only: OPEN 0200', rust: 'EROFS', ours: 'ok' },
        { at: 'read-only: OPEN 01000', rust: 'EINVAL', ours: 'EROFS' },
        { at: 'read-only: CREATE with O_EXCL over an entry', rust: 'EROFS', ours: 'EEXIST' },
      ],
    },
    {
      title: 'Forbidden ids',
      verdict: 'better',
      text: 'A request that would give a file to an id that `forbid-guest` forbids is EPERM. With the Rust daemon it is EIO, as if the disk were broken.',
      seen: [{ at: 'translated *forbid-guest*', rust: 'EIO', ours: 'EPERM' }],
    },
    {
      title: 'The owner of the entries . and ..',
      verdict: 'equal',
      text: 'It is translated in READDIRPLUS as everywhere else, though the guest takes nothing but the type from these two.',
      seen: [
        { at: 'translated *squash-host*: READDIRPLUS*', field: '..uid', rust: '0', ours: '5' },
        { at: 'translated *squash-host*: READDIRPLUS*', field: '..gid', rust: '0', ours: '5' },
        { at: 'translated *squash-host*: READDIRPLUS*', field: '...uid', rust: '0', ours: '5' },
        { at: 'translated *squash-host*: READDIRPLUS*', field: '...gid', rust: '0', ours: '5' },
      ],
    },
    {
      title: 'ACCESS with translated ids',
      verdict: 'equal',
      text: `Permissions are checked with the ids of the host, for the user that the guest's becomes there; the Rust daemon compares the
ids that the guest sees. Linux guests do not ask: their kernel checks permissions itself, by what it sees.`,
      seen: [{ at: 'translated *: ACCESS of *', rust: '*', ours: '*' }],
    },
  ],
};
