/** All operations, in one table by opcode. */
import { ATTRIBUTES } from './attributes.js';
import { DIRECTORIES } from './directories.js';
import { FILES } from './files.js';
import { NAMES } from './names.js';
import { Operation, type OperationTable } from './operation.js';
import { SESSION } from './session.js';
import { SPECIAL } from './special.js';

const TABLE: OperationTable = {
  ...SESSION,
  ...NAMES,
  ...ATTRIBUTES,
  ...FILES,
  ...DIRECTORIES,
  ...SPECIAL,
};

/** By opcode; undefined where FUSE has no operation. */
export const operations: readonly (Operation | undefined)[] = Array.from({ length: 64 }, (_, opcode) => {
  const spec = TABLE[opcode];
  return spec && new Operation(opcode, spec);
});

/** The name of an opcode as in FUSE_<name>, or its number where there is none. */
export function opcodeName(opcode: number): string {
  return operations[opcode]?.name ?? String(opcode);
}
