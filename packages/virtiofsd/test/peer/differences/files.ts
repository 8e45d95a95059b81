import type { Subject } from './difference.js';

export const files: Subject = {
  title: 'Open files and folders',
  differences: [
    {
      title: 'Closing a file takes one request less',
      verdict: 'better',
      text: `A guest that caches pages is told that closing a file needs no FLUSH (the open flag NOFLUSH), where there is nothing
to write back and no lock to give up. With the Rust daemon every close costs a round trip.`,
      seen: [
        { at: '*', field: 'open_flags', rust: '0x0', ours: '0x20' },
        { at: '*', field: 'open_flags', rust: '0x2', ours: '0x22' },
      ],
    },
    {
      title: 'Writes without a cache go on side by side',
      verdict: 'better',
      text: `With \`--cache=never\` and \`--cache=metadata\`, several programs of the guest may write to one file at the same time, to
different places (PARALLEL_DIRECT_WRITES); the Rust daemon has them wait for each other. Closing takes no FLUSH there either.`,
      seen: [{ at: '*', field: 'open_flags', rust: '0x1', ours: '0x61' }],
    },
    {
      title: 'Files that were created for writing can be read with --writeback',
      verdict: 'better',
      text: `A guest that keeps writes back has to read the rest of a page that it writes a part of, even of a file that its program
opened for writing only. The Rust daemon sees to that when a file is opened, but not when it is created: then the read fails (EBADF), and the
guest's program gets an error or loses data.`,
      seen: [
        { at: 'open --writeback*: READ by a handle that was created for writing', rust: 'EBADF', ours: 'ok' },
      ],
    },
    {
      title: 'Direct I/O and reads that are not aligned',
      verdict: 'better',
      text: `With \`--allow-direct-io\`, a file opened with O_DIRECT is read and written past the host's page cache. What the host's
file system cannot do directly, because it is not aligned, is done through the cache: the last page of a file whose size is
odd, above all. With the Rust daemon it fails (EINVAL), and data that was written through a mapping is lost.`,
      seen: [{ at: 'open --allow-direct-io: READ after OPEN DIRECT', rust: 'EINVAL', ours: 'ok' }],
    },
    {
      title: 'Open flags that no guest sends',
      verdict: 'equal',
      text: "O_PATH and O_TMPFILE never reach the daemon in an OPEN or CREATE: the guest's kernel deals with them. The errors are different.",
      seen: [
        { at: 'open*: READ after OPEN PATH', rust: 'EBADF', ours: 'ok' },
        { at: 'open*: OPEN TMPFILE', rust: 'EINVAL', ours: 'ENOTDIR' },
        { at: 'creation: CREATE with O_PATH', rust: 'EINVAL', ours: 'ok' },
      ],
    },
    {
      title: 'Opening as a folder what is none',
      verdict: 'better',
      text: 'It is ENOTDIR, as opendir(3) promises, whatever it is; with the Rust daemon, EBADF for links and special files.',
      seen: [{ at: 'open errors: OPENDIR of *', rust: 'EBADF', ours: 'ENOTDIR' }],
    },
    {
      title: 'Seeking in a folder',
      verdict: 'equal',
      text: 'LSEEK is for files, and Linux sends it for nothing else: EINVAL.',
      seen: [{ at: 'open errors: LSEEK by the handle of a directory', rust: 'ok', ours: 'EINVAL' }],
    },
    {
      title: 'Reading a folder into too little room',
      verdict: 'better',
      text: `If not even one entry fits, the answer is EINVAL, as getdents(2) promises. The Rust daemon answers that the folder ends.
A reply that may be shorter than what was asked for is filled as far as there is room, instead of ENOMEM.`,
      seen: [
        { at: 'listing*: READDIR* bytes', rust: 'ok', ours: 'EINVAL' },
        { at: 'listing*: READDIR into less room than it asks for', rust: 'ENOMEM', ours: 'ok' },
      ],
    },
  ],
};
