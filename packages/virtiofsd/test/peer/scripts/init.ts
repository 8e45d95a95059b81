import { encode, InitIn } from '@vfs/fuse-proto';
import { LINUX_OFFER } from '../guest.js';
import type { Script } from '../script.js';
import { makeTree } from './tree.js';

const ALL = 0xffff_ffff;
const INIT_EXT = 1 << 30;

function initWith(...options: string[]): Script {
  return {
    name: ['init', ...options].join(' '),
    options,
    offer: null,
    async run(guest) {
      await guest.step('all flags offered', (f) => f.init({ flags: ALL, flags2: ALL }));
      await guest.step('GETATTR of the root', (f) => f.getattr(1));
      await guest.step('what Linux 6.12 offers', (f) => f.init(LINUX_OFFER));
      await guest.step('none offered', (f) => f.init({ flags: 0 }));
      await guest.step('GETATTR of the root, none offered', (f) => f.getattr(1));
      await guest.step('the second half without INIT_EXT', (f) =>
        f.init({ flags: ALL & ~INIT_EXT, flags2: ALL }),
      );
      await guest.step('no ACL flags', (f) =>
        f.init({ flags: ALL & ~((1 << 20) | (1 << 6) | (1 << 29)), flags2: ALL }),
      );
      await guest.step('POSIX_ACL without DONT_MASK', (f) => f.init({ flags: ALL & ~(1 << 6), flags2: ALL }));
    },
  };
}

const versions: Script = {
  name: 'versions',
  offer: null,
  prepare: makeTree,
  async run(guest) {
    await guest.step('LOOKUP before INIT', (f) => f.lookup(1, 'file'));
    await guest.step('GETATTR before INIT', (f) => f.getattr(1));
    await guest.step('STATFS before INIT', (f) => f.statfs(1));
    for (const [major, minor] of [
      [6, 40],
      [7, 0],
      [7, 12],
      [7, 26],
      [7, 27],
      [7, 31],
      [7, 38],
      [7, 39],
      [7, 45],
      [8, 0],
    ] as const) {
      await guest.step(`INIT of ${major}.${minor}`, (f) => f.init({ major, minor, ...LINUX_OFFER }));
      await guest.step(`GETATTR after INIT of ${major}.${minor}`, (f) => f.getattr(1));
    }
    await guest.step('max_readahead of 1', (f) => f.init({ ...LINUX_OFFER, max_readahead: 1 }));
    await guest.step('the short form', (f) =>
      f.request(26, 0, [encode(InitIn, { major: 7, minor: 31, flags: 0x3ff_fffb }).subarray(0, 16)]),
    );
    await guest.step('the short form with INIT_EXT', (f) =>
      f.request(26, 0, [encode(InitIn, { major: 7, minor: 38, flags: ALL }).subarray(0, 16)]),
    );
    const { nodeid } = await guest.need('file', async (f) => {
      await f.init(LINUX_OFFER);
      return f.lookup(1, 'file');
    });
    await guest.step('second INIT', (f) => f.init(LINUX_OFFER));
    await guest.step('GETATTR of a node of before', (f) => f.getattr(nodeid));
  },
};

export const initScripts: readonly Script[] = [
  versions,
  initWith(),
  initWith('--writeback'),
  initWith('--killpriv-v2'),
  initWith('--allow-mmap'),
  initWith('--no-readdirplus'),
  initWith('--no-announce-submounts'),
  initWith('--cache=always'),
  initWith('--cache=never'),
  initWith('--cache=metadata'),
  initWith('--xattr'),
  initWith('--posix-acl'),
  initWith('--posix-acl=auto'),
  initWith('--security-label'),
  initWith('--security-label=auto'),
];
