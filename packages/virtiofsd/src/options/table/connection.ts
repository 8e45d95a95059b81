import { TAG_SIZE } from '../../device.js';
import type { OptionEntry } from '../entry.js';
import type { Given } from '../given.js';
import { parseShortText, parseText, parseWhole } from '../values.js';

/** What is shared, and how a machine comes to it. */
export const CONNECTION_ENTRIES: readonly OptionEntry<Given>[] = [
  {
    name: 'shared-dir',
    group: 'Share',
    value: 'DIR',
    completes: 'directory',
    help: 'the folder of the host to share (required, unless --module serves something else)',
    take: (given, text) => {
      given.sharedDir = parseText(text, 'give the folder to share');
    },
  },
  {
    name: 'tag',
    group: 'Share',
    value: 'TAG',
    help: `the name under which the guest mounts the share (1 to ${TAG_SIZE} bytes); without it, the VMM gives the tag`,
    take: (given, text) => {
      given.tag = parseShortText(text, TAG_SIZE);
    },
  },
  {
    name: 'socket-path',
    group: 'Connection',
    value: 'SOCK',
    completes: 'file',
    help: 'where to create the vhost-user socket that the virtual machine connects to',
    details: ['Beside it is SOCK.pid, which names the process and is locked by it.'],
    take: (given, text) => {
      given.socketPath = parseText(text, 'give the path of the socket to create');
    },
  },
  {
    name: 'socket-group',
    group: 'Connection',
    value: 'GROUP',
    completes: 'group',
    help: 'whose members may connect to the socket too',
    take: (given, text) => {
      given.socketGroup = parseText(text, 'give the name of a group');
    },
  },
  {
    name: 'fd',
    group: 'Connection',
    value: 'FD',
    help: 'a descriptor of a Unix socket that listens already, instead of --socket-path',
    take: (given, text) => {
      given.fd = parseWhole(text, 0, 0x7fff_ffff);
    },
  },
  {
    name: 'keep-alive',
    group: 'Connection',
    help: 'wait for the next connection when the machine disconnects, instead of ending',
    take: (given) => {
      given.keepAlive = true;
    },
  },
];
