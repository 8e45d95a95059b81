import { attributes } from './attributes.js';
import type { Subject } from './difference.js';
import { files } from './files.js';
import { malformed } from './malformed.js';
import { names } from './names.js';
import { policies } from './policies.js';
import { session } from './session.js';
import { xattrs } from './xattrs.js';

/** Every difference from the Rust daemon that is known, in the order of docs/differences.md. */
export const subjects: readonly Subject[] = [session, names, attributes, files, xattrs, policies, malformed];
