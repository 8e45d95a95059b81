import type { Subject } from './difference.js';

export const attributes: Subject = {
  title: 'Attributes and permissions',
  differences: [
    {
      title: 'STATX and the attributes of chattr',
      verdict: 'better',
      text: `Programs in the guest see the time of birth and the attributes of a file, and \`lsattr\` and \`chattr\` work. The Rust daemon
has neither STATX nor any ioctl. An ioctl that is not on the list of harmless ones is ENOTTY.`,
      seen: [
        { at: 'getattr: STATX', rust: 'ENOSYS', ours: 'ok' },
        { at: 'other requests: IOCTL FS_IOC_GETFLAGS', rust: 'ENOSYS', ours: 'ok' },
        { at: 'other requests: IOCTL TCGETS', rust: 'ENOSYS', ours: 'ENOTTY' },
      ],
    },
    {
      title: 'Owner and mode in one request',
      verdict: 'better',
      text: `Where a request changes owner and mode together, the owner comes first, so that the set-user-ID and set-group-ID bits
of the mode stay. The Rust daemon changes the mode first, and the change of owner takes the bits away again.`,
      seen: [{ at: 'setattr: SETATTR of everything', field: 'mode', rust: '0100755', ours: '0104755' }],
    },
    {
      title: 'The owner 2^32−1',
      verdict: 'better',
      text: "It is nobody's, and refused (EINVAL). The Rust daemon answers that it was set, and has left the owner as it was.",
      seen: [{ at: 'setattr: SETATTR owner 2^32-1', rust: 'ok', ours: 'EINVAL' }],
    },
    {
      title: 'Truncating what is no file',
      verdict: 'better',
      text: 'It is EINVAL, as truncate(2) promises for fifos and the like, not EBADF.',
      seen: [{ at: 'setattr: SETATTR size of a *', rust: 'EBADF', ours: 'EINVAL' }],
    },
    {
      title: 'ACCESS with bits that mean nothing',
      verdict: 'better',
      text: "It is EINVAL, as access(2) promises. The guest's kernel checks permissions itself, and does not send it.",
      seen: [{ at: 'access: ACCESS 8', rust: 'ok', ours: 'EINVAL' }],
    },
    {
      title: 'What a file is when it was created over one that exists',
      verdict: 'better',
      text: `If CREATE finds a file, the reply has its attributes as they are after it was opened, and truncated if that was asked for.
The Rust daemon answers those from before: size, blocks, times and mode are wrong until they are asked for again.`,
      seen: [
        { at: 'creation: CREATE with O_TRUNC over file', field: '*', rust: '*', ours: '*' },
        {
          at: 'kill-priv: CREATE of what is there, with the flag',
          field: 'mode',
          rust: '0106755',
          ours: '0100755',
        },
      ],
    },
    {
      title: 'Creating where only a privilege of the guest allows it',
      verdict: 'better',
      text: `The guest's kernel has checked the permission before it asks, and it knows more than it tells: further groups, ACLs,
and capabilities of the program. Where the host would refuse the guest's user, the new file is made nevertheless, and belongs to
that user. The Rust daemon answers EACCES to guests with Linux 6.3 or newer, for example to a program that has
CAP_DAC_OVERRIDE but is not root's. Devices are root's to create: EPERM.`,
      seen: [
        { at: 'creation: * by *', rust: 'EACCES', ours: 'ok' },
        { at: 'creation: MKNOD of a device by *', rust: 'EACCES', ours: 'EPERM' },
        { at: 'supplementary groups: MKDIR *', rust: 'EACCES', ours: 'ok' },
        { at: 'ACLs *: MKDIR with a umask', rust: 'EACCES', ours: 'ok' },
      ],
    },
    {
      title: 'Files without a name',
      verdict: 'better',
      text: 'O_TMPFILE works in the guest (TMPFILE). The Rust daemon does not have it.',
      seen: [{ at: 'creation: TMPFILE', rust: 'ENOSYS', ours: 'ok' }],
    },
  ],
};
