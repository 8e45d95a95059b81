import { expect, test } from 'vitest';
import { generateViews } from '../tools/generate-views.js';

test('views.ts is what the generator makes of structs.ts', async () => {
  await expect(generateViews()).toMatchFileSnapshot('../src/abi/views.ts');
});
