import { checkIdMap, type IdMapping } from '@vfs/sys';
import { UsageError } from './entry.js';

const FORM = "give ':INSIDE:OUTSIDE:COUNT:', such as ':0:100000:65536:'";
const ID = /^\d+$/;

/**
 * A range of ids of a user namespace, `:0:100000:65536:`. In the place of the colons may be any character that is neither a
 * letter nor a digit.
 *
 * @throws UsageError
 */
export function parseIdRange(text: string): IdMapping {
  const delimiter = text.at(-1);
  if (delimiter === undefined) throw new UsageError(`it is empty: ${FORM}`);
  if (/[\p{L}\p{N}]/u.test(delimiter)) throw new UsageError(`it does not end with a delimiter: ${FORM}`);
  if (!text.startsWith(delimiter)) {
    throw new UsageError(`it ends with '${delimiter}' but does not begin with it: ${FORM}`);
  }
  const fields = text.slice(1, -1).split(delimiter);
  if (text.length < 2 || fields.length !== 3) {
    throw new UsageError(`it has ${text.length < 2 ? 0 : fields.length} fields and not 3: ${FORM}`);
  }
  const wrong = fields.findIndex((field) => !ID.test(field));
  if (wrong >= 0) {
    throw new UsageError(`its field ${wrong + 1}, '${fields[wrong]}', is not a whole number: ${FORM}`);
  }
  const [inside, outside, count] = fields.map(Number) as [number, number, number];
  const range = { inside, outside, count };
  try {
    checkIdMap([range]);
  } catch (error) {
    throw new UsageError((error as RangeError).message);
  }
  return range;
}
