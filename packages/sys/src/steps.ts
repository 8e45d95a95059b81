import { raw } from './binding.js';
import { MS_BIND, MS_REC } from './constants/mount.js';
import { MappedMemory } from './memory.js';
import type { Raw } from './raw.js';
import { type PathLike, pathText } from './scratch.js';
import {
  ExecStep,
  kernelName,
  MAX_ARGS,
  OP_BIND,
  OP_CALL,
  OP_EXIT,
  OP_FORK,
  OP_REAP,
  OP_REPORT,
  OP_WAIT,
  STEP_WORDS,
  Step,
  type StepArgument,
  StepBytes,
  terminated,
  writeStep,
} from './step.js';
import { checkInt } from './u64.js';

/** The position of a call in the addon's table is that of its function. */
const positions = new Map(Object.keys(raw).map((name, position) => [name, position]));

/** A plan that is laid out in memory. */
export interface BuiltPlan extends Disposable {
  readonly memory: MappedMemory;
  readonly steps: readonly Step[];
}

/**
 * What a child does before it executes its program (`spawn`). Each method adds one system call; a descriptor is a
 * number of this process or the step that opens it. When a call fails the child ends, and `spawn` throws, unless the
 * step tolerates it.
 */
export class Steps {
  readonly #steps: Step[] = [];

  /**
   * Adds any call of the raw tier; a place in its arguments is a {@link StepBytes}.
   * @throws RangeError for a call that does not exist
   */
  call(name: keyof Raw, ...args: readonly StepArgument[]): Step {
    return this.#call(name, args);
  }

  /** Bytes for {@link call}, to be read or to be written by it. */
  bytes(bytes: Uint8Array): StepBytes {
    return new StepBytes(Uint8Array.from(bytes));
  }

  /** A path or other text for {@link call}. @throws TypeError when it contains a NUL or is not well-formed */
  text(text: PathLike): StepBytes {
    return new StepBytes(terminated(text));
  }

  /** mount(2). Source, fstype and data may be undefined. */
  mount(source: PathLike | undefined, target: PathLike, fstype?: string, flags = 0, data?: string): Step {
    const place = (text?: PathLike): readonly StepArgument[] =>
      text === undefined ? [0, 0] : [this.text(text)];
    checkInt(flags, 'flags', 0, 0xffff_ffff);
    const args = [...place(source), this.text(target), ...place(fstype), flags, ...place(data)];
    return this.#call('mount', args, target);
  }

  /** mount(2) with MS_BIND, and MS_REC unless told otherwise. */
  bindMount(source: PathLike, target: PathLike, recursive = true): Step {
    return this.mount(source, target, undefined, MS_BIND | (recursive ? MS_REC : 0));
  }

  /** umount2(2) */
  umount2(target: PathLike, flags = 0): Step {
    return this.#call('umount2', [this.text(target), flags], target);
  }

  /** open_tree(2): a descriptor. */
  openTree(dir: number | Step, path: PathLike, flags: number): Step {
    return this.#call('openTree', [dir, this.text(path), flags], path);
  }

  /** move_mount(2) */
  moveMount(
    from: number | Step,
    fromPath: PathLike,
    to: number | Step,
    toPath: PathLike,
    flags: number,
  ): Step {
    return this.#call('moveMount', [from, this.text(fromPath), to, this.text(toPath), flags], toPath);
  }

  /** openat(2): a descriptor. */
  openat(dir: number | Step, path: PathLike, flags: number, mode = 0): Step {
    return this.#call('openat', [dir, this.text(path), flags, mode], path);
  }

  /** mkdirat(2) */
  mkdirat(dir: number | Step, path: PathLike, mode: number): Step {
    return this.#call('mkdirat', [dir, this.text(path), mode], path);
  }

  /** close(2) */
  close(fd: number | Step): Step {
    return this.#call('close', [fd]);
  }

  /** fchdir(2) */
  fchdir(fd: number | Step): Step {
    return this.#call('fchdir', [fd]);
  }

  /** chdir(2) */
  chdir(path: PathLike): Step {
    return this.#call('chdir', [this.text(path)], path);
  }

  /** chroot(2) */
  chroot(path: PathLike): Step {
    return this.#call('chroot', [this.text(path)], path);
  }

