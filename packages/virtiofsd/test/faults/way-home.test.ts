import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { mustReturn } from '../../src/passthrough/way-home.js';
import { temporaryDirectory } from '../support/fixture.js';

const ENDLESS = fileURLToPath(new URL('../support/no-way-home.mjs', import.meta.url));
const isRoot = process.geteuid!() === 0;

describe('the way back to the own identity', () => {
  it('is tried again when it fails', () => {
    const results = [-12, -12, 0];
    mustReturn('setresuid', () => results.shift()!);
    expect(results).toEqual([]);
  });

  it.runIf(isRoot)('ends the process when there is none: it never serves as somebody else', () => {
    const { signal, stderr } = spawnSync(process.execPath, [ENDLESS, temporaryDirectory()], {
      encoding: 'utf8',
    });
    expect(stderr).toContain('cannot become again who it was: setresuid failed with errno 12');
    expect(signal).toBe('SIGABRT');
  });
});
