// @ts-check
import { arrow, box, picture, step, words } from './svg.mjs';

/** Who takes part, and the way of a request: docs/architecture.svg. */
export function architecture() {
  return picture(
    960,
    610,
    'A program in a guest reads a file. The guest’s kernel puts a request into memory that the daemon maps, too. In the daemon the ' +
      'request passes vhost-user, fuse-proto and the shared folder’s file system, which makes a system call: the host’s kernel moves the ' +
      'data between the file and the guest’s memory. QEMU only sets this up.',
    [
      // The guest.
      box(24, 24, 330, 382, { kind: 'outside', head: 'Virtual machine (guest)' }),
      box(44, 64, 290, 58, { kind: 'machine', head: 'Programs', lines: ['open, read, write, … on /mnt'] }),
      box(44, 174, 290, 76, {
        kind: 'machine',
        head: 'Linux: virtiofs',
        lines: ['page cache, permissions;', 'what it does not know, it asks by FUSE'],
      }),
      box(44, 302, 290, 84, {
        kind: 'machine',
        head: 'Guest memory',
        lines: ['rings (virtqueues): requests and replies', 'pages: the content of files'],
      }),
      arrow(
        [
          [110, 122],
          [110, 174],
        ],
        'call',
      ),
      words(122, 152, 'system call', 'small'),
      arrow(
        [
          [110, 250],
          [110, 302],
        ],
        'call',
      ),
      step(92, 276, 1),
      words(122, 280, 'a request on a ring', 'small'),

      // The VMM.
      box(410, 24, 526, 74, {
        kind: 'outside',
        head: 'QEMU, or another virtual machine monitor',
        lines: [
          'connects to the daemon’s socket, and passes it the guest’s memory',
          'and the eventfds of its rings; no request goes through it',
        ],
      }),
      arrow(
        [
          [860, 98],
          [860, 128],
        ],
        'set-up',
        'both',
      ),
      words(700, 117, 'vhost-user, set-up only', 'small'),

      // The daemon.
      box(410, 128, 526, 376, { kind: 'daemon', head: 'virtiofsd' }),
      box(720, 160, 196, 92, {
        kind: 'package',
        head: 'outer process',
        lines: ['socket, pid file, signals;', 'starts and ends the worker'],
      }),
      box(430, 160, 270, 324, { kind: 'outside', head: 'worker: confined' }),
      box(446, 196, 238, 56, { kind: 'package', head: '@vfs/vhost-user', lines: ['rings, guest memory'] }),
      box(446, 280, 238, 56, {
        kind: 'package',
        head: '@vfs/fuse-proto',
        lines: ['Session: checks, decodes, replies'],
      }),
      box(446, 364, 238, 104, {
        kind: 'package',
        head: '@vfs/virtiofsd',
        lines: ['PassthroughFileSystem: names,', 'handles, policies'],
      }),
      box(462, 432, 206, 28, { kind: 'package', lines: [] }),
      words(474, 451, '@vfs/sys: system calls (C++)', 'small'),
      arrow(
        [
          [565, 252],
          [565, 280],
        ],
        'call',
        'both',
      ),
      arrow(
        [
          [565, 336],
          [565, 364],
        ],
        'call',
        'both',
      ),
      step(584, 350, 3),
      words(600, 354, 'read(…)', 'small'),
      words(720, 290, 'The worker’s root directory is', 'small'),
      words(720, 307, 'the shared folder. No other', 'small'),
      words(720, 324, 'mounts, no network, few', 'small'),
      words(720, 341, 'capabilities, and a filter of', 'small'),
      words(720, 358, 'system calls.', 'small'),

      // Between guest and worker.
      arrow(
        [
          [334, 322],
          [384, 322],
          [384, 224],
          [446, 224],
        ],
        'call',
        'both',
      ),
      step(384, 272, 2),
      words(362, 184, 'kick,', 'small'),
      words(362, 200, 'call', 'small'),

      // The host's kernel and the folder.
      box(24, 528, 912, 60, {
        kind: 'store',
        head: 'Linux of the host: the shared folder',
        lines: ['page cache, file systems, disks'],
      }),
      arrow(
        [
          [565, 460],
          [565, 528],
        ],
        'call',
        'both',
      ),
      step(584, 512, 4),
      words(600, 516, 'preadv2(…)', 'small'),
      arrow(
        [
          [189, 524],
          [189, 391],
        ],
        'data',
        'both',
      ),
      step(166, 462, 5),
      words(206, 458, 'data: straight between file', 'small'),
      words(206, 475, 'and guest memory', 'small'),
    ],
  );
}
