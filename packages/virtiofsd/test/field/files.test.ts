import { expect, it } from 'vitest';
import { FIELD_FILES, optionsDocument } from '../../tools/field/files.js';

it.each(Object.keys(FIELD_FILES))(
  'share/%s is what the option table makes it (npm run generate:field)',
  async (path) => {
    await expect(FIELD_FILES[path]!()).toMatchFileSnapshot(`../../share/${path}`);
  },
);

it('docs/options.md is what the option table makes it (npm run generate:field)', async () => {
  await expect(optionsDocument()).toMatchFileSnapshot('../../../../docs/options.md');
});
