import type { Subject } from './difference.js';

export const malformed: Subject = {
  title: 'Requests that are not well formed',
  differences: [
    {
      title: 'No request ends the daemon',
      verdict: 'better',
      text: `A request that is too short, has a name without an end, a size that does not fit, a block of extensions that cannot be
right, or too little room for its reply is answered EINVAL, or not at all if there is no room to answer in; the session
goes on. The Rust daemon ends at once: whoever controls the guest's kernel can end it, and all its users lose the share.`,
      seen: [
        { at: 'malformed: *', rust: 'the daemon ends', ours: 'EINVAL' },
        { at: 'malformed: *', rust: 'the daemon ends', ours: 'no reply' },
        { at: 'versions: the short form with INIT_EXT', rust: 'the daemon ends', ours: 'EINVAL' },
      ],
    },
    {
      title: 'No request ends the service of a queue',
      verdict: 'better',
      text: `An offset beyond 2^63 in READ or WRITE is EINVAL. In the Rust daemon the thread that serves the queue ends, with a panic in
its log: neither this request nor any later one of that queue is ever answered, and who waits for one hangs. With RUST_BACKTRACE set the
whole daemon ends.`,
      seen: [
        { at: 'malformed: READ at 2^63', rust: 'no answer', ours: 'EINVAL' },
        { at: 'malformed WRITE: WRITE at 2^63', rust: 'no answer', ours: 'EINVAL' },
      ],
    },
    {
      title: 'A short reply to INIT',
      verdict: 'equal',
      text: 'A guest with room for the short form of the reply only, which kernels before Linux 3.15 had, gets that.',
      seen: [{ at: 'malformed: INIT with room for half the reply', rust: 'the daemon ends', ours: 'ok' }],
    },
    {
      title: 'The length in the header is checked',
      verdict: 'better',
      text: 'A request whose header gives another length than it has is EINVAL. The Rust daemon reads as much as it needs.',
      seen: [
        { at: 'malformed: a length *', rust: 'ok', ours: 'EINVAL' },
        { at: 'malformed: WRITE of fewer bytes than it says', rust: 'EBADF', ours: 'EINVAL' },
      ],
    },
    {
      title: 'What has no reply gets none',
      verdict: 'equal',
      text: 'Neither a BATCH_FORGET that is too large nor a NOTIFY_REPLY to nothing is answered: the protocol has no reply for them.',
      seen: [
        { at: 'other requests: NOTIFY_REPLY', rust: 'ENOSYS', ours: 'no reply' },
        { at: 'malformed: BATCH_FORGET of 2^20', rust: 'ENOMEM', ours: 'no reply' },
      ],
    },
  ],
};
