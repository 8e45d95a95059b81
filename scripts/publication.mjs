// @ts-check
/**
 * Writes into the package.json of every package where its sources are, for a publication:
 *
 *     node scripts/publication.mjs https://HOST/OWNER/REPOSITORY
 *
 * The sources themselves do not say so: whoever publishes knows it, and the provenance has to agree.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { main } from './lib/main.mjs';
import { packages } from './lib/workspace.mjs';

main(async ([address, ...others]) => {
  if (address === undefined || others.length > 0)
    throw new Error('give one address: https://HOST/OWNER/REPOSITORY');
  const { protocol, href } = new URL(address);
  if (protocol !== 'https:') throw new Error(`'${address}' is no https address`);
  const url = href.replace(/\/+$/, '').replace(/\.git$/, '');
  for (const { folder } of packages()) {
    const file = join(folder, 'package.json');
    const directory = `packages/${basename(folder)}`;
    const manifest = {
      ...JSON.parse(readFileSync(file, 'utf8')),
      repository: { type: 'git', url: `git+${url}.git`, directory },
      homepage: `${url}/tree/main/${directory}#readme`,
      bugs: `${url}/issues`,
    };
    writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
  }
});
