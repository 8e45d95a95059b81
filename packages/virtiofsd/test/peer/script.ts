import type { Guest } from './guest.js';

/** Requests that are made of both daemons alike. */
export interface Script {
  readonly name: string;
  /** Options of the daemon, which both know by the same names. */
  readonly options?: readonly string[];
  /** What INIT offers before the script is run; null: the script makes its own. @default what Linux offers */
  readonly offer?: { readonly flags?: number; readonly flags2?: number } | null;
  /** Fills the folder. What stands in it must depend on nothing but this. */
  prepare?(directory: string): void;
  run(guest: Guest): Promise<void>;
}
