import type { Choices } from '../engine/choices.js';
import type { Body, Seen, Target } from '../engine/target.js';
import { HostileDriver } from './hostile-driver.js';
import { QueueMemory } from './queue-memory.js';

export const SPLIT_QUEUE: Target = target('split-queue', false);
export const PACKED_QUEUE: Target = target('packed-queue', true);

function target(name: string, packed: boolean): Target {
  return {
    name,
    promise:
      'whatever lies in a ring, and however it changes meanwhile, a queue hands out chains within guest memory, or says what is wrong with the ring',
    short: 1000,
    steps: 100,
    start: () => new Queues(packed),
  };
}

class Queues implements Body {
  readonly #packed: boolean;
  readonly #memory = new QueueMemory();

  constructor(packed: boolean) {
    this.#packed = packed;
  }

  run(choices: Choices, seen: Seen): void {
    this.#memory.clear();
    const driver = new HostileDriver(this.#memory, this.#packed, choices, seen);
    const load = Atomics.load;
    try {
      driver.interfere(load);
      driver.run();
    } finally {
      Atomics.load = load;
    }
  }

  [Symbol.dispose](): void {
    this.#memory[Symbol.dispose]();
  }
}
