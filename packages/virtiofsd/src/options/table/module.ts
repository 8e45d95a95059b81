import { type OptionEntry, UsageError } from '../entry.js';
import type { GivenShare } from '../given.js';
import { parseText } from '../values.js';

/** A file system of the user's own. */
export const MODULE_ENTRIES: readonly OptionEntry<GivenShare>[] = [
  {
    name: 'module',
    group: 'Share',
    value: 'FILE',
    completes: 'file',
    help: 'serve the file system that a JavaScript module makes, instead of a folder or, with one, as a layer upon it',
    details: [
      'The module exports a function createFileSystem(context), which returns an object with methods of FileSystem of @vfs/fuse-proto, ' +
        'or a promise of it. context.options has what --module-option says, context.inner the shared folder if there is one, ' +
        'context.log the log.',
      'The module runs confined as the daemon is: it can read files of the host until the promise is fulfilled, and has afterwards nothing ' +
        'but the shared folder, or an empty one. Without a shared folder it has no capabilities. A machine cannot move while it is served by a module.',
    ],
    take: (given, text) => {
      given.module = parseText(text, 'give the file of a module');
    },
  },
  {
    name: 'module-option',
    group: 'Share',
    value: 'KEY=VALUE',
    repeatable: true,
    help: 'an option for the module, as it understands it',
    take: (given, text) => {
      parseText(text, 'give KEY=VALUE');
      const at = text.indexOf('=');
      if (at < 1) throw new UsageError('give KEY=VALUE');
      given.moduleOptions = { ...given.moduleOptions, [text.slice(0, at)]: text.slice(at + 1) };
    },
  },
];
