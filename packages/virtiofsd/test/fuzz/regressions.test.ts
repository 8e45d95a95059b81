import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readRegressions } from './engine/files.js';
import { kindOf, Runner } from './engine/runner.js';
import { targetNamed } from './targets/index.js';

const REGRESSIONS = readRegressions(fileURLToPath(new URL('regressions', import.meta.url)));

describe('an input that once broke a promise does so no more', () => {
  it.each(REGRESSIONS)('$target, $name', async ({ target, input }) => {
    using runner = new Runner(targetNamed(target));
    const { error } = await runner.run(input);
    expect(error === undefined ? 'the promise holds' : kindOf(error)).toBe('the promise holds');
  });
});
