import type { Subject } from './difference.js';

export const xattrs: Subject = {
  title: 'Extended attributes',
  differences: [
    {
      title: 'Names that no attribute has',
      verdict: 'equal',
      text: `An empty name is EINVAL and one of more than 255 bytes ERANGE, whatever the options are. The guest's kernel refuses both before
it asks.`,
      seen: [
        { at: "xattr*: * '' of *", rust: 'E*', ours: 'EINVAL' },
        { at: 'xattr*: * of 256 bytes of *', rust: 'E*', ours: 'ERANGE' },
      ],
    },
    {
      title: 'Which names are kept from the guest without --posix-acl',
      verdict: 'better',
      text: `They are \`system.posix_acl_access\` and \`system.posix_acl_default\`. The Rust daemon compares the wrong way round, and refuses
every name that one of the two begins with, such as \`s\` or \`system.\`, even where \`--xattrmap\` stores it under another name.`,
      seen: [
        { at: "xattr --xattrmap*: * 's*' of *", rust: 'EOPNOTSUPP', ours: '*' },
        { at: "xattr --xattrmap*: LISTXATTR after 's*", field: 'bytes', rust: '*', ours: '*' },
      ],
    },
    {
      title: 'The length of a list of names',
      verdict: 'better',
      text: `It is the length of the list that the guest then gets. The Rust daemon answers the length of the host's list, with the names that
\`--xattrmap\` hides or makes shorter.`,
      seen: [{ at: 'xattr --xattrmap*: LISTXATTR of the length', field: 'size', rust: '*', ours: '*' }],
    },
  ],
};
