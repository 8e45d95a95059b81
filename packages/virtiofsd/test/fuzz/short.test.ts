import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readCorpus } from './engine/files.js';
import { fuzz, type Progress } from './engine/fuzzer.js';
import { TARGETS } from './targets/index.js';

const CORPUS = fileURLToPath(new URL('corpus', import.meta.url));
const SEED = 1;

const isRoot = process.geteuid!() === 0;

// The short form: what was kept, and a fixed number of inputs made of it. fuzz.mjs is for hours.
describe('it is promised', () => {
  for (const target of TARGETS) {
    const test = it.skipIf(target.needsRoot && !isRoot);
    test(`that ${target.promise} (${target.name})`, { timeout: 600_000 }, async () => {
      const kept = readCorpus(CORPUS, target.name);
      const most = kept.length + target.short;
      const goOn = ({ executions }: Progress) => executions < most;
      const { failure, executions } = await fuzz({ target, seed: SEED, kept, goOn });
      if (failure) throw failure.error;
      expect(executions).toBeGreaterThanOrEqual(most);
    });
  }
});
