/** Whether something works here; `note` is for what does not, but is not asked for either. */
export type Verdict = 'ok' | 'note' | 'bad';

/** What was found out about one thing. */
export interface Finding {
  /** The thing: a word or two. */
  readonly topic: string;
  readonly verdict: Verdict;
  /** What there is, lower case, no full stop. */
  readonly text: string;
  /** What to do about it. */
  readonly fix?: string;
}

export function ok(topic: string, text: string): Finding {
  return { topic, verdict: 'ok', text };
}

/** Something that does not work, which is bad when the options need it. */
export function lacking(topic: string, needed: boolean, text: string, fix: string): Finding {
  return { topic, verdict: needed ? 'bad' : 'note', text, fix };
}
