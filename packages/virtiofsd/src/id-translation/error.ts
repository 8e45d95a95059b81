/** Translations that cannot be understood or contradict each other: what is wrong and what to write instead, in one line. */
export class IdTranslationError extends Error {
  override readonly name = 'IdTranslationError';
  readonly code = 'ERR_ID_TRANSLATION';
}
