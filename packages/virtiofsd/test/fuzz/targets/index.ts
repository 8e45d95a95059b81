import type { Target } from '../engine/target.js';
import { BACKEND } from './backend.js';
import { COMMAND_LINE } from './command-line.js';
import { FRONTEND } from './frontend.js';
import { ID_TRANSLATION, OPTION_VALUES, XATTR_MAP } from './grammars.js';
import { MEMORY_FILE_SYSTEM } from './memory-file-system.js';
import { MIGRATION_STATE } from './migration-state.js';
import { PASSTHROUGH } from './passthrough.js';
import { PACKED_QUEUE, SPLIT_QUEUE } from './queue.js';

export const TARGETS: readonly Target[] = [
  PASSTHROUGH,
  MEMORY_FILE_SYSTEM,
  SPLIT_QUEUE,
  PACKED_QUEUE,
  BACKEND,
  FRONTEND,
  COMMAND_LINE,
  XATTR_MAP,
  ID_TRANSLATION,
  OPTION_VALUES,
  MIGRATION_STATE,
];

/** @throws Error that says which there are */
export function targetNamed(name: string): Target {
  const target = TARGETS.find((each) => each.name === name);
  if (target === undefined) {
    throw new Error(`there is no target '${name}': use ${TARGETS.map((each) => each.name).join(', ')}`);
  }
  return target;
}
