/** A promise that was broken. */
export class BrokenPromise extends Error {
  override readonly name = 'BrokenPromise';
}

/** @throws BrokenPromise unless `condition` holds */
export function promised(condition: boolean, what: string | (() => string)): asserts condition {
  if (!condition) throw new BrokenPromise(typeof what === 'string' ? what : what());
}

/** An error that no documented class describes, with what led to it. */
export function undocumented(error: unknown, context: string): BrokenPromise {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new BrokenPromise(`${text} (${context})`, { cause: error });
}

/** What a message says, without what it is about: there are only few of them. */
export function gist(message: string): string {
  return message
    .replace(/'.*'/s, '_')
    .replaceAll(/0x[0-9a-f]+|[^a-zA-Z _-]+/g, '_')
    .slice(0, 60);
}
