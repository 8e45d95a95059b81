import { type CapabilityName, capabilityName, capabilityNumber } from '@vfs/sys';
import type { CapabilityChange } from '../options.js';

const FORM = 'write +NAME to add and -NAME to take away, joined by colons, such as +sys_admin:-chown';

/**
 * Changes of the capabilities, `+sys_admin:-chown`.
 *
 * @throws SyntaxError that says which part is wrong
 */
export function parseModcaps(text: string): CapabilityChange[] {
  return text.split(':').map((part, index) => {
    const where = `part ${index + 1}`;
    if (part === '') throw new SyntaxError(`${where} is empty: ${FORM}`);
    const [sign, name] = [part[0]!, part.slice(1)];
    if (sign !== '+' && sign !== '-') {
      throw new SyntaxError(`${where}, '${part}', begins with neither + nor -: ${FORM}`);
    }
    return { add: sign === '+', capability: nameOf(name, where) };
  });
}

function nameOf(text: string, where: string): CapabilityName {
  try {
    return capabilityName(capabilityNumber(text)) as CapabilityName;
  } catch {
    throw new SyntaxError(
      `${where}: there is no capability '${text}'; capabilities(7) has the names, to be written without CAP_`,
    );
  }
}
