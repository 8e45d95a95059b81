/** A rule list that cannot be understood: what is wrong, in which rule, and what to write instead, in one line. */
export class XattrMapError extends Error {
  override readonly name = 'XattrMapError';
  readonly code = 'ERR_XATTR_MAP';

  /** @param rule - counted from 1; 0 when it is about the list as a whole */
  constructor(
    readonly rule: number,
    problem: string,
  ) {
    super(rule === 0 ? problem : `rule ${rule}: ${problem}`);
  }
}
