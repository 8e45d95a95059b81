import type { Script } from '../script.js';
import { attributeScripts } from './attributes.js';
import { directoryScripts } from './directories.js';
import { entryScripts } from './entries.js';
import { fileScripts } from './files.js';
import { initScripts } from './init.js';
import { lookupScripts } from './lookup.js';
import { malformedScripts } from './malformed.js';
import { policyScripts } from './policies.js';
import { submountScripts } from './submounts.js';
import { xattrScripts } from './xattrs.js';

/** Everything that is asked of both daemons. */
export const scripts: readonly Script[] = [
  ...initScripts,
  ...lookupScripts,
  ...attributeScripts,
  ...entryScripts,
  ...fileScripts,
  ...directoryScripts,
  ...xattrScripts,
  ...policyScripts,
  ...submountScripts,
  ...malformedScripts,
];
