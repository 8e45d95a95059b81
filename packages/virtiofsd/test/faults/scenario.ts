import type { World } from './world.js';

/** A request, ready to be made; and made again, if it fails. */
export interface Attempt {
  request(): Promise<unknown>;
  /** Looks whether what was asked for has been done. `errno`: the name of the error that the request has met all the same. */
  verify?(errno: string): void;
}

/** What a scenario's system calls depend on: it is run only where that makes a difference. */
export type Trait = 'creates' | 'data' | 'attributes' | 'xattrs' | 'opens' | 'locks' | 'names';

/** One kind of request, in a situation that leads to certain system calls. */
export interface Scenario {
  readonly name: string;
  readonly traits: readonly Trait[];
  /** What was made exclusively is in the way of a second attempt, should the first have failed after that. */
  readonly exclusive?: boolean;
  /** Makes everything ready, in the directory of the world. */
  prepare(world: World): Promise<Attempt>;
}
