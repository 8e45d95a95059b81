import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readRegressions } from './engine/files.js';
import { kindOf, Runner } from './engine/runner.js';
import { targetNamed } from './targets/index.js';

const REGRESSIONS = readRegressions(fileURLToPath(new URL('regressions', import.meta.url)));

const isRoot = process.geteuid!() === 0;

describe('an input that once broke a promise does so no more', () => {
  for (const { target: name, name: file, input } of REGRESSIONS) {
    const target = targetNamed(name);
    it.skipIf(target.needsRoot && !isRoot)(`${name}, ${file}`, async () => {
      using runner = new Runner(target);
      const { error } = await runner.run(input);
      expect(error === undefined ? 'the promise holds' : kindOf(error)).toBe('the promise holds');
    });
  }
});