  /** pivot_root(2) */
  pivotRoot(newRoot: PathLike, putOld: PathLike): Step {
    return this.#call('pivotRoot', [this.text(newRoot), this.text(putOld)], newRoot);
  }

  /** @internal A child with steps of its own; the result is its pid. @param flags - CLONE_FS, CLONE_PARENT */
  fork(child: Steps, flags = 0): Step {
    return this.#add(new Step(OP_FORK, flags === 0 ? 'fork' : 'clone', [flags], 0, undefined, child));
  }

  /** @internal execve(2) */
  exec(file: PathLike, args: readonly string[], env: readonly string[]): Step {
    const table = (strings: readonly string[]): StepBytes[] =>
      strings.map((each) => new StepBytes(terminated(each)));
    const step = new ExecStep(new StepBytes(terminated(file)), table(args), table(env), pathText(file));
    return this.#add(step);
  }

  /** @internal Waits for a byte; goes on as {@link reap} when the process that `pidfd` names ends first. */
  wait(fd: number, pidfd: number | Step = -1, pid: number | Step = -1): Step {
    return this.#add(new Step(OP_WAIT, 'read', [fd, pidfd, pid]));
  }

  /** @internal Tells the parent that this point is reached. */
  report(value: number | Step = 0): Step {
    return this.#add(new Step(OP_REPORT, 'write', [value]));
  }

  /** @internal Waits for a child, passes signals on, and ends as it ended. */
  reap(pid: Step): Step {
    return this.#add(new Step(OP_REAP, 'wait4', [pid]));
  }

  /** @internal Ends the process, with status 0. */
  exit(): Step {
    return this.#add(new Step(OP_EXIT, 'exit', [0]));
  }

  /** @internal prctl(2) PR_SET_PDEATHSIG, and ESRCH when the parent has ended already. */
  bind(signal: number): Step {
    return this.#add(new Step(OP_BIND, 'prctl', [signal]));
  }

  #call(name: string, args: readonly StepArgument[], path?: PathLike): Step {
    const call = positions.get(name);
    if (call === undefined) throw new RangeError(`there is no raw call '${name}'`);
    for (const arg of args)
      if (typeof arg === 'number') checkInt(arg, `${name}: an argument`, -0x8000_0000, 0xffff_ffff);
    const words = args.reduce<number>((sum, arg) => sum + (arg instanceof StepBytes ? 2 : 1), 0);
    checkInt(words, `${name}: the number of arguments`, 0, MAX_ARGS);
    return this.#add(
      new Step(OP_CALL, kernelName(name), args, call, path === undefined ? undefined : pathText(path)),
    );
  }

  #add(step: Step): Step {
    this.#steps.push(step);
    return step;
  }

  /** @internal Where these steps begin in a plan that is built. */
  get start(): number {
    return this.#steps[0]!.index;
  }

  /** The steps in the order of the plan: children behind their parents. */
  #flatten(): Step[] {
    return [...this.#steps, ...this.#steps.flatMap((step) => (step.child ? step.child.#flatten() : []))];
  }

  /** @internal Lays the plan out in memory of its own. @throws RangeError for a step that refers to a later one */
  build(): BuiltPlan {
    const steps = this.#flatten();
    for (const [index, step] of steps.entries()) step.index = index;
    const places = steps.flatMap((step) => [
      ...step.args.filter((arg) => arg instanceof StepBytes),
      ...(step instanceof ExecStep ? step.strings() : []),
    ]);
    let end = steps.length * STEP_WORDS * 4;
    for (const place of places) {
      place.offset = end = (end + 7) & ~7;
      end += place.bytes.length;
    }
    const memory = MappedMemory.anonymous(Math.max(end, 1));
    try {
      const window = memory.windows[0]!;
      for (const place of places) window.u8.set(place.bytes, place.offset);
      for (const step of steps) {
        if (step instanceof ExecStep) step.fillTables(window.u32);
        writeStep(window.i32.subarray(step.index * STEP_WORDS), step, steps, window.id);
      }
    } catch (error) {
      memory.unmap();
      throw error;
    }
    return { memory, steps, [Symbol.dispose]: () => memory.unmap() };
  }
}
