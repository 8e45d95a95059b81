import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readCorpus } from './engine/files.js';
import { fuzz } from './engine/fuzzer.js';
import { TARGETS } from './targets/index.js';

const CORPUS = fileURLToPath(new URL('corpus', import.meta.url));
const SEED = 1;

// The short form: what was kept, and a fixed number of inputs made of it. fuzz.mjs is for hours.
describe('it is promised', () => {
  it.each(TARGETS)('that $promise ($name)', { timeout: 600_000 }, async (target) => {
    const kept = readCorpus(CORPUS, target.name);
    const most = kept.length + target.short;
    const { failure, executions } = await fuzz({
      target,
      seed: SEED,
      kept,
      goOn: (progress) => progress.executions < most,
    });
    if (failure) throw failure.error;
    expect(executions).toBeGreaterThanOrEqual(most);
  });
});
