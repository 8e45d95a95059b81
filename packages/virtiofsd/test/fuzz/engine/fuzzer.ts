import { setImmediate } from 'node:timers/promises';
import type { Coverage } from './coverage.js';
import { minimize } from './minimize.js';
import { fresh, mutate } from './mutate.js';
import { kindOf, Runner } from './runner.js';
import { Random } from './source.js';
import type { Target } from './target.js';

/** Most inputs between two looks at the coverage. */
const MOST_BETWEEN_LOOKS = 512;
const INPUTS_PER_TURN = 256;

export interface FuzzOptions {
  readonly target: Target;
  /** The same seed, inputs and version of everything make the same run, as far as the target depends on nothing else. */
  readonly seed: number;
  /** Inputs that were found worth keeping before. */
  readonly kept?: readonly Uint8Array[];
  /** Without it, only what targets report themselves tells which inputs to keep. */
  readonly coverage?: Coverage;
  /** Asked before each new input. */
  readonly goOn: (progress: Progress) => boolean;
  /** Called before each run with what is run: so that it is known even if the process does not survive it. */
  readonly about?: (input: Uint8Array) => void;
}

export interface Progress {
  /** Inputs run, those kept from before included. */
  readonly executions: number;
  /** Inputs kept: each did something that those before it did not. */
  readonly kept: readonly Uint8Array[];
  readonly features: number;
  readonly blocks: number;
}

/** An input that breaks the promise of a target. */
export interface Failure {
  readonly error: unknown;
  /** As small as it could be made. */
  readonly input: Uint8Array;
  /** Whether it fails by itself, or only after what was run before it. */
  readonly reproducible: boolean;
}

export interface FuzzResult extends Progress {
  readonly failure?: Failure;
}

/** Fuzzes a target until it fails or `goOn` says that it is enough. */
export async function fuzz(options: FuzzOptions): Promise<FuzzResult> {
  using runner = new Runner(options.target);
  return await new Fuzzer(options, runner).run();
}

class Fuzzer {
  readonly #options: FuzzOptions;
  readonly #runner: Runner;
  readonly #random: Random;
  readonly #kept: Uint8Array[] = [];
  #executions = 0;
  /** Run since the last look at the coverage, and not kept for another reason. */
  #unlooked: Uint8Array[] = [];
  #betweenLooks = 1;

  constructor(options: FuzzOptions, runner: Runner) {
    this.#options = options;
    this.#runner = runner;
    this.#random = new Random(options.seed);
  }

  async run(): Promise<FuzzResult> {
    const { kept = [], goOn } = this.#options;
    // Small ones first, so that of two inputs that do the same the smaller one is kept.
    for (const input of [...kept].sort((a, b) => a.length - b.length)) {
      const failure = await this.#try(input);
      if (failure) return { ...this.#progress(), failure };
    }
    for (let made = 1; goOn(this.#progress()); made++) {
      // For signals: most targets wait for nothing.
      if (made % INPUTS_PER_TURN === 0) await setImmediate();
      const failure = await this.#try(this.#make());
      if (failure) return { ...this.#progress(), failure };
    }
    await this.#look();
    return this.#progress();
  }

  #progress(): Progress {
    return {
      executions: this.#executions,
      kept: this.#kept,
      features: this.#runner.features,
      blocks: this.#options.coverage?.blocks ?? 0,
    };
  }

  #make(): Uint8Array {
    const random = this.#random;
    const { steps } = this.#options.target;
    const kept = this.#kept;
    if (kept.length === 0 || random.below(16) === 0) return fresh(random, steps);
    // What was found last is most likely not yet exhausted.
    const recent = kept.length - 1 - random.below(Math.min(kept.length, 16));
    const base = kept[random.oneIn(2) ? recent : random.below(kept.length)]!;
    return mutate(random, base, random.pick(kept), steps);
  }

  async #try(input: Uint8Array): Promise<Failure | undefined> {
    const { error, found } = await this.#run(input);
    if (error !== undefined) return await this.#reduce(input, error);
    if (found.length > 0) this.#kept.push(input);
    else this.#unlooked.push(input);
    if (this.#unlooked.length >= this.#betweenLooks) await this.#look();
    return undefined;
  }

  async #run(input: Uint8Array): ReturnType<Runner['run']> {
    this.#options.about?.(input);
    this.#executions++;
    return await this.#runner.run(input);
  }

  /** Finds which inputs since the last look have reached new blocks, and keeps them. */
  async #look(): Promise<void> {
    const { coverage } = this.#options;
    const inputs = this.#unlooked;
    this.#unlooked = [];
    if (coverage === undefined) return;
    const blocks = coverage.look();
    if (blocks.length === 0) {
      this.#betweenLooks = Math.min(MOST_BETWEEN_LOOKS, this.#betweenLooks * 2);
      return;
    }
    this.#betweenLooks = Math.max(1, this.#betweenLooks >> 1);
    for (const input of inputs.length > 1 ? inputs : []) {
      await this.#run(input);
      const own = coverage.look();
      if (own.length > 0) this.#kept.push(input);
      coverage.learn(own);
    }
    if (inputs.length === 1) this.#kept.push(inputs[0]!);
    coverage.learn(blocks);
  }

  async #reduce(input: Uint8Array, error: unknown): Promise<Failure> {
    const kind = kindOf(error);
    const fails = async (candidate: Uint8Array) => {
      const result = await this.#run(candidate);
      return result.error !== undefined && kindOf(result.error) === kind;
    };
    if (!(await fails(input))) return { error, input, reproducible: false };
    const smallest = await minimize(input, fails);
    const { error: last = error } = await this.#run(smallest);
    return { error: last, input: smallest, reproducible: true };
  }
}
