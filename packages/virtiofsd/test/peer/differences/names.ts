import type { Subject } from './difference.js';

export const names: Subject = {
  title: 'Names and nodes',
  differences: [
    {
      title: 'Names that are no single component are refused',
      verdict: 'better',
      text: `A name that is empty, \`.\` or \`..\`, or that contains a slash is answered EINVAL by every request. The Rust daemon
hands such names to the host's kernel: without a sandbox (\`--sandbox=none\`) a guest can create and remove files outside the
shared folder with a name like \`../x\`. No Linux guest sends such a name by itself; one that was taken over may.`,
      seen: [
        { at: 'names: *', rust: '*', ours: 'EINVAL' },
        { at: 'lookup: LOOKUP * a name *', rust: '*', ours: 'EINVAL' },
      ],
    },
    {
      title: 'A link that was only looked at keeps its access time',
      verdict: 'equal',
      text: 'A name with a slash behind it makes the Rust daemon follow the link of that name, which the host records as a use.',
      seen: [{ at: 'lookup: link', field: 'atime', rust: 'now', ours: '1000000000.000000000' }],
    },
    {
      title: 'Nodes that are not known',
      verdict: 'better',
      text: `A request for a node that was forgotten or never existed is answered ESTALE, not EBADF: to the guest's kernel, ESTALE says
to look the path up once more, where EBADF reaches the program as if its file descriptor were wrong.`,
      seen: [
        { at: '*', rust: 'EBADF', ours: 'ESTALE' },
        { at: 'creation: CREATE* over folder', rust: 'EISDIR', ours: 'ESTALE' },
      ],
    },
    {
      title: 'The shared folder cannot be forgotten',
      verdict: 'better',
      text: `FORGET of node 1 leaves it there, whatever the count. With the Rust daemon every request fails from then on, until the
guest mounts the share again.`,
      seen: [
        { at: 'references: GETATTR of the root after it', rust: 'EBADF', ours: 'ok' },
        { at: 'references: LOOKUP in the root after it', rust: 'EBADF', ours: 'ok' },
      ],
    },
    {
      title: 'The error of reading a link that is none',
      verdict: 'better',
      text: 'READLINK of a file or folder is EINVAL, as readlink(2) promises. The Rust daemon answers ENOENT.',
      seen: [{ at: 'lookup: READLINK of a f*', rust: 'ENOENT', ours: 'EINVAL' }],
    },
    {
      title: 'What lies above the shared folder is not told',
      verdict: 'better',
      text: `The entry \`..\` of the shared folder has the inode number of the folder itself. The Rust daemon tells the number of the
host's folder above it.`,
      seen: [
        { at: '*: READDIR*', field: '*', rust: '.. *', ours: '.. *' },
        { at: '*: READDIR*', field: '...ino', rust: '*', ours: '*' },
      ],
    },
    {
      title: 'Flags of renaming that are not known',
      verdict: 'better',
      text: 'RENAME2 with an unknown flag is EINVAL. The Rust daemon drops the flag and renames.',
      seen: [{ at: 'entries: RENAME2 with an unknown flag', rust: 'ok', ours: 'EINVAL' }],
    },
  ],
};
