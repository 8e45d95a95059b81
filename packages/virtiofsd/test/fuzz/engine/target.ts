import type { Choices } from './choices.js';

/** Reports something that happened, by a short name: an input with which something new happens is kept. */
export type Seen = (feature: string) => void;

/** What is fuzzed, ready for one input after the other. */
export interface Body extends Disposable {
  /** Does what an input says. Throws when a promise was broken; what it leaves behind must not matter to the next input. */
  run(choices: Choices, seen: Seen): void | Promise<void>;
}

/** A fuzz target: a promise, and a way to try and break it. */
export interface Target {
  readonly name: string;
  /** The promise, to complete "it is promised that ...". */
  readonly promise: string;
  /** Inputs that the short form makes besides those kept: some seconds' worth on a slow machine. */
  readonly short: number;
  /** Most steps of an input. */
  readonly steps: number;
  /** It mounts a file system. @default false */
  readonly needsRoot?: boolean;
  /** Makes what inputs are run against. It stays for many inputs; what it costs does not matter. */
  start(): Body;
}
