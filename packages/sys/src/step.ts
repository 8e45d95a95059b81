import type { PathLike } from './scratch.js';
import type { Steps } from './steps.js';
import { checkInt } from './u64.js';

/**
 * The steps of a plan for a child between fork(2) and exec(2), where no JavaScript can run: raw calls, which the
 * addon carries out one after the other. Their layout in memory is that of native/calls_spawn.cc.
 */

export const OP_CALL = 0;
export const OP_FORK = 1;
export const OP_EXEC = 2;
export const OP_WAIT = 3;
export const OP_REPORT = 4;
export const OP_REAP = 5;
export const OP_EXIT = 6;
export const OP_BIND = 7;

export const MAX_ARGS = 9;
export const STEP_WORDS = 4 + MAX_ARGS;

/** Bytes that a step reads or writes; as an argument it is a place, so it stands for two. */
export class StepBytes {
  /** @internal */
  offset = 0;

  /** @internal */
  constructor(readonly bytes: Uint8Array) {}
}

/** One step of a plan. As an argument of a later one it stands for its result, such as a descriptor. */
export class Step {
  /** @internal */
  index = -1;
  /** @internal */
  tolerated = 0;

  /** @internal */
  constructor(
    readonly op: number,
    /** What an error says: the system call. */
    readonly name: string,
    readonly args: readonly StepArgument[],
    readonly call = 0,
    /** What an error says: the path. */
    readonly path?: string,
    /** The steps of the child, for a fork. */
    readonly child?: Steps,
  ) {}

  /** Goes on when the call fails with this errno. @param errno - −1 for any. @default -1 */
  tolerate(errno = -1): this {
    this.tolerated = checkInt(errno, 'errno', -1, 4095);
    return this;
  }
}

/** An argument of a step: a number, the result of an earlier step, or a place (which counts as two arguments). */
export type StepArgument = number | Step | StepBytes;

/** System calls that are less than obvious from the names of their raw functions. */
const KERNEL_NAMES: Readonly<Record<string, string>> = {
  bindUnix: 'bind',
  cloexecFrom: 'close_range',
  connectUnix: 'connect',
  dup: 'fcntl',
  faccessat2: 'faccessat2',
  seccompActionAvail: 'seccomp',
  seccompFilter: 'seccomp',
  sendtoUnix: 'sendto',
  statxFd: 'statx',
};

/** What errors call a raw call. */
export function kernelName(name: string): string {
  return KERNEL_NAMES[name] ?? name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** execve(2): its strings, and tables of where they are. */
export class ExecStep extends Step {
  readonly #file: StepBytes;
  readonly #lists: readonly (readonly StepBytes[])[];
  readonly #tables: readonly StepBytes[];

  constructor(file: StepBytes, argv: readonly StepBytes[], env: readonly StepBytes[], path: string) {
    const tables = [argv, env].map((list) => new StepBytes(new Uint8Array(4 * list.length)));
    // A table counts as window and offset; only its offset is wanted, so the arguments are written by fillTables.
    super(OP_EXEC, 'execve', [], 0, path);
    this.#file = file;
    this.#lists = [argv, env];
    this.#tables = tables;
  }

  strings(): StepBytes[] {
    return [this.#file, ...this.#tables, ...this.#lists.flat()];
  }

  fillTables(words: Uint32Array): void {
    for (const [i, list] of this.#lists.entries()) {
      const at = this.#tables[i]!.offset / 4;
      for (const [j, { offset }] of list.entries()) words[at + j] = offset;
    }
  }

  words(window: number): number[] {
    const [argv, env] = this.#lists;
    const [argvTable, envTable] = this.#tables;
    return [window, this.#file.offset, argvTable!.offset, argv!.length, envTable!.offset, env!.length];
  }
}

/** Writes one of the steps of a plan. @throws RangeError when it refers to one that is not before it */
export function writeStep(words: Int32Array, step: Step, steps: readonly Step[], window: number): void {
  const values: number[] = [];
  let references = 0;
  if (step instanceof ExecStep) values.push(...step.words(window));
  else if (step.child) values.push(step.child.start);
  for (const arg of step.args) {
    if (arg instanceof StepBytes) {
      values.push(window, arg.offset);
    } else if (arg instanceof Step) {
      if (steps[arg.index] !== arg || arg.index >= step.index)
        throw new RangeError(`${step.name}: refers to a step that is not before it`);
      references |= 1 << values.length;
      values.push(arg.index);
    } else {
      values.push(arg);
    }
  }
  words.set([step.op, step.call, references, step.tolerated, ...values]);
}

const encoder = new TextEncoder();

/** The bytes of a string with the NUL that ends it. */
export function terminated(text: PathLike): Uint8Array {
  if (typeof text !== 'string' && !(text instanceof Uint8Array))
    throw new TypeError('neither text nor bytes');
  if (typeof text === 'string' && /\p{Surrogate}/u.test(text)) throw new TypeError('text is not well-formed');
  const bytes = typeof text === 'string' ? encoder.encode(text) : text;
  if (bytes.includes(0)) throw new TypeError('text contains a NUL');
  const result = new Uint8Array(bytes.length + 1);
  result.set(bytes);
  return result;
}
