import type { Found } from '../transcript.js';

/** What a difference means for who runs the daemon. */
export type Verdict =
  /** Another way to the same end: no guest notices. */
  | 'equal'
  /** On purpose, and the reason is given. */
  | 'better'
  /** The Rust daemon has something that this one lacks. */
  | 'not yet';

/** A difference between the two daemons that is known and explained. */
export interface Difference {
  /** One line, as a heading. */
  readonly title: string;
  readonly verdict: Verdict;
  /** What it means, for an administrator. */
  readonly text: string;
  /** Where it shows. */
  readonly seen: readonly Seen[];
}

/** A pattern for what is found: `*` stands for any text. */
export interface Seen {
  /** The script, a colon, and the label of the request. */
  readonly at: string;
  /** Of replies that succeed with both. */
  readonly field?: string;
  readonly rust: string;
  readonly ours: string;
}

/** Differences that belong together. */
export interface Subject {
  readonly title: string;
  readonly differences: readonly Difference[];
}

export function matches(seen: Seen, found: Found): boolean {
  return (
    (seen.field === undefined) === (found.field === undefined) &&
    like(seen.field ?? '', found.field ?? '') &&
    like(seen.at, found.at) &&
    like(seen.rust, found.rust) &&
    like(seen.ours, found.ours)
  );
}

function like(pattern: string, text: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(text);
}
