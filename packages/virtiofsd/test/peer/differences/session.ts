import type { Subject } from './difference.js';

export const session: Subject = {
  title: 'Starting a session',
  differences: [
    {
      title: 'Symbolic links are cached by the guest',
      verdict: 'better',
      text: `The guest is told that it may keep what a symbolic link says (CACHE_SYMLINKS). A link never changes: another link is
another file. Following a link again then takes no request. With \`--cache=never\` it is not done.`,
      seen: [{ at: '*', field: 'CACHE_SYMLINKS', rust: 'off', ours: 'on' }],
    },
    {
      title: 'Files are truncated on opening only where the bits that grant privileges are safe',
      verdict: 'better',
      text: `When a guest's program opens a file with O_TRUNC, the Rust daemon truncates it as part of opening. The request does
not say who asks if the guest supports id-mapped mounts, so that set-user-ID and set-group-ID bits may survive. This daemon
has such guests truncate in a second request, in which the guest clears the bits itself, unless \`--killpriv-v2\` makes the
one request carry what is needed (ATOMIC_O_TRUNC).`,
      seen: [{ at: '*', field: 'ATOMIC_O_TRUNC', rust: 'on', ours: 'off' }],
    },
    {
      title: 'Ioctls of folders',
      verdict: 'equal',
      text: 'HAS_IOCTL_DIR is not in the reply to INIT: it is a word of the guest to the daemon, and Linux takes no notice of an answer.',
      seen: [{ at: '*', field: 'HAS_IOCTL_DIR', rust: 'on', ours: 'off' }],
    },
    {
      title: 'Mounts that are not announced',
      verdict: 'equal',
      text: 'With `--no-announce-submounts`, SUBMOUNTS is not agreed on, and nothing is marked; with the Rust daemon it is agreed on, and nothing is.',
      seen: [{ at: '* --no-announce-submounts: *', field: 'SUBMOUNTS', rust: 'on', ours: 'off' }],
    },
    {
      title: 'The largest number of pages, for a guest that did not ask',
      verdict: 'equal',
      text: 'A guest that does not offer MAX_PAGES ignores the field, which is 0 here and 256 with the Rust daemon.',
      seen: [{ at: 'init*: none offered', field: 'max_pages', rust: '256', ours: '0' }],
    },
    {
      title: 'A session that could not start has no files',
      verdict: 'better',
      text: `If the guest's kernel lacks what \`--posix-acl=always\` or \`--security-label=always\` asks for, INIT fails, and so
does the mount. The Rust daemon then serves the shared folder nevertheless, to a guest that goes on regardless.`,
      seen: [{ at: 'init --*: GETATTR of the root, none offered', rust: 'ok', ours: 'EBADF' }],
    },
    {
      title: 'The end of a session is acknowledged',
      verdict: 'equal',
      text: 'DESTROY gets a reply; the Rust daemon hands the request back without one. Linux waits for neither.',
      seen: [{ at: 'references: DESTROY', rust: 'no reply', ours: 'ok' }],
    },
  ],
};
