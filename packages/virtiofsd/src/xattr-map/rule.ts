/** What a rule does with a name that it matches. */
export type RuleType =
  /** Toward the host, `prepend` is put before the name; toward the guest, it is taken away. */
  | 'prefix'
  /** The name stays as it is. */
  | 'ok'
  /** EPERM for the guest (ENODATA where it reads); hidden from its lists. */
  | 'bad'
  /** ENOTSUP for the guest; hidden from its lists. */
  | 'unsupported';

/** One rule. The first that matches a name decides. */
export interface Rule {
  readonly type: RuleType;
  /** Matches names that the guest uses, by `key`. */
  readonly client: boolean;
  /** Matches names in the host's lists, by `prepend`. */
  readonly server: boolean;
  /** How names of the guest begin. */
  readonly key: Uint8Array;
  /** How names of the host begin. */
  readonly prepend: Uint8Array;
}

export const NOTHING = new Uint8Array(0);

/**
 * What `map` stands for: `key` and what begins with it has `prepend` before it on the host, both are out of reach otherwise, and
 * all else stays as it is; or, with an empty key, everything has `prepend` before it and nothing else is seen.
 */
export function expandMap(key: Uint8Array, prepend: Uint8Array): Rule[] {
  const both = { client: true, server: true };
  const rules: Rule[] = [{ type: 'prefix', ...both, key, prepend }];
  if (key.length === 0) {
    rules.push({ type: 'bad', ...both, key: NOTHING, prepend: NOTHING });
  } else {
    rules.push({ type: 'bad', ...both, key: prepend, prepend: key });
    rules.push({ type: 'ok', ...both, key: NOTHING, prepend: NOTHING });
  }
  return rules;
}
