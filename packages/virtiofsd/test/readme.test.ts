import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { run } from './support/daemon.js';

it('the README has the options as --help prints them', async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  expect(readme).toContain((await run(['--help'])).stdout);
});
