import { CHECK } from './check/check-command.js';
import { COMPLETION } from './completion-command.js';
import { MOUNT } from './mount-command.js';
import type { CommandDescription } from './options/command-description.js';
import { REPLAY } from './replay-command.js';
import { TOP } from './top-command.js';

/** What the program can do besides serving a machine. */
export const COMMANDS: readonly CommandDescription<never>[] = [CHECK, MOUNT, TOP, REPLAY, COMPLETION];
